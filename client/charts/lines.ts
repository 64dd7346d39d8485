/** Lines over simulated time: from the history to what is drawn, without knowing who draws it. */
import type { FleetView } from '../../simulation/index'
import type { RunHistory } from '../stores/history'
import { gapsOf } from './gaps'
import { everything, membersOf, type Filter, type Member } from './members'
import { linearScale, logScale, nearOneScale, timeTicks, windowOf, type Scale, type Window } from './scale'
import type { Grouping, Subject } from './subjects'

export interface Line extends Member {
  /** Newest value in the window; `null` where there is none, or it is withheld. */
  last: number | null
  /** Its samples where it is withheld because of them. */
  few: number | null
}

export interface LineChart {
  subject: Subject
  by: Grouping
  window: Window
  /** The right end is the newest point there is, and moves with it. */
  follows: boolean
  scale: Scale
  timeTicks: number[]
  /** Second of the day, UTC, at time 0. */
  offset: number
  /** From one point before the window to one after it. */
  time: Float64Array
  lines: Line[]
  /** Times between points in which nothing is known. */
  gaps: Window[]
}

export interface LineSource {
  /** `null` before it is known: the axes then stand without lines. */
  fleet: FleetView | null
  history: RunHistory
  speed: number
  /** What all charts are zoomed to. */
  span?: Window | null
  filter?: Filter
}

export function lineChart(subject: Subject, by: Grouping, source: LineSource): LineChart {
  const { fleet, history, speed, span, filter = everything } = source
  const window = span ?? windowOf(history.time, speed)
  const first = firstInside(history.time, window.from) - 1
  const past = firstInside(history.time, window.to + 1e-6) + (span ? 1 : 0)
  const cut = (column: Float64Array) => column.subarray(Math.max(0, first), past)
  const members = fleet ? membersOf(subject, by, { fleet, history, filter }) : []
  const time = cut(history.time)
  const last = firstInside(time, window.to + 1e-6) - 1
  const lines = members.map(member => lineOf(subject, member, { cut, last }))
  const offset = fleet ? secondOfDay(fleet.epoch) : 0
  return {
    subject,
    by,
    window,
    follows: !span,
    scale: scaleOf(subject, lines),
    timeTicks: timeTicks(window, offset),
    offset,
    time,
    lines,
    gaps: gapsOf(time, lines),
  }
}

/** Places of the points within the window, oldest first. */
export function pointsIn({ time, window }: LineChart): number[] {
  const first = firstInside(time, window.from)
  const count = Math.max(0, firstInside(time, window.to + 1e-6) - first)
  return Array.from({ length: count }, (_, index) => first + index)
}

/** Place of the last point at or before a time; -1 where there is none. */
export function pointAt(chart: LineChart, time: number): number {
  return firstInside(chart.time, time + 1e-6) - 1
}

/** Values of each line at a time: those of the last point at or before it. */
export function valuesAt(chart: LineChart, time: number): (number | null)[] {
  const point = pointAt(chart, time)
  return chart.lines.map(line => known(line.values[point]))
}

/** Pairs of time and place of a line, as it is drawn; NaN is a gap. */
export function pairsOf({ time, scale }: LineChart, values: Float64Array): Float64Array {
  const points = new Float64Array(time.length * 2)
  time.forEach((at, index) => {
    const place = scale.place(values[index] ?? NaN)
    points[index * 2] = at
    points[index * 2 + 1] = Number.isFinite(place) ? place : NaN
  })
  return points
}

export function known(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}

interface Cut {
  cut: (column: Float64Array) => Float64Array
  /** Point at the right end. */
  last: number
}

function lineOf(subject: Subject, member: Member, { cut, last }: Cut): Line {
  const counts = member.counts ? cut(member.counts) : null
  const fewest = subject.samples?.fewest ?? 0
  const values = counts ? withheld(cut(member.values), counts, fewest) : cut(member.values)
  const { interval } = member
  const count = known(counts?.[last])
  return {
    ...member,
    values,
    counts,
    interval: interval && { low: cut(interval.low), high: cut(interval.high) },
    last: known(values[last]),
    few: count !== null && count > 0 && count < fewest ? count : null,
  }
}

/** A percentile of few samples is no figure. */
function withheld(values: Float64Array, counts: Float64Array, fewest: number): Float64Array {
  return counts.some(count => count < fewest)
    ? values.map((value, index) => ((counts[index] ?? NaN) < fewest ? NaN : value))
    : values
}

function scaleOf({ axis }: Subject, lines: Line[]): Scale {
  let lowest = Infinity
  let highest = -Infinity
  const columns = lines.flatMap(({ values, interval }) => (interval ? [values, interval.low, interval.high] : [values]))
  for (const column of columns)
    for (const value of column) {
      if (value > 0 && value < lowest) lowest = value
      if (value > highest) highest = value
    }
  switch (axis) {
    case 'share':
      return linearScale(0.96)
    case 'near-one':
      return nearOneScale(lowest)
    case 'log':
      return logScale(lowest, highest)
    case 'zero':
      return linearScale(highest)
  }
}

/** Columns are sorted by time. */
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

function secondOfDay(epoch: string): number {
  return (Date.parse(epoch) / 1000) % 86_400
}
