import type { Workload } from '../catalog/workloads'
import { createStream, type Stream } from '../random'
import { createArrivals, nextArrival, type ArrivalState } from './arrivals'
import { createSampler, sampleLength, type Sampler } from './lengths'
import { createFeed, feedHorizon, nextOutput, nextPrompt, nextRequestTime, passFed, type TraceFeed } from './trace-feed'

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

/** Tokens of the next request's prompt, or of one more request; each call draws anew. */
export function drawPrompt(source: RequestSource): number {
  if (source.kind === 'trace') return nextPrompt(source.feed)
  if (source.kind === 'none') throw new Error('requests: a training job has none')
  return sampleLength(source.prompt, source.lengths)
}

/** The same of the output; drawn after the prompt. */
export function drawOutput(source: RequestSource): number {
  if (source.kind === 'trace') return nextOutput(source.feed)
  if (source.kind === 'none') throw new Error('requests: a training job has none')
  return sampleLength(source.output, source.lengths)
}

/** The next request has come; the one after is next. */
export function passRequest(source: RequestSource): void {
  if (source.kind === 'drawn') source.next = nextArrival(source.arrivals, source.gaps)
  else if (source.kind === 'closed') source.starting--
  else if (source.kind === 'trace') passFed(source.feed)
}

/** Whether another request follows one that leaves a closed loop; if so it counts as sent. */
export function takeSuccessor(source: RequestSource): boolean {
  if (source.kind !== 'closed' || source.following === 0) return false
  source.following--
  return true
}
