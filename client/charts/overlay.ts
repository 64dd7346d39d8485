/** What stands over a chart in the page itself: names at the line ends, marks, interval bands. Pure; places in pixels. */
import type { Mark } from '../stores/marks'
import type { Line, LineChart } from './lines'
import type { Margins } from './option'
import type { Window } from './scale'
import { spread } from './spread'

export interface Place {
  width: number
  height: number
}

export interface EndLabel {
  line: Line
  value: number | null
  /** Where the line ends; `null` where no value says. */
  end: number | null
  /** Where its name stands. */
  y: number
}

export interface PlacedMark {
  mark: Mark
  x: number
  /** Left out where the next mark is too close. */
  named: boolean
}

const labelHeight = 14
const nameWidth = 34
/** Marks of one kind that lie closer than this are one. */
const markWidth = 4

/** From a value to its height, from above; held within the plot. */
export function heightOf({ scale }: LineChart, margins: Margins, place: Place): (value: number) => number {
  const height = place.height - margins.top - margins.bottom
  const low = scale.place(scale.min)
  const range = scale.place(scale.max) - low
  return value => {
    const part = (scale.place(value) - low) / range
    return margins.top + height * (1 - (Number.isFinite(part) ? Math.min(1, Math.max(0, part)) : 0))
  }
}

/** From a time to its place across. */
export function acrossOf({ window }: LineChart, margins: Margins, place: Place): (time: number) => number {
  const width = place.width - margins.left - margins.right
  return time => margins.left + ((time - window.from) / (window.to - window.from)) * width
}

/** As many names as have room, those of the largest values and the one that is lit; `more` are left out. */
export function endLabels(
  chart: LineChart,
  { values, lit = null }: { values: (number | null)[]; lit?: string | null },
  margins: Margins,
  place: Place,
): { labels: EndLabel[]; more: number } {
  const height = heightOf(chart, margins, place)
  const top = margins.top - labelHeight / 2
  const bottom = place.height - margins.bottom + labelHeight / 2
  const all = chart.lines.flatMap((line, index) => {
    const value = values[index] ?? null
    return value === null && line.few === null ? [] : [{ line, value, end: value === null ? null : height(value) }]
  })
  const room = Math.max(1, Math.floor((bottom - top) / labelHeight))
  const weight = ({ line, value }: (typeof all)[number]) => (line.id === lit ? Infinity : (value ?? -Infinity))
  const kept = new Set(all.toSorted((a, b) => weight(b) - weight(a)).slice(0, all.length > room ? room - 1 : room))
  const shown = all.filter(label => kept.has(label))
  // the last place says how many are left out
  const floor = all.length > room ? bottom - labelHeight : bottom
  const spans = shown.map(({ end }) => ({ at: end ?? bottom, size: labelHeight }))
  const centres = spread(spans, top, floor)
  return {
    labels: shown.map((label, index) => ({ ...label, y: centres[index] ?? bottom })),
    more: all.length - shown.length,
  }
}

export function placeMarks(chart: LineChart, marks: readonly Mark[], margins: Margins, place: Place): PlacedMark[] {
  const { from, to } = chart.window
  const across = acrossOf(chart, margins, place)
  const last = new Map<Mark['kind'], number>()
  const placed = marks.flatMap(mark => {
    if (mark.time < from || mark.time > to) return []
    const x = across(mark.time)
    if (x - (last.get(mark.kind) ?? -Infinity) < markWidth) return []
    last.set(mark.kind, x)
    return [{ mark, x }]
  })
  const flags = placed.filter(({ mark }) => mark.kind === 'change')
  return placed.map(each => {
    const next = flags[flags.indexOf(each) + 1]
    return { ...each, named: each.mark.kind === 'change' && (next?.x ?? Infinity) - each.x >= nameWidth }
  })
}

/** Outline of the 95 % interval around a line, one piece for each stretch that is known; empty without any. */
export function bandPath(chart: LineChart, line: Line, margins: Margins, place: Place): string {
  const { interval } = line
  if (!interval) return ''
  const across = acrossOf(chart, margins, place)
  const height = heightOf(chart, margins, place)
  const pieces: { low: string[]; high: string[] }[] = []
  let piece: (typeof pieces)[number] | null = null
  chart.time.forEach((time, point) => {
    const [low = NaN, high = NaN] = [interval.low[point], interval.high[point]]
    if (!Number.isFinite(low + high) || !Number.isFinite(line.values[point] ?? NaN)) piece = null
    else {
      if (!piece) pieces.push((piece = { low: [], high: [] }))
      const x = Math.max(margins.left, across(time)).toFixed(1)
      piece.low.push(`${x} ${height(low).toFixed(1)}`)
      piece.high.push(`${x} ${height(high).toFixed(1)}`)
    }
  })
  return pieces.map(({ low, high }) => `M${high.join('L')}L${low.toReversed().join('L')}Z`).join('')
}

/** Stretches across in which nothing is known, cut to the plot. */
export function gapBoxes(chart: LineChart, margins: Margins, place: Place): { x: number; width: number }[] {
  const across = acrossOf(chart, margins, place)
  const cut = ({ from, to }: Window): Window => ({
    from: Math.max(from, chart.window.from),
    to: Math.min(to, chart.window.to),
  })
  return chart.gaps
    .map(cut)
    .filter(({ from, to }) => to > from)
    .map(({ from, to }) => ({ x: across(from), width: Math.max(2, across(to) - across(from)) }))
}
