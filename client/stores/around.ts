/** Figures of the run before and after a change, from the history that the charts draw. Pure. */
import type { RunHistory } from './history'

/** Seconds that are compared; figures look back 15 s, so those right after the change still tell of both sides. */
export const span = 60
export const settling = 15

export interface Sides {
  before: number | null
  after: number | null
}

/** Means over the minute before a time and the minute after the figures have settled; `null` where history has too little. */
export function sidesOf(time: Float64Array, values: Float64Array, at: number): Sides {
  return {
    before: meanBetween(time, values, at - span, at),
    after: meanBetween(time, values, at + settling, at + settling + span),
  }
}

/** Simulated seconds until the minute after is whole; 0 when it is. */
export function awaited(history: RunHistory, at: number): number {
  const now = history.time.at(-1) ?? at
  return Math.max(0, at + settling + span - now)
}

function meanBetween(time: Float64Array, values: Float64Array, from: number, to: number): number | null {
  let sum = 0
  let count = 0
  let [first, last] = [Infinity, -Infinity]
  for (let i = 0; i < time.length; i++) {
    const [at, value] = [time[i] ?? NaN, values[i] ?? NaN]
    if (at <= from || at > to || !Number.isFinite(value)) continue
    sum += value
    count++
    first = Math.min(first, at)
    last = at
  }
  // a part of the minute says little of the whole; at a high speed of the run its points lie seconds apart
  return first <= from + span / 4 && last >= to - span / 4 ? sum / count : null
}
