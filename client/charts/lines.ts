/** One line per family over simulated time: from the history to what is drawn, without knowing who draws it. */
import type { FleetView, Family } from '../../simulation/index'
import type { FamilySeries, RunHistory } from '../stores/history'
import { digits, duration, type Kind } from '../format'
import { linearScale, logScale, timeTicks, windowOf, type Scale, type Window } from './scale'

export interface LineSubject {
  title: string
  metric: FamilySeries
  /** Of the digits at the line's end and on the axis. */
  kind: Kind
  /** In the head, in words. */
  unit: string
  log: boolean
}

export interface Line {
  id: Family
  name: string
  /** Pairs of time and place; NaN is a gap. */
  points: Float64Array
  /** Newest value, and where it is drawn; `null` when there is none. */
  last: number | null
}

export interface LineChart {
  window: Window
  scale: Scale
  timeTicks: number[]
  /** Second of the day, UTC, at time 0. */
  offset: number
  lines: Line[]
}

export const subjects: LineSubject[] = [
  { title: 'p95 TTFT', metric: 'ttftP95', kind: 'milliseconds', unit: 'ms, log', log: true },
  { title: 'p95 ITL', metric: 'itlP95', kind: 'milliseconds', unit: 'ms, log', log: true },
  { title: 'Output tokens', metric: 'outputTokens', kind: 'tokens', unit: 'tok/s', log: false },
  { title: 'Cost', metric: 'costPerMtok', kind: 'costPerMtok', unit: '$/Mtok', log: false },
  { title: 'Power', metric: 'power', kind: 'megawatts', unit: 'MW', log: false },
  { title: 'Saturation', metric: 'saturation', kind: 'level', unit: '%', log: false },
]

export function lineChart(
  subject: LineSubject,
  fleet: FleetView | null,
  history: RunHistory,
  speed: number,
): LineChart {
  const families = fleet?.families ?? []
  const window = windowOf(history.time, speed)
  const first = firstInside(history.time, window.from)
  const time = history.time.subarray(first)
  const values = families.map((_, index) => history.family(index, subject.metric).subarray(first))
  const scale = scaleOf(subject, values)
  const offset = fleet ? secondOfDay(fleet.epoch) : 0
  const lines = families.map((family, index): Line => {
    const column = values[index] ?? new Float64Array()
    return { id: family.id, name: family.name, points: pairs(time, column, scale), last: newest(column) }
  })
  return { window, scale, timeTicks: timeTicks(window, offset), offset, lines }
}

/** Values of each line at a time: those of the last point at or before it. */
export function valuesAt(subject: LineSubject, fleet: FleetView, history: RunHistory, time: number): (number | null)[] {
  const index = firstInside(history.time, time + 1e-6) - 1
  return fleet.families.map((_, family) => known(history.family(family, subject.metric)[index]))
}

/** The chart in one sentence, for those who do not see it. */
export function lineSentence(subject: LineSubject, chart: LineChart): string {
  const newest = chart.lines
    .filter(line => line.last !== null)
    .map(line => `${line.name} ${digits(subject.kind, line.last)}`)
  const span = duration(chart.window.to - chart.window.from)
  return `${subject.title} by family over ${span}, ${subject.unit}. Now: ${newest.join(', ') || 'no data'}.`
}

function scaleOf(subject: LineSubject, columns: Float64Array[]): Scale {
  let lowest = Infinity
  let highest = -Infinity
  for (const column of columns)
    for (const value of column) {
      if (value > 0 && value < lowest) lowest = value
      if (value > highest) highest = value
    }
  if (subject.metric === 'saturation') return linearScale(0.96)
  return subject.log ? logScale(lowest, highest) : linearScale(highest)
}

function pairs(time: Float64Array, column: Float64Array, scale: Scale): Float64Array {
  const points = new Float64Array(time.length * 2)
  time.forEach((at, index) => {
    const place = scale.place(column[index] ?? NaN)
    points[index * 2] = at
    points[index * 2 + 1] = Number.isFinite(place) ? place : NaN
  })
  return points
}

/** Columns are sorted by time; a chart starts one point early, so that its lines reach the left edge. */
function firstInside(time: Float64Array, from: number): number {
  let low = 0
  let high = time.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((time[middle] ?? 0) < from) low = middle + 1
    else high = middle
  }
  return low
}

function newest(column: Float64Array): number | null {
  return known(column.at(-1))
}

function known(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}

function secondOfDay(epoch: string): number {
  return (Date.parse(epoch) / 1000) % 86_400
}
