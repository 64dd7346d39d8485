/** Latency over time as a heatmap: how many samples took how long, column by column of simulated time. */
import type { LatencyHeat, TimingName } from '../../simulation/index'
import { logScale, timeTicks, type Window } from './scale'

/** Samples by bucket, over some seconds. */
export interface HeatColumn {
  from: number
  to: number
  /** End of the newest second in it [s]. */
  newest: number
  times: Record<TimingName, ReadonlyMap<number, number>>
}

/** What has been seen of a pool, oldest column first. */
export interface HeatRecord {
  /** Borders of the buckets: see `LatencyHeat`. */
  least: number
  ratio: number
  /** Seconds of a column. */
  width: number
  columns: readonly HeatColumn[]
}

export interface HeatChart {
  timing: TimingName
  least: number
  ratio: number
  window: Window
  columns: readonly { from: number; to: number; counts: ReadonlyMap<number, number>; count: number }[]
  /** Buckets that are drawn, the last one included. */
  lowest: number
  highest: number
  /** Most samples of a second in one cell. */
  most: number
  /** Times that stand at the axis [s]. */
  ticks: number[]
  timeTicks: number[]
}

/** A point that is read: a column, and one of its buckets or all of them. */
export interface HeatReading {
  column: number
  bucket: number | null
}

const mostColumns = 240
/** Fewer look like a barcode. */
const fewestBuckets = 8
const widths = [1, 5, 15, 60, 300, 600]
const timings: readonly TimingName[] = ['ttft', 'e2e', 'itl']

/** Adds the seconds that are new. A run that went back begins anew. */
export function recordHeat(before: HeatRecord | null, heat: LatencyHeat, speed: number): HeatRecord {
  const width = widths.find(each => each >= speed * 0.75) ?? 600
  const last = heat.ends.at(-1) ?? 0
  const kept = before && (before.columns.at(-1)?.newest ?? 0) <= last ? before.columns : []
  const newest = kept.at(-1)?.newest ?? -Infinity
  const columns = [...kept]
  heat.ends.forEach((end, second) => {
    if (end <= newest) return
    const open = columns.at(-1)
    const from = Math.floor((end - 1) / width) * width
    const column = open && end <= open.to ? open : { from, to: from + width, newest: end, times: empty() }
    if (column === open) columns.pop()
    columns.push({ ...column, newest: end, times: withSecond(column.times, heat, second) })
  })
  return { least: heat.least, ratio: heat.ratio, width, columns: columns.slice(-mostColumns) }
}

export function heatChart({ least, ratio, width, columns }: HeatRecord, timing: TimingName, epoch: string): HeatChart {
  const to = columns.at(-1)?.to ?? 0
  const span = [60, 120, mostColumns].map(each => each * width).find(each => to - (columns[0]?.from ?? 0) <= each)
  const window = { from: to - (span ?? mostColumns * width), to }
  const shown = columns
    .filter(column => column.to > window.from)
    .map(({ from, to: end, times }) => ({ from, to: end, counts: times[timing], count: total(times[timing]) }))
  const used = shown.flatMap(({ counts }) => [...counts.keys()])
  const [low, high] = used.length > 0 ? [Math.min(...used), Math.max(...used)] : [30, 30]
  const spare = Math.max(0, fewestBuckets - (high - low + 1))
  const [lowest, highest] = [Math.max(0, low - Math.floor(spare / 2)), high + Math.ceil(spare / 2)]
  const border = (bucket: number) => least * ratio ** bucket
  const ticks = logScale(border(lowest), border(highest + 1)).ticks.filter(
    tick => tick >= border(lowest) && tick <= border(highest + 1),
  )
  const perSecond = ({ from, to: end, counts }: (typeof shown)[number]) =>
    Math.max(0, ...counts.values()) / (end - from)
  return {
    timing,
    least,
    ratio,
    window,
    columns: shown,
    lowest,
    highest,
    most: Math.max(0, ...shown.map(perSecond)),
    ticks,
    timeTicks: timeTicks(window, (Date.parse(epoch) / 1000) % 86_400),
  }
}

/** The times that there are samples of. */
export function sampled({ columns }: HeatRecord): TimingName[] {
  return timings.filter(timing => columns.some(({ times }) => times[timing].size > 0))
}

/** Borders of a bucket [s]. */
export function bordersOf({ least, ratio }: Pick<HeatChart, 'least' | 'ratio'>, bucket: number): [number, number] {
  return [least * ratio ** bucket, least * ratio ** (bucket + 1)]
}

/** Upper border of the bucket below which this part of the samples lies [s]; `null` without any. */
export function within(chart: HeatChart, counts: ReadonlyMap<number, number>, part: number): number | null {
  const wanted = Math.ceil(total(counts) * part)
  if (wanted === 0) return null
  let seen = 0
  for (const bucket of [...counts.keys()].sort((a, b) => a - b)) {
    seen += counts.get(bucket) ?? 0
    if (seen >= wanted) return bordersOf(chart, bucket)[1]
  }
  return null
}

/** All columns together. */
export function together({ columns }: HeatChart): ReadonlyMap<number, number> {
  const all = new Map<number, number>()
  for (const { counts } of columns)
    for (const [bucket, count] of counts) all.set(bucket, (all.get(bucket) ?? 0) + count)
  return all
}

/** The bucket that has most. */
export function fullest(counts: ReadonlyMap<number, number>): number | null {
  let best: number | null = null
  for (const [bucket, count] of counts) if (count > (best === null ? 0 : (counts.get(best) ?? 0))) best = bucket
  return best
}

/** Left and right go from column to column, up and down from bucket to bucket; `null` for other keys. */
export function heatReadingAfter(chart: HeatChart, reading: HeatReading | null, key: string): HeatReading | null {
  const last = chart.columns.length - 1
  if (last < 0) return null
  const { column, bucket } = reading ?? { column: last + 1, bucket: null }
  const to = (next: number): HeatReading => ({ column: Math.min(last, Math.max(0, next)), bucket })
  const up = (step: number): HeatReading => {
    const at = Math.min(last, column)
    const counts = chart.columns[at]?.counts ?? new Map<number, number>()
    const start = bucket === null ? (fullest(counts) ?? chart.lowest) : bucket + step
    return { column: at, bucket: Math.min(chart.highest, Math.max(chart.lowest, start)) }
  }
  switch (key) {
    case 'ArrowLeft':
      return to(column - 1)
    case 'ArrowRight':
      return to(column + 1)
    case 'Home':
      return to(0)
    case 'End':
      return to(last)
    case 'ArrowUp':
      return up(1)
    case 'ArrowDown':
      return up(-1)
    default:
      return null
  }
}

export function total(counts: ReadonlyMap<number, number>): number {
  let sum = 0
  for (const count of counts.values()) sum += count
  return sum
}

function empty(): HeatColumn['times'] {
  return { ttft: new Map(), itl: new Map(), e2e: new Map() }
}

function withSecond(times: HeatColumn['times'], heat: LatencyHeat, second: number): HeatColumn['times'] {
  const next = { ...times }
  for (const timing of timings) {
    const { first, counts } = heat.times[timing]
    const merged = new Map(times[timing])
    counts[second]?.forEach((count, index) => {
      if (count > 0) merged.set(first + index, (merged.get(first + index) ?? 0) + count)
    })
    next[timing] = merged
  }
  return next
}
