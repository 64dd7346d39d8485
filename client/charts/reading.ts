/** Reading a chart by keyboard: point by point, line by line. Pure. */
import { known, pointAt, pointsIn, type LineChart } from './lines'
import type { Window } from './scale'

export interface Reading {
  time: number
  line: string
  /** Where a selection began; `null` while nothing is selected. */
  from: number | null
  /** The mark that is read, by its id. */
  mark?: string
}

/** The mark before or after, among those of `window`, oldest first: several may lie at one time, and each is met. */
export function markAfter<Mark extends { id: string; time: number }>(
  marks: readonly Mark[],
  window: Window,
  before: Reading | null,
  way: 1 | -1,
): Mark | null {
  const inside = marks.filter(({ time }) => time >= window.from && time <= window.to)
  const here = inside.findIndex(({ id }) => id === before?.mark)
  if (here >= 0) return inside[here + way] ?? null
  const at = before?.time ?? window.to
  const next = way < 0 ? inside.findLast(({ time }) => time <= at) : inside.find(({ time }) => time >= at)
  return next ?? null
}

/** Where a key leads to; `null` where it leads nowhere. Up and down go by value at that time, as the lines lie on the screen. */
export function readingAfter(
  chart: LineChart,
  before: Reading | null,
  { key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>,
): Reading | null {
  const { time, lines, window } = chart
  const inside = pointsIn(chart)
  const [first, last] = [inside[0], inside.at(-1)]
  if (first === undefined || last === undefined || lines.length === 0) return null
  const point = before ? Math.max(first, Math.min(last, pointAt(chart, before.time))) : last
  const line = lines.find(({ id }) => id === before?.line) ?? lines[0]
  const steps: Record<string, number> = {
    ArrowLeft: before ? Math.max(first, point - 1) : last,
    ArrowRight: before ? Math.min(last, point + 1) : last,
    Home: first,
    End: last,
  }
  const to = steps[key]
  if (to !== undefined && line) {
    const from = shiftKey ? (before?.from ?? time[point] ?? null) : null
    return { time: time[to] ?? window.to, line: line.id, from }
  }
  const way = { ArrowUp: 1, ArrowDown: -1 }[key]
  if (way === undefined || !line) return null
  const order = lines.toSorted((a, b) => heightAt(a.values, point) - heightAt(b.values, point))
  const next = before ? order[order.indexOf(line) + way] : line
  return { time: time[point] ?? window.to, line: (next ?? line).id, from: before?.from ?? null }
}

function heightAt(values: Float64Array, point: number): number {
  return known(values[point]) ?? -Infinity
}
