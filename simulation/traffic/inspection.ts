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
  /** Requests at the same time as the one before, and those of them in the present pile. */
  zeroGaps: number
  pile: number
  /** How often each gap came that is not 0, in units of `resolution`. */
  gaps: Map<number, number>
}

const resolution = 1e-4
/** A trace on ticks has few different gaps; beyond so many it is not on ticks and counting them stops. */
const mostGaps = 4096
const highestPile = 1_000_000
const finestTick = 0.005

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
    gaps: new Map(),
  }
}

export function addRecord(sums: TraceSums, { time, prompt, output }: TraceRecord): void {
  if (sums.requests === 0) sums.first = time
  else addGap(sums, time - sums.last)
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
  if (sums.pile > highestPile)
    return { field: 'trace', value: `${sums.pile} at one time`, expected: `at most ${highestPile} at one time` }
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
