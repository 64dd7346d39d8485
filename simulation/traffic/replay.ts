import { f64, i32 } from '../columns'
import { createStream, uniform, type Stream } from '../random'
import type { TraceInspection } from './inspection'
import type { TraceRecord } from './trace'
import { createBatch, move, push, put, type TraceBatch } from './trace-batch'

/** Where the replay of a trace stands; plain data. */
export interface TraceReplay {
  first: number
  period: number
  tick: number
  scale: number
  /** Rounds through the file that are done. */
  laps: number
  /** No request comes before this time any more [s]. */
  horizon: number
  stream: Stream
  /** Requests before which another may still come: a binary heap by time. */
  waiting: TraceBatch
}

/**
 * A replay of an inspected trace from simulated time 0, `scale` times as fast. Times on ticks are spread evenly over the
 * tick by draws of this seed. Throws if the scale is not more than 0.
 */
export function createReplay(inspection: TraceInspection, pace: { scale: number; seed: number }): TraceReplay {
  const { first, period, tick } = inspection
  const { scale, seed } = pace
  if (!(scale > 0 && scale < Infinity)) throw new Error(`trace: scale must be more than 0, got ${scale}`)
  const stream = createStream(seed, 'trace ticks')
  return { first, period, tick, scale, laps: 0, horizon: 0, stream, waiting: createBatch() }
}

/** Takes the next record of the file, and adds to the batch the requests whose turn is now certain. */
export function replayRecord(replay: TraceReplay, record: TraceRecord, batch: TraceBatch): void {
  const { waiting, tick, scale } = replay
  const time = replay.laps * replay.period + (record.time - replay.first)
  replay.horizon = Math.max(replay.horizon, time / scale)
  while (waiting.count > 0 && f64(waiting.times, 0) < replay.horizon) takeEarliest(waiting, batch)
  batch.horizon = replay.horizon
  const spread = tick > 0 ? uniform(replay.stream) * tick : 0
  wait(waiting, Math.max(replay.horizon, (time + spread) / scale), record.prompt, Math.max(1, record.output))
}

/** The file is through; its first record follows again. */
export function beginLap(replay: TraceReplay): void {
  replay.laps++
}

/** The file is through and nothing follows: adds the requests that are left. */
export function endReplay(replay: TraceReplay, batch: TraceBatch): void {
  while (replay.waiting.count > 0) takeEarliest(replay.waiting, batch)
  replay.horizon = Infinity
  batch.horizon = Infinity
}

/** Requests at the very same time leave in an order of the heap's own, which is the same in every run. */
function wait(heap: TraceBatch, time: number, prompt: number, output: number): void {
  push(heap, time, prompt, output)
  let index = heap.count - 1
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (f64(heap.times, parent) <= time) break
    move(heap, parent, index)
    index = parent
  }
  put(heap, index, time, prompt, output)
}

function takeEarliest(heap: TraceBatch, batch: TraceBatch): void {
  push(batch, f64(heap.times, 0), i32(heap.prompts, 0), i32(heap.outputs, 0))
  const last = --heap.count
  const time = f64(heap.times, last)
  const prompt = i32(heap.prompts, last)
  const output = i32(heap.outputs, last)
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= last) break
    if (child + 1 < last && f64(heap.times, child + 1) < f64(heap.times, child)) child++
    if (f64(heap.times, child) >= time) break
    move(heap, child, index)
    index = child
  }
  put(heap, index, time, prompt, output)
}
