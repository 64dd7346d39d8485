/** Reading a chart by keyboard: point by point, line by line. Pure. */
import { known, pointAt, pointsIn, type LineChart } from './lines'

export interface Reading {
  time: number
  line: string
  /** Where a selection began; `null` while nothing is selected. */
  from: number | null
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
