import type { Refusal } from '../routing/routing'
import type { TraceFormat, TraceRecord } from './trace'

/** What a whole trace holds. */
export interface TraceInspection {
  format: TraceFormat
  requests: number
  /** Times of the first and the last request, on the clock of the file [s]. */
  first: number
  last: number
  /** Grid that the times stand on, where one is coarse enough to pile requests up [s]; otherwise 0. */
  tick: number
  /** From the first request to the first of the next round, when the trace is replayed over and over [s]. */
  period: number
  /** Requests per second over the period. */
  meanRate: number
  meanPrompt: number
  meanOutput: number
  longestPrompt: number
  longestOutput: number
  /** Requests without output in the file; each is replayed with 1 token. */
  withoutOutput: number
}

/** Sums over the lines read so far; plain data. */
export interface TraceSums {
  requests: number
  first: number
  last: number
  prompts: number
  outputs: number
  longestPrompt: number
  longestOutput: number
  withoutOutput: number
  /** Requests at the time of the one before, or as good as. */
  zeroGaps: number
  /** Requests at the last time, and the most at any one time. */
  pile: number
  highestPile: number
  /** How often each other gap came, in units of `resolution`; `null` once there were too many different ones. */
  gaps: Map<number, number> | null
}

const resolution = 1e-4
/** A trace on ticks has few different gaps; beyond so many it is not on ticks and counting them stops. */
const mostGaps = 4096
/** So many requests at one time would not fit the memory that a replay may use. */
const mostAtOnce = 1_000_000
/** A finer grid is the resolution of the clock: harmless. */
const finestTick = 0.005
const leastZeroGaps = 0.1

export function createSums(): TraceSums {
  return {
    requests: 0,
    first: 0,
    last: 0,
    prompts: 0,
    outputs: 0,
    longestPrompt: 0,
    longestOutput: 0,
    withoutOutput: 0,
    zeroGaps: 0,
    pile: 0,
    highestPile: 0,
    gaps: new Map(),
  }
}

export function addRecord(sums: TraceSums, { time, prompt, output }: TraceRecord): void {
  if (sums.requests === 0) sums.first = time
  addGap(sums, sums.requests === 0 ? null : time - sums.last)
  sums.last = time
  sums.requests++
  sums.prompts += prompt
  sums.outputs += Math.max(1, output)
  sums.longestPrompt = Math.max(sums.longestPrompt, prompt)
  sums.longestOutput = Math.max(sums.longestOutput, output)
  if (output === 0) sums.withoutOutput++
}

/** The inspection, or why requests like these cannot be replayed. */
export function inspect(format: TraceFormat, sums: TraceSums): TraceInspection | Refusal {
  const { requests, first, last } = sums
  if (requests === 0) return { field: 'trace', value: 'no request', expected: 'at least two requests' }
  if (!(last > first))
    return { field: 'trace', value: `${requests} at one time`, expected: 'requests at two times or more' }
  if (sums.highestPile > mostAtOnce)
    return { field: 'trace', value: `${sums.highestPile} at one time`, expected: `at most ${mostAtOnce} at one time` }
  const tick = detectTick(sums)
  const period = last - first + (tick || (last - first) / (requests - 1))
  return {
    format,
    requests,
    first,
    last,
    tick,
    period,
    meanRate: requests / period,
    meanPrompt: sums.prompts / requests,
    meanOutput: sums.outputs / requests,
    longestPrompt: sums.longestPrompt,
    longestOutput: sums.longestOutput,
    withoutOutput: sums.withoutOutput,
  }
}

function addGap(sums: TraceSums, gap: number | null): void {
  sums.pile = gap === 0 ? sums.pile + 1 : 1
  sums.highestPile = Math.max(sums.highestPile, sums.pile)
  if (gap === null) return
  if (gap < finestTick / 2) sums.zeroGaps++
  else if (sums.gaps) countGap(sums, sums.gaps, gap)
}

function countGap(sums: TraceSums, gaps: Map<number, number>, gap: number): void {
  const key = Math.round(gap / resolution)
  gaps.set(key, (gaps.get(key) ?? 0) + 1)
  if (gaps.size > mostGaps) sums.gaps = null
}

/**
 * The grid that the times stand on [s], or 0. On ticks are times of which a tenth or more repeat the one before, and
 * whose other gaps are, 95 in 100, whole multiples of the shortest usual gap within a twentieth of it.
 */
function detectTick({ requests, zeroGaps, gaps }: TraceSums): number {
  if (!gaps || zeroGaps < leastZeroGaps * (requests - 1)) return 0
  const counted = [...gaps].sort(([a], [b]) => a - b)
  const all = requests - 1 - zeroGaps

  // the shortest gap, but for the odd one out in a hundred, and the mean of those near it
  let seen = 0
  const shortest = counted.find(([, count]) => (seen += count) > all / 100)?.[0] ?? 0
  const near = counted.filter(([gap]) => Math.abs(gap - shortest) <= shortest / 10)
  const tick =
    near.reduce((sum, [gap, count]) => sum + gap * count, 0) / near.reduce((sum, [, count]) => sum + count, 0)
  if (!(tick * resolution >= finestTick)) return 0

  const onGrid = counted.filter(([gap]) => gap > tick / 2 && Math.abs(gap - Math.round(gap / tick) * tick) <= tick / 20)
  return onGrid.reduce((sum, [, count]) => sum + count, 0) >= 0.95 * all ? tick * resolution : 0
}
