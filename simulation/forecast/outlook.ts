import { MILLION } from '../units'
import type { Figure } from '../telemetry/frame'
import { BINS, emptyHistogram, mergeFrom, quantile, type Histogram } from '../telemetry/histogram'
import type { Ratio, Tally, Times } from './tally'

/** A figure to come and the interval in which what happens lies nine times in ten; all `null` where nothing can be told. */
export interface Told {
  value: Figure
  low: Figure
  high: Figure
}

/** Of the whole fleet. Attainment and rejected are parts of the requests that leave. */
export const fleetOutlook = [
  'ttftP95',
  'itlP95',
  'goodput',
  'attainment',
  'rejected',
  'costPerMtok',
  'energyPerToken',
  'power',
] as const
export type FleetOutlook = (typeof fleetOutlook)[number]
export type WorkloadOutlook = 'ttftP95' | 'itlP95' | 'goodput' | 'attainment' | 'rejected'
export type PoolOutlook = 'saturation' | 'power'

/** What will come of a run over some seconds; columns as in a frame. */
export interface Outlook {
  seconds: number
  fleet: Record<FleetOutlook, Told>
  workloads: Record<WorkloadOutlook, Told[]>
  pools: Record<PoolOutlook, Told[]>
}

/**
 * What parts of a fleet told, each as blocks of equal length, makes an outlook on the first of these blocks. How far blocks
 * differ says how far what happens may differ from what was told: both are means over as many blocks.
 */
export function outlookOf(parts: readonly (readonly Tally[])[], { blocks, seconds }: OutlookPlan): Outlook {
  const told = Array.from({ length: Math.min(...parts.map(part => part.length)) }, (_, block) =>
    together(parts.flatMap(part => part[block] ?? [])),
  )
  const ask = (figure: (tally: Tally) => Ratio | null, scale = 1): Told => tellRatio(told.map(figure), blocks, scale)
  const times = (pick: (tally: Tally) => (Times | undefined)[]): Told =>
    tellTimes(
      told.map(tally => pick(tally).flatMap(each => each ?? [])),
      blocks,
    )
  const sum = (tally: Tally, pick: (of: NonNullable<Tally['workloads'][number]>) => number): number =>
    tally.workloads.reduce((total, of) => total + (of ? pick(of) : 0), 0)
  const workloads = [...(told[0]?.workloads.keys() ?? [])]
  const pools = [...(told[0]?.pools.keys() ?? [])]
  const ofWorkload = (tally: Tally, index: number) => tally.workloads[index]
  return {
    seconds,
    fleet: {
      ttftP95: times(tally => tally.workloads.map(of => of?.ttft)),
      itlP95: times(tally => tally.workloads.map(of => of?.itl)),
      goodput: ask(tally => ({ over: sum(tally, of => of.good), under: 1 })),
      attainment: ask(tally => ({ over: sum(tally, of => of.good), under: sum(tally, of => of.left) })),
      rejected: ask(tally => ({ over: sum(tally, of => of.rejected), under: sum(tally, of => of.left) })),
      costPerMtok: ask(({ cost }) => cost, MILLION),
      energyPerToken: ask(({ energy }) => energy),
      power: ask(tally => rate(tally.pools.reduce((total, of) => total + (of?.power ?? 0), 0))),
    },
    workloads: {
      ttftP95: workloads.map(index => times(tally => [ofWorkload(tally, index)?.ttft])),
      itlP95: workloads.map(index => times(tally => [ofWorkload(tally, index)?.itl])),
      goodput: workloads.map(index => ask(tally => rate(ofWorkload(tally, index)?.good))),
      attainment: workloads.map(index => ask(tally => part(ofWorkload(tally, index), 'good'))),
      rejected: workloads.map(index => ask(tally => part(ofWorkload(tally, index), 'rejected'))),
    },
    pools: {
      saturation: pools.map(index => ask(tally => rate(tally.pools[index]?.saturation))),
      power: pools.map(index => ask(tally => rate(tally.pools[index]?.power))),
    },
  }
}

export interface OutlookPlan {
  /** How many blocks the outlook is on, and how long these are together [s]. */
  blocks: number
  seconds: number
}

/** What happened in one stretch, as an outlook would put it; without intervals. */
export function figuresOf(tally: Tally): { fleet: Record<FleetOutlook, Figure>; ttftP95: Figure[] } {
  const { fleet, workloads } = outlookOf([[tally]], { blocks: 1, seconds: 0 })
  return {
    fleet: Object.fromEntries(fleetOutlook.map(name => [name, fleet[name].value])) as Record<FleetOutlook, Figure>,
    ttftP95: workloads.ttftP95.map(({ value }) => value),
  }
}

/** Parts of a fleet as one. */
function together(parts: readonly Tally[]): Tally {
  const [first, ...rest] = parts
  if (!first) throw new Error('outlook: no part was told')
  return rest.reduce(
    (all, part) => ({
      workloads: all.workloads.map((of, index) => of ?? part.workloads[index] ?? null),
      pools: all.pools.map((of, index) => of ?? part.pools[index] ?? null),
      cost: add(all.cost, part.cost),
      energy: add(all.energy, part.energy),
    }),
    first,
  )
}

function add(one: Ratio, other: Ratio): Ratio {
  return { over: one.over + other.over, under: one.under + other.under }
}

function rate(figure: Figure | undefined): Ratio | null {
  return figure == null ? null : { over: figure, under: 1 }
}

function part(of: Tally['workloads'][number] | undefined, name: 'good' | 'rejected'): Ratio | null {
  return of ? { over: of[name], under: of.left } : null
}

const nothing: Told = { value: null, low: null, high: null }
/** Half widths that no interval falls below, by the value: bins of times are 2 % wide, and a fork forgets conversations. */
const leastOfTimes = 0.02
const leastOfRates = 0.003
/** Times as wide as blocks without memory would make intervals: queues outlast a block. From 200 changes of the default fleet. */
const memory = 1.17

/** A ratio of means over blocks; its interval from how far blocks are off it (ratio estimator). */
function tellRatio(blocks: readonly (Ratio | null)[], few: number, scale: number): Told {
  const known = blocks.flatMap(block => block ?? [])
  const [all, first] = [known, known.slice(0, few)].map(some => some.reduce(add, { over: 0, under: 0 }))
  if (!all || !first || all.under <= 0 || first.under <= 0) return nothing
  const value = first.over / first.under
  const whole = all.over / all.under
  const deviation = spreadOf(known.map(({ over, under }) => over - whole * under)) / (all.under / known.length)
  const half = Math.max(leastOfRates * value, studentOf(known.length) * deviation * Math.sqrt(2 / few))
  return { value: scale * value, low: scale * Math.max(0, value - half), high: scale * (value + half) }
}

const tail = 0.95

/**
 * A 95th percentile over blocks: the part of a block's samples beyond it varies from block to block, at least as binomial
 * counts do; the interval lies between the percentiles that much to either side.
 */
function tellTimes(blocks: readonly (readonly Times[])[], few: number): Told {
  const histograms = blocks.map(merged)
  const all = merged(blocks.flat())
  const first = blocks.length > few ? merged(blocks.slice(0, few).flat()) : all
  const [value, whole] = [quantile(first, tail), quantile(all, tail)]
  if (value === null || whole === null) return nothing
  const last = binOfTail(all)
  const beyond = binsBeyond(all, last) / all.count
  const mean = all.count / histograms.length
  const samples = blocks.flat().reduce((sum, times) => sum + times.samples, 0) / histograms.length
  const binomial = samples > 0 ? Math.sqrt((tail * (1 - tail)) / samples) : 1
  const spread = spreadOf(histograms.map(each => binsBeyond(each, last) - beyond * each.count)) / mean
  const half = studentOf(histograms.length) * Math.max(spread, binomial) * Math.sqrt(2 / few)
  const low = quantile(first, Math.max(0, tail - half)) ?? value
  const high = quantile(first, Math.min(1, tail + half)) ?? value
  return {
    value,
    low: Math.min(low, value * (1 - leastOfTimes)),
    high: Math.max(high, value * (1 + leastOfTimes)),
  }
}

/** Standard deviation of blocks about a slow change that all futures share: from one to the next (von Neumann). */
function spreadOf(blocks: readonly number[]): number {
  if (blocks.length < 2) return 0
  const square = blocks
    .slice(1)
    .reduce((sum, block, i) => sum + (block - (blocks[i] ?? 0)) * (block - (blocks[i] ?? 0)), 0)
  return memory * Math.sqrt(square / (2 * (blocks.length - 1)))
}

function merged(times: readonly Times[]): Histogram {
  const histogram = emptyHistogram()
  for (const { first, counts } of times) mergeFrom(histogram, first, counts)
  return histogram
}

function binOfTail({ counts, count }: Histogram): number {
  let seen = 0
  return counts.findIndex(samples => (seen += samples) >= Math.ceil(tail * count))
}

function binsBeyond({ counts }: Histogram, last: number): number {
  let sum = 0
  for (let bin = last + 1; bin < BINS; bin++) sum += counts[bin] ?? 0
  return sum
}

/** Student's t, 95 % one-sided, for so many blocks (Cornish and Fisher's expansion). */
function studentOf(blocks: number): number {
  const [z, freedom] = [1.6449, Math.max(1, blocks - 1)]
  return (
    z + (z * z * z + z) / (4 * freedom) + (5 * z * z * z * z * z + 16 * z * z * z + 3 * z) / (96 * freedom * freedom)
  )
}
