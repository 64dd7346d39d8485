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
  /** So many requests still at the start, and so many that follow others. */
  | { kind: 'closed'; starting: number; following: number; prompt: Sampler; output: Sampler; lengths: Stream }
  | { kind: 'none' }

/** [tokens] */
export interface Lengths {
  prompt: number
  output: number
}

/** A request as it arrives. */
export interface Request extends Lengths {
  /** [s] */
  time: number
}

export function createSource(workload: Workload, seed: number): RequestSource {
  if (workload.arrivals === null) return { kind: 'none' }
  if (workload.arrivals.kind === 'trace') return { kind: 'trace', feed: createFeed() }
  const { promptTokens, outputTokens } = workload
  const lengths = createStream(seed, `lengths ${workload.id}`)
  const samplers = { prompt: createSampler(promptTokens), output: createSampler(outputTokens), lengths }
  if (workload.arrivals.kind === 'closed') {
    const { concurrency, requests } = workload.arrivals
    const starting = Math.min(concurrency, requests)
    return { kind: 'closed', starting, following: requests - starting, ...samplers }
  }
  const gaps = createStream(seed, `arrivals ${workload.id}`)
  const arrivals = createArrivals(workload.arrivals)
  return {
    kind: 'drawn',
    next: nextArrival(arrivals, gaps),
    arrivals,
    gaps,
    ...samplers,
  }
}

/** Time of the next request [s]; `Infinity` if none comes. */
export function nextTime(source: RequestSource): number {
  if (source.kind === 'drawn') return source.next
  if (source.kind === 'closed') return source.starting > 0 ? 0 : Infinity
  return source.kind === 'trace' ? nextRequestTime(source.feed) : Infinity
}

/** Time up to which all requests are known [s]. */
export function knownUntil(source: RequestSource): number {
  return source.kind === 'trace' ? feedHorizon(source.feed) : Infinity
}

/** The next request; there must be one. */
export function takeRequest(source: RequestSource): Request {
  switch (source.kind) {
    case 'drawn': {
      const request = { time: source.next, ...drawLengths(source) }
      source.next = nextArrival(source.arrivals, source.gaps)
      return request
    }
    case 'closed':
      source.starting--
      return { time: 0, ...drawLengths(source) }
    case 'trace':
      return takeFed(source.feed)
    case 'none':
      throw new Error('requests: a training job has none')
  }
}

/** The request that follows one that has left a closed loop; `null` if none does. */
export function takeSuccessor(source: RequestSource): Lengths | null {
  if (source.kind !== 'closed' || source.following === 0) return null
  source.following--
  return drawLengths(source)
}

/** Lengths of a request [tokens]. Throws where a source has none of its own. */
export function drawLengths(source: RequestSource): Lengths {
  if (source.kind !== 'drawn' && source.kind !== 'closed')
    throw new Error(`requests: a ${source.kind} draws no lengths`)
  return { prompt: sampleLength(source.prompt, source.lengths), output: sampleLength(source.output, source.lengths) }
}
