import type { Workload } from '../catalog/workloads'
import { createStream, type Stream } from '../random'
import { createArrivals, nextArrival, type ArrivalState } from './arrivals'
import { createSampler, sampleLength, type Sampler } from './lengths'
import { createFeed, feedHorizon, nextRequestTime, takeFed, type TraceFeed } from './trace-feed'

/** The requests of one workload in the order they arrive: drawn from its statistics, fed from a trace, or none. */
export type RequestSource =
  | {
      kind: 'drawn'
      /** Time of the next request [s]. */
      next: number
      arrivals: ArrivalState
      prompt: Sampler
      output: Sampler
      gaps: Stream
      lengths: Stream
    }
  | { kind: 'trace'; feed: TraceFeed }
  | { kind: 'none' }

/** A request as it arrives. */
export interface Request {
  /** [s] */
  time: number
  /** [tokens] */
  prompt: number
  output: number
}

export function createSource(workload: Workload, seed: number): RequestSource {
  if (workload.arrivals === null) return { kind: 'none' }
  if (workload.arrivals.kind === 'trace') return { kind: 'trace', feed: createFeed() }
  const gaps = createStream(seed, `arrivals ${workload.id}`)
  const arrivals = createArrivals(workload.arrivals)
  return {
    kind: 'drawn',
    next: nextArrival(arrivals, gaps),
    arrivals,
    prompt: createSampler(workload.promptTokens),
    output: createSampler(workload.outputTokens),
    gaps,
    lengths: createStream(seed, `lengths ${workload.id}`),
  }
}

/** Time of the next request [s]; `Infinity` if none comes. */
export function nextTime(source: RequestSource): number {
  if (source.kind === 'drawn') return source.next
  return source.kind === 'trace' ? nextRequestTime(source.feed) : Infinity
}

/** Time up to which all requests are known [s]. */
export function knownUntil(source: RequestSource): number {
  return source.kind === 'trace' ? feedHorizon(source.feed) : Infinity
}

/** The next request; there must be one. */
export function takeRequest(source: RequestSource): Request {
  if (source.kind === 'trace') return takeFed(source.feed)
  if (source.kind === 'none') throw new Error('requests: a training job has none')
  const request = {
    time: source.next,
    prompt: sampleLength(source.prompt, source.lengths),
    output: sampleLength(source.output, source.lengths),
  }
  source.next = nextArrival(source.arrivals, source.gaps)
  return request
}
