import { addF64, f64 } from '../columns'

/**
 * Log-bucket histograms of times, after DDSketch (Masson et al., 2019): any quantile comes back within 1 % of the sample
 * it stands for, up to 17 hours. Bins hold whole counts, so histograms merge by adding and are exact in any order.
 */
export const BINS = 1024
const smallest = 1e-4 // s; shorter times fall into the first bin
const growth = 1.02 // of bin borders: ±1 %
const inverseLogGrowth = 1 / Math.log(growth)

/** Upper border of each bin [s]. */
const borders = Float64Array.from({ length: BINS }, (_, bin) => smallest * Math.exp(bin * Math.log(growth)))

/** Times up to here are looked up [s]: in microseconds they fit 31 bits. */
const lookedUp = 2000

/** First bin of the times whose microseconds begin with the same eight binary digits: less than a bin's width of them. */
const guesses = Uint16Array.from({ length: 31 * 128 }, (_, index) => {
  const low = ((128 + (index % 128)) * Math.exp(Math.floor(index / 128) * Math.LN2)) / 128 / 1e6
  const bin = borders.findIndex(border => border >= low * (1 - 1e-12))
  return bin < 0 ? BINS - 1 : bin
})

/** Bin of a time [s]. */
export function binOf(time: number): number {
  if (time <= smallest) return 0
  if (time > lookedUp) return Math.min(BINS - 1, Math.ceil(Math.log(time / smallest) * inverseLogGrowth))
  const microseconds = (time * 1e6) | 0
  const zeros = Math.clz32(microseconds)
  let bin = guesses[((31 - zeros) << 7) | (((microseconds << zeros) >>> 24) & 127)] as number
  while (time > f64(borders, bin)) bin++
  return bin
}

/** Middle of a bin [s], in the sense that both of its borders are within 1 % of it. */
export function binTime(bin: number): number {
  return smallest * Math.exp(bin / inverseLogGrowth) * (2 / (1 + growth))
}

/** Lower border of a bin [s]. */
export function lowerBorder(bin: number): number {
  return smallest * Math.exp((bin - 1) / inverseLogGrowth)
}

/** One merged histogram, for reading. */
export interface Histogram {
  counts: Float64Array
  count: number
}

export function emptyHistogram(): Histogram {
  return { counts: new Float64Array(BINS), count: 0 }
}

/** Adds so many samples of each bin. */
export function merge(histogram: Histogram, samples: (bin: number) => number): void {
  for (let bin = 0; bin < BINS; bin++) {
    const count = samples(bin)
    if (count === 0) continue
    histogram.counts[bin] = (histogram.counts[bin] as number) + count
    histogram.count += count
  }
}

/** Adds the samples of the bins from one on. */
export function mergeFrom(histogram: Histogram, first: number, samples: Float64Array): void {
  for (let i = 0; i < samples.length; i++) {
    addF64(histogram.counts, first + i, f64(samples, i))
    histogram.count += f64(samples, i)
  }
}

/** Time below which this part of the samples lies [s]; `null` without samples. */
export function quantile(histogram: Histogram, part: number): number | null {
  return histogram.count === 0 ? null : timeOfRank(histogram, Math.ceil(part * histogram.count))
}

/** Mean of the samples [s], within 1 %; `null` without samples. */
export function mean(histogram: Histogram): number | null {
  if (histogram.count === 0) return null
  return histogram.counts.reduce((sum, count, bin) => sum + count * binTime(bin), 0) / histogram.count
}

/**
 * 95 % interval of a quantile [s], by the normal approximation of the rank; `null` below 20 samples. `samples` says how
 * many there are where counts are weighted.
 */
export function quantileInterval(
  histogram: Histogram,
  part: number,
  samples = histogram.count,
): { low: number; high: number } | null {
  const { count } = histogram
  if (samples < 20) return null
  const spread = 1.96 * count * Math.sqrt((part * (1 - part)) / samples)
  return {
    low: timeOfRank(histogram, Math.max(1, Math.floor(part * count - spread))),
    high: timeOfRank(histogram, Math.min(count, Math.ceil(part * count + spread))),
  }
}

function timeOfRank(histogram: Histogram, rank: number): number {
  let seen = 0
  for (let bin = 0; bin < BINS; bin++) {
    seen += histogram.counts[bin] as number
    if (seen >= rank) return binTime(bin)
  }
  return binTime(BINS - 1)
}
