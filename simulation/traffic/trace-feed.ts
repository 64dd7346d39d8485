import { f64, i32 } from '../columns'
import { createBatch, push, type TraceBatch } from './trace-batch'

/** Requests of a trace that were fed and not yet taken, from `head` on; plain data. */
export interface TraceFeed {
  queue: TraceBatch
  head: number
}

export function createFeed(): TraceFeed {
  return { queue: createBatch(), head: 0 }
}

/** Adds a batch behind what was fed before. Throws if it goes back behind the horizon or is out of order. */
export function feed(feed: TraceFeed, batch: TraceBatch): void {
  const { queue } = feed
  dropTaken(feed)
  let last = queue.horizon
  for (let i = 0; i < batch.count; i++) {
    const time = f64(batch.times, i)
    if (!(time >= last && time < batch.horizon))
      throw new Error(
        `trace: a request at ${time} s fed out of order, expected from ${last} to before ${batch.horizon} s`,
      )
    push(queue, time, i32(batch.prompts, i), i32(batch.outputs, i))
    last = time
  }
  queue.horizon = Math.max(queue.horizon, batch.horizon)
}

/** Every request before this time was fed [s]. */
export function feedHorizon({ queue }: TraceFeed): number {
  return queue.horizon
}

/** Time of the next request [s]; `Infinity` where none is left of what was fed. */
export function nextRequestTime({ queue, head }: TraceFeed): number {
  return head < queue.count ? f64(queue.times, head) : Infinity
}

/** Tokens of the next request's prompt and output; throw where none is left. */
export function nextPrompt({ queue, head }: TraceFeed): number {
  return i32(queue.prompts, position(queue, head))
}

export function nextOutput({ queue, head }: TraceFeed): number {
  return i32(queue.outputs, position(queue, head))
}

/** The next request is taken. */
export function passFed(feed: TraceFeed): void {
  feed.head = position(feed.queue, feed.head) + 1
}

function position(queue: TraceBatch, head: number): number {
  if (head >= queue.count) throw new RangeError(`trace: no request left before ${queue.horizon} s`)
  return head
}

/** Moves what is left to the front, once half of the queue was taken: each request moves at most about once. */
function dropTaken(feed: TraceFeed): void {
  const { queue, head } = feed
  if (head * 2 < queue.count) return
  queue.times.copyWithin(0, head, queue.count)
  queue.prompts.copyWithin(0, head, queue.count)
  queue.outputs.copyWithin(0, head, queue.count)
  queue.count -= head
  feed.head = 0
}
