/** What a sum of terms times coefficients should come to, and how much being off by `scale` weighs. */
export interface Observation {
  terms: readonly number[]
  value: number
  /** Errors count relative to this; the value itself without it. */
  scale?: number
  weight?: number
}

export interface FitOptions {
  /** Bounds of each coefficient; 0 and none without them. */
  lower?: readonly number[]
  upper?: readonly number[]
  /** Values that coefficients are drawn to, as strongly as that part of the observations would. */
  prior?: { values: readonly number[]; strength: number }
  /** The sum saturates here; observations near it do not tell how far above the terms are. */
  limit?: number
}

const rounds = 40
/** Relative error below which an observation pulls no harder [relative]. */
const near = 0.01

/**
 * Coefficients that make Σ terms · coefficients come near each value, the error being relative and its median small:
 * least squares within bounds, reweighted by 1 / √|error| each round (Schlossmacher, 1973), so that outliers count little.
 */
export function fitRelative(observations: readonly Observation[], options: FitOptions = {}): number[] {
  const rows = scaled(observations)
  const size = rows[0]?.terms.length ?? 0
  let coefficients = new Array<number>(size).fill(0)
  let weights = rows.map(({ weight }) => weight)
  for (let round = 0; round < rounds; round++) {
    coefficients = solve(rows, weights, coefficients, options)
    weights = rows.map(row => row.weight * pull(row, dot(row.terms, coefficients), options.limit))
  }
  return coefficients
}

/** What a fit says of terms: their sum, at most the limit. */
export function predict(terms: readonly number[], coefficients: readonly number[], limit = Infinity): number {
  return Math.min(limit, dot(terms, coefficients))
}

interface Row {
  terms: number[]
  /** Value ÷ scale, as the terms are too. */
  target: number
  value: number
  weight: number
}

function scaled(observations: readonly Observation[]): Row[] {
  return observations.map(({ terms, value, scale = value, weight = 1 }) => ({
    terms: terms.map(term => term / scale),
    target: value / scale,
    value,
    weight,
  }))
}

/** Weight of a squared error that makes the sum one of absolute errors; next to none where both are at the limit. */
function pull({ target, value }: Row, sum: number, limit = Infinity): number {
  const scale = value / target
  const over = sum * scale > limit
  const error = Math.abs((over ? limit / scale : sum) - target)
  const weight = 1 / Math.max(error, near)
  return over && value > limit * 0.93 ? weight * 0.0025 : weight
}

/** Weighted least squares within bounds by coordinate descent, which converges as the sum of squares is convex. */
function solve(
  rows: readonly Row[],
  weights: readonly number[],
  start: readonly number[],
  options: FitOptions,
): number[] {
  const size = start.length
  const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0))
  const right = new Array<number>(size).fill(0)
  rows.forEach(({ terms, target }, index) => {
    const weight = weights[index] ?? 0
    for (let i = 0; i < size; i++) {
      const scaledTerm = weight * at(terms, i)
      right[i] = at(right, i) + scaledTerm * target
      const line = matrix[i] ?? []
      for (let j = 0; j < size; j++) line[j] = at(line, j) + scaledTerm * at(terms, j)
    }
  })
  if (options.prior) drawTo(options.prior, matrix, right)
  return descend(matrix, right, start, options)
}

/** Adds the pull of the prior: a coefficient off by its whole prior costs that part of what all rows weigh. */
function drawTo(
  { values, strength }: { values: readonly number[]; strength: number },
  matrix: number[][],
  right: number[],
): void {
  values.forEach((value, i) => {
    const line = matrix[i]
    if (!line || value === 0) return
    const weight = strength * at(line, i)
    line[i] = at(line, i) + weight
    right[i] = at(right, i) + weight * value
  })
}

function descend(
  matrix: readonly number[][],
  right: readonly number[],
  start: readonly number[],
  { lower, upper }: FitOptions,
): number[] {
  const x = [...start]
  for (let sweep = 0; sweep < 20_000; sweep++) {
    let moved = 0
    for (let i = 0; i < x.length; i++) {
      const line = matrix[i] ?? []
      const diagonal = at(line, i)
      if (diagonal === 0) continue
      const wanted = at(x, i) + (at(right, i) - dot(line, x)) / diagonal
      const next = Math.min(upper?.[i] ?? Infinity, Math.max(lower?.[i] ?? 0, wanted))
      moved = Math.max(moved, Math.abs(next - at(x, i)) * Math.sqrt(diagonal))
      x[i] = next
    }
    if (moved < 1e-9) break
  }
  return x
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += at(a, i) * at(b, i)
  return sum
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 0
}
