/** Spans that charts are zoomed to. Pure; times in simulated seconds. */
import type { Window } from './scale'

/** No narrower than this [s]. */
const narrowest = 10

/** A window so many times as wide around a time that keeps its place; `null` once it holds all there is. */
export function zoomAround({ from, to }: Window, at: number, factor: number, whole: Window): Window | null {
  const width = Math.max(narrowest, (to - from) * factor)
  if (width >= whole.to - whole.from) return null
  const part = to > from ? (at - from) / (to - from) : 0.5
  return inside({ from: at - part * width, to: at + (1 - part) * width }, whole)
}

/** What was dragged over, in either direction; `null` where that is a click rather than a span. */
export function spanBetween(start: number, end: number, whole: Window): Window | null {
  const [from, to] = [Math.min(start, end), Math.max(start, end)]
  if (to - from <= 0) return null
  const missing = Math.max(0, narrowest - (to - from)) / 2
  return inside({ from: from - missing, to: to + missing }, whole)
}

/** Moved by a part of its width. */
export function shifted({ from, to }: Window, part: number, whole: Window): Window {
  const by = (to - from) * part
  return inside({ from: from + by, to: to + by }, whole)
}

/** Moved, not cut, where it would hang over; a span wider than the whole is the whole. */
function inside({ from, to }: Window, whole: Window): Window {
  const width = Math.min(to - from, Math.max(narrowest, whole.to - whole.from))
  const start = Math.max(whole.from, Math.min(from, whole.to - width))
  return { from: start, to: start + width }
}
