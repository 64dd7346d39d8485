/** Charts in words, for those who do not see them. */
import { baseUnit, clock, digits, duration, quantity, text } from '../format'
import type { Sheet } from '../export'
import { known, pointAt, pointsIn, type Line, type LineChart } from './lines'
import type { Grouping, Subject } from './subjects'

export const groupingWords: Record<Grouping, string> = {
  family: 'by family',
  workload: 'by workload',
  pool: 'by pool',
  fleet: 'whole fleet',
}

/** "ms, log": unit and axis, as the head names them. */
export function unitWords({ unit, axis }: Subject): string {
  return axis === 'log' ? `${unit}, log` : unit
}

/** Range, newest values and the largest change, in a few sentences. */
export function chartSentence(chart: LineChart): string {
  const { subject, by, window, lines } = chart
  const say = (value: number | null) => digits(subject.kind, value)
  const head = `${subject.title} ${groupingWords[by]} over ${duration(window.to - window.from)}, ${unitWords(subject)}.`
  const newest = lines.flatMap(({ name, last, few }) =>
    last !== null
      ? [`${name} ${say(last)}`]
      : few !== null
        ? [`${name} withheld, ${digits('count', few)} samples`]
        : [],
  )
  if (newest.length === 0) return `${head} No data.`
  const range = rangeOf(lines)
  const change = largestChange(lines)
  return [
    head,
    range && `Range ${say(range.low)} to ${say(range.high)}.`,
    `${chart.follows ? 'Now' : 'At the end'}: ${newest.join(', ')}.`,
    change && `Largest change: ${change.name} from ${say(change.from)} to ${say(change.to)}.`,
    chart.gaps.length > 0 && `${chart.gaps.length} ${chart.gaps.length === 1 ? 'gap' : 'gaps'} without data.`,
  ]
    .filter(Boolean)
    .join(' ')
}

/** "Trainium, 13:58:20, p95 TTFT 737 ms, 412 samples". */
export function pointSentence(chart: LineChart, line: Line, time: number, epoch: string): string {
  const { subject } = chart
  const point = pointAt(chart, time)
  const at = chart.time[point]
  const value = known(line.values[point])
  const count = known(line.counts?.[point])
  const few = count !== null && count < (subject.samples?.fewest ?? 0)
  const bare = quantity(subject.kind, value).unit === ''
  const figure =
    value === null ? (few ? 'withheld' : 'not known') : text(subject.kind, value) + (bare ? ` ${subject.unit}` : '')
  return [
    line.name,
    clock(epoch, at ?? time),
    `${subject.title} ${figure}`,
    ...intervalWords(chart, line, point),
    ...(count === null ? [] : [`${digits('count', count)} samples`]),
  ].join(', ')
}

function intervalWords({ subject }: LineChart, { interval }: Line, point: number): string[] {
  const [low, high] = [known(interval?.low[point]), known(interval?.high[point])]
  if (low === null || high === null) return []
  return [`95 % interval ${digits(subject.kind, low)} to ${text(subject.kind, high)}`]
}

/** Every point of the window in base units, with samples and intervals where there are some. */
export function chartSheet(chart: LineChart, epoch: string): Sheet {
  const { subject, by, lines, time } = chart
  const unit = subject.unit.startsWith('requests') ? subject.unit : baseUnit(subject.kind)
  return {
    title: `${subject.title} ${groupingWords[by]}`,
    note: chartSentence(chart),
    columns: [
      { name: 'simulated time', unit: 's' },
      { name: 'clock', unit: 'UTC' },
      ...lines.flatMap(({ name, counts, interval }) => [
        { name: `${name} ${subject.title}`, unit },
        ...(interval ? [low(name), high(name)].map(column => ({ name: column, unit })) : []),
        ...(counts ? [{ name: `${name} samples` }] : []),
      ]),
    ],
    rows: pointsIn(chart).map(point => [
      time[point] ?? null,
      clock(epoch, time[point] ?? 0),
      ...lines.flatMap(({ values, counts, interval }) => [
        known(values[point]),
        ...(interval ? [known(interval.low[point]), known(interval.high[point])] : []),
        ...(counts ? [known(counts[point])] : []),
      ]),
    ]),
  }
}

const low = (name: string) => `${name} 95 % interval, low`
const high = (name: string) => `${name} 95 % interval, high`

function rangeOf(lines: readonly Line[]): { low: number; high: number } | null {
  let [lowest, highest] = [Infinity, -Infinity]
  for (const { values } of lines)
    for (const value of values) {
      if (value < lowest) lowest = value
      if (value > highest) highest = value
    }
  return lowest <= highest ? { low: lowest, high: highest } : null
}

/** From the first value to the newest of the line that moved most, as a ratio. */
function largestChange(lines: readonly Line[]): { name: string; from: number; to: number } | null {
  let largest: { name: string; from: number; to: number; by: number } | null = null
  for (const { name, values, last } of lines) {
    const first = known(values.find(Number.isFinite))
    if (first === null || last === null || first === last) continue
    const by = Math.abs(last - first) / Math.max(Math.abs(first), Math.abs(last))
    if (by > (largest?.by ?? 0.005)) largest = { name, from: first, to: last, by }
  }
  return largest
}
