/**
 * Log-bucket histograms of times, after DDSketch (Masson et al., 2019): any quantile comes back within 1 % of the sample
 * it stands for, up to 17 hours. Bins hold whole counts, so histograms merge by adding and are exact in any order.
 */
export const BINS = 1024
const smallest = 1e-4 // s; shorter times fall into the first bin
const growth = 1.02 // of bin borders: ±1 %
const inverseLogGrowth = 1 / Math.log(growth)

/** Bin of a time [s]. */
export function binOf(time: number): number {
  if (time <= smallest) return 0
  const bin = Math.ceil(Math.log(time / smallest) * inverseLogGrowth)
  return bin < BINS ? bin : BINS - 1
}

/** Middle of a bin [s], in the sense that both of its borders are within 1 % of it. */
export function binTime(bin: number): number {
  return smallest * Math.exp(bin / inverseLogGrowth) * (2 / (1 + growth))
}

/** One merged histogram, for reading. */
export interface Histogram {
  counts: Float64Array
  count: number
}

export function emptyHistogram(): Histogram {
  return { counts: new Float64Array(BINS), count: 0 }
}

/** Adds the bins that start at `offset` of a column of counts. */
export function merge(histogram: Histogram, counts: Int32Array | Float64Array, offset: number): void {
  for (let bin = 0; bin < BINS; bin++) {
    const count = counts[offset + bin] ?? 0
    if (count === 0) continue
    histogram.counts[bin] = (histogram.counts[bin] as number) + count
    histogram.count += count
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

/** 95 % interval of a quantile [s], by the normal approximation of the rank; `null` below 20 samples. */
export function quantileInterval(histogram: Histogram, part: number): { low: number; high: number } | null {
  const { count } = histogram
  if (count < 20) return null
  const spread = 1.96 * Math.sqrt(count * part * (1 - part))
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
