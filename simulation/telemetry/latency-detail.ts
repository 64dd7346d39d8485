import { significant } from './columns'
import type { Figure } from './frame'
import { BINS, emptyHistogram, lowerBorder, merge, quantile } from './histogram'
import { samplesForP99 } from './take-frame'
import { binsOf, E2E, ITL, SLICE, sliceSamples, sumOf, TTFT, WINDOW, windowSamples, type Telemetry } from './telemetry'

/** Percentiles of a time over the window [s], and the samples behind them; `null` without any. */
export interface Percentiles {
  count: number
  p50: Figure
  p90: Figure
  p95: Figure
  /** Withheld below 100 samples. */
  p99: Figure
}

const timings = { ttft: TTFT, itl: ITL, e2e: E2E } as const
export type TimingName = keyof typeof timings

/**
 * Times of each whole second of the window by buckets on a log scale: bucket b holds those above `least` · `ratio`^b and at
 * most `ratio` times as long.
 */
export interface LatencyHeat {
  /** [s] */
  least: number
  ratio: number
  /** When each of these seconds ended [s], the oldest first. */
  ends: number[]
  /** Samples by second, then bucket from `first` on, as far as any has some. */
  times: Record<TimingName, { first: number; counts: number[][] }>
}

/** Bins to a bucket: ten buckets make a decade. */
const binsPerBucket = 12
const buckets = Math.ceil(BINS / binsPerBucket)

/** Percentiles of what some flows served in the window. */
export function percentilesOf(telemetry: Telemetry, flows: readonly number[]): Record<TimingName, Percentiles> {
  return eachTiming(timing => {
    const histogram = emptyHistogram()
    for (const flow of flows)
      if (sumOf(telemetry, flow, timing) > 0)
        merge(histogram, bin => windowSamples(telemetry, binsOf(flow, timing) + bin))
    const { count } = histogram
    const percentile = (part: number): Figure => significant(quantile(histogram, part))
    return {
      count,
      p50: percentile(0.5),
      p90: percentile(0.9),
      p95: percentile(0.95),
      p99: count >= samplesForP99 ? percentile(0.99) : null,
    }
  })
}

export function heatOf(telemetry: Telemetry, flows: readonly number[]): LatencyHeat {
  const { slice } = telemetry
  const first = Math.max(0, slice - WINDOW / SLICE)
  const kept = Array.from({ length: slice - first }, (_, i) => first + i)
  return {
    least: lowerBorder(0),
    ratio: lowerBorder(binsPerBucket) / lowerBorder(0),
    ends: kept.map(each => (each + 1) * SLICE),
    times: eachTiming(timing => {
      const rows = flows.filter(flow => sumOf(telemetry, flow, timing) > 0).map(flow => binsOf(flow, timing))
      return trimmed(kept.map(each => bucketsOf(rows, bin => sliceSamples(telemetry, each, bin))))
    }),
  }
}

function bucketsOf(rows: readonly number[], samples: (bin: number) => number): number[] {
  const counts = Array<number>(buckets).fill(0)
  for (const row of rows) {
    for (let bin = 0; bin < BINS; bin++) {
      const count = samples(row + bin)
      const bucket = Math.floor(bin / binsPerBucket)
      if (count > 0) counts[bucket] = (counts[bucket] ?? 0) + count
    }
  }
  return counts
}

/** From the lowest bucket with samples to the highest. */
function trimmed(counts: number[][]): { first: number; counts: number[][] } {
  const used = (bucket: number): boolean => counts.some(each => (each[bucket] ?? 0) > 0)
  let [first, end] = [0, buckets]
  while (first < end && !used(first)) first++
  while (end > first && !used(end - 1)) end--
  return { first, counts: counts.map(each => each.slice(first, end)) }
}

function eachTiming<Told>(tell: (timing: number) => Told): Record<TimingName, Told> {
  return { ttft: tell(timings.ttft), itl: tell(timings.itl), e2e: tell(timings.e2e) }
}
