/** A figure against itself some time ago. */
export interface Change {
  by: number
  /** Simulated time compared with [s]. */
  since: number
}

const spans = [3600, 600]

/** Against one hour ago, or ten minutes where less is known; `null` without that much history. */
export function changeOf(time: Float64Array, values: Float64Array): Change | null {
  const now = values.at(-1)
  const to = time.at(-1)
  if (now === undefined || to === undefined || !Number.isFinite(now)) return null
  for (const span of spans) {
    const index = time.findLastIndex(at => at <= to - span)
    const then = values[index]
    const since = time[index]
    if (then !== undefined && since !== undefined && Number.isFinite(then)) return { by: now - then, since }
  }
  return null
}

/** Path of a small line in a box of 100 × 100, at most `points` wide; and the height of its end. */
export function sparkPath(values: Float64Array, points = 64): { path: string; end: number | null } {
  const known = values.filter(Number.isFinite)
  if (known.length < 2) return { path: '', end: null }
  const y = heightsOf(known)
  const stride = Math.max(1, Math.ceil(values.length / points))
  let path = ''
  let pen = false
  let end: number | null = null
  // strides count from the end, so that the newest point is always one of them
  for (let index = (values.length - 1) % stride; index < values.length; index += stride) {
    const value = values[index] ?? NaN
    const drawn = Number.isFinite(value)
    if (drawn) path += `${pen ? 'L' : 'M'}${((index / (values.length - 1)) * 100).toFixed(1)} ${y(value).toFixed(1)}`
    pen = drawn
    end = drawn ? y(value) : null
  }
  return { path, end }
}

/** Where values lie in a box of 100, counted from above; noise of a steady figure is not blown up to the full height. */
export function heightsOf(known: Iterable<number>): (value: number) => number {
  let low = Infinity
  let high = -Infinity
  for (const value of known) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const middle = (low + high) / 2
  const range = Math.max(high - low, Math.abs(middle) * 0.06, 1e-12)
  return value => 50 - ((value - middle) / range) * 84
}
