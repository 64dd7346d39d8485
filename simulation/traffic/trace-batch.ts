import { f64, i32 } from '../columns'

/** Requests in the order of their times; entries from `count` on are spare room. */
export interface TraceBatch {
  /** Simulated [s]. */
  times: Float64Array
  prompts: Int32Array
  outputs: Int32Array
  count: number
  /** Every request before this time is in this batch or in an earlier one [s]. */
  horizon: number
}

const smallest = 256

export function createBatch(): TraceBatch {
  return {
    times: new Float64Array(smallest),
    prompts: new Int32Array(smallest),
    outputs: new Int32Array(smallest),
    count: 0,
    horizon: 0,
  }
}

/** Appends a request. */
export function push(batch: TraceBatch, time: number, prompt: number, output: number): void {
  if (batch.count === batch.times.length) grow(batch)
  put(batch, batch.count++, time, prompt, output)
}

/** Copies one request over another. */
export function move(batch: TraceBatch, from: number, to: number): void {
  put(batch, to, f64(batch.times, from), i32(batch.prompts, from), i32(batch.outputs, from))
}

export function put(batch: TraceBatch, index: number, time: number, prompt: number, output: number): void {
  batch.times[index] = time
  batch.prompts[index] = prompt
  batch.outputs[index] = output
}

function grow(batch: TraceBatch): void {
  const room = batch.times.length * 2
  const { times, prompts, outputs } = batch
  batch.times = new Float64Array(room)
  batch.prompts = new Int32Array(room)
  batch.outputs = new Int32Array(room)
  batch.times.set(times)
  batch.prompts.set(prompts)
  batch.outputs.set(outputs)
}
