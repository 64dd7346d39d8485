/** A sum of squares to be made small: its residuals, and how each depends on each parameter (row by row). */
export interface Problem {
  size: number
  residuals(x: Float64Array): Float64Array
  /** JᵀJ and Jᵀr at the parameters. */
  normal(x: Float64Array): { matrix: Float64Array; gradient: Float64Array }
}

/** Least squares by the damped Gauss-Newton method (Levenberg, 1944; Marquardt, 1963). */
export function leastSquares(problem: Problem, start: Float64Array, rounds: number): Float64Array {
  let x = start
  let cost = squares(problem.residuals(x))
  let damping = 0.01
  for (let round = 0; round < rounds; round++) {
    const { matrix, gradient } = problem.normal(x)
    const before = cost
    for (let attempt = 0; attempt < 12; attempt++) {
      const step = solve(matrix, gradient, damping)
      const next = x.map((value, i) => value - (step[i] ?? 0))
      const reached = squares(problem.residuals(next))
      if (reached < cost) {
        x = next
        cost = reached
        damping = Math.max(damping / 5, 1e-7)
        break
      }
      damping *= 5
    }
    if (before - cost <= 1e-5 * before) break
  }
  return x
}

function squares(residuals: Float64Array): number {
  let sum = 0
  for (const value of residuals) sum += value * value
  return sum
}

/** Solves (A + damping · diag A) s = g by Cholesky's factors; A is symmetric and positive. */
function solve(matrix: Float64Array, gradient: Float64Array, damping: number): Float64Array {
  const size = gradient.length
  const factor = new Float64Array(matrix)
  const read = (i: number, j: number): number => factor[i * size + j] as number
  for (let j = 0; j < size; j++) {
    factor[j * size + j] = read(j, j) * (1 + damping)
    for (let k = 0; k < j; k++) {
      const pivot = read(j, k)
      if (pivot === 0) continue
      for (let i = j; i < size; i++) factor[i * size + j] = read(i, j) - read(i, k) * pivot
    }
    const diagonal = Math.sqrt(read(j, j))
    for (let i = j; i < size; i++) factor[i * size + j] = read(i, j) / diagonal
  }
  const step = new Float64Array(gradient)
  for (let i = 0; i < size; i++) {
    let sum = step[i] as number
    for (let k = 0; k < i; k++) sum -= read(i, k) * (step[k] as number)
    step[i] = sum / read(i, i)
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = step[i] as number
    for (let k = i + 1; k < size; k++) sum -= read(k, i) * (step[k] as number)
    step[i] = sum / read(i, i)
  }
  return step
}
