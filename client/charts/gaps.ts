import type { Window } from './scale'

/** Times from a point where something is known to the next, where nothing is known between the two. Pure. */
export function gapsOf(time: Float64Array, lines: readonly { values: Float64Array }[]): Window[] {
  const gaps: Window[] = []
  let last: number | null = null
  let empty = false
  for (let point = 0; point < time.length; point++) {
    if (!lines.some(({ values }) => Number.isFinite(values[point]))) {
      empty = true
      continue
    }
    const at = time[point] ?? 0
    if (empty && last !== null) gaps.push({ from: last, to: at })
    last = at
    empty = false
  }
  return gaps
}
