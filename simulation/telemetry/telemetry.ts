import { addF64, addI32, f64, i32 } from '../columns'
import { BINS, binOf } from './histogram'

/** Seconds that rates and percentiles look back, and the seconds of one slice of that window. */
export const WINDOW = 15
export const SLICE = 1
const slices = WINDOW / SLICE

/** What is timed, per flow. */
export const TTFT = 0
export const ITL = 1
export const TPOT = 2
export const E2E = 3
const timings = 4

/** Counted since the start of the run, per flow. */
export const flowCounters = [
  'arrived', // routed to the flow
  'finished',
  'rejected',
  'good', // finished within all objectives
  'promptTokens', // of the requests that got their first token
  'outputTokens',
  'trainedTokens',
  'busy', // s of replicas, the flow's part of each step
] as const
export type FlowCounter = (typeof flowCounters)[number]

/** Counted since the start of the run, per pool. */
export const poolCounters = [
  'steps',
  'busy', // s of replicas
  'compute', // s of replicas, at the reached share of the peak
  'memory', // s of replicas, at the reached share of the bandwidth
  'prefill', // s of replicas that prefill added to steps
  'preempted',
  'runningTime', // ∫ running dt
  'waitingTime', // ∫ waiting dt
  'kvTime', // ∫ KV tokens dt
  'energy', // J, PUE included
] as const
export type PoolCounter = (typeof poolCounters)[number]

/** Everything that is counted and timed; plain data. */
export interface Telemetry {
  flows: number
  pools: number
  flow: Record<FlowCounter, Float64Array>
  pool: Record<PoolCounter, Float64Array>
  /** Requests now, by pool, as of the newest sample. */
  running: Float64Array
  waiting: Float64Array
  kv: Float64Array
  /** Decoding requests now, by flow. */
  flowRunning: Float64Array
  /** Compute and memory counters as of the newest sample, by pool. */
  sampledCompute: Float64Array
  sampledMemory: Float64Array
  /** Slice that fills now, counted from the start of the run. */
  slice: number
  /** The counters as they stood at the start of each kept slice: slice-major, then counter, then row. */
  flowMarks: Float64Array
  poolMarks: Float64Array
  /** Bins over the window, and of each slice of it: flow-major, then timing, then bin. */
  bins: Int32Array
  sliceBins: Int32Array
  /** The same since the start of the run. */
  allBins: Float64Array
}

export function createTelemetry(flows: number, pools: number): Telemetry {
  const columns = <Name extends string>(names: readonly Name[], rows: number): Record<Name, Float64Array> =>
    Object.fromEntries(names.map(name => [name, new Float64Array(rows)])) as Record<Name, Float64Array>
  const bins = flows * timings * BINS
  return {
    flows,
    pools,
    flow: columns(flowCounters, flows),
    pool: columns(poolCounters, pools),
    running: new Float64Array(pools),
    waiting: new Float64Array(pools),
    kv: new Float64Array(pools),
    flowRunning: new Float64Array(flows),
    sampledCompute: new Float64Array(pools),
    sampledMemory: new Float64Array(pools),
    slice: 0,
    flowMarks: new Float64Array(slices * flowCounters.length * flows),
    poolMarks: new Float64Array(slices * poolCounters.length * pools),
    bins: new Int32Array(bins),
    sliceBins: new Int32Array(bins * slices),
    allBins: new Float64Array(bins),
  }
}

/** Records samples of one time [s]. */
export function record(telemetry: Telemetry, flow: number, timing: number, time: number, samples = 1): void {
  const bin = (flow * timings + timing) * BINS + binOf(time)
  addF64(telemetry.allBins, bin, samples)
  addI32(telemetry.bins, bin, samples)
  addI32(telemetry.sliceBins, (telemetry.slice % slices) * telemetry.bins.length + bin, samples)
}

/** Where the bins of a flow's timing start in `bins`. */
export function binsOf(flow: number, timing: number): number {
  return (flow * timings + timing) * BINS
}

/** Starts a new slice: forgets the oldest one and notes how the counters stand. */
export function turnSlice(telemetry: Telemetry): void {
  telemetry.slice++
  const { bins, sliceBins } = telemetry
  const place = telemetry.slice % slices
  const offset = place * bins.length
  if (telemetry.slice >= slices) {
    for (let bin = 0; bin < bins.length; bin++) {
      const samples = i32(sliceBins, offset + bin)
      if (samples !== 0) addI32(bins, bin, -samples)
    }
  }
  sliceBins.fill(0, offset, offset + bins.length)
  flowCounters.forEach((counter, i) =>
    telemetry.flowMarks.set(telemetry.flow[counter], (place * flowCounters.length + i) * telemetry.flows),
  )
  poolCounters.forEach((counter, i) =>
    telemetry.poolMarks.set(telemetry.pool[counter], (place * poolCounters.length + i) * telemetry.pools),
  )
}

/** Seconds behind the rates at a time: the kept slices and the one that fills. */
export function windowLength(telemetry: Telemetry, time: number): number {
  return time - Math.max(0, telemetry.slice - slices + 1) * SLICE
}

/** How much a flow's counter grew over the window. */
export function flowGrowth(telemetry: Telemetry, counter: FlowCounter, flow: number): number {
  const mark = (oldest(telemetry) * flowCounters.length + flowCounters.indexOf(counter)) * telemetry.flows + flow
  return f64(telemetry.flow[counter], flow) - f64(telemetry.flowMarks, mark)
}

/** Requests of a flow that are on their way: arrived and neither finished nor rejected. */
export function inFlight({ flow }: Telemetry, index: number): number {
  return f64(flow.arrived, index) - f64(flow.finished, index) - f64(flow.rejected, index)
}

/** How much a pool's counter grew over the window. */
export function poolGrowth(telemetry: Telemetry, counter: PoolCounter, pool: number): number {
  const mark = (oldest(telemetry) * poolCounters.length + poolCounters.indexOf(counter)) * telemetry.pools + pool
  return f64(telemetry.pool[counter], pool) - f64(telemetry.poolMarks, mark)
}

function oldest(telemetry: Telemetry): number {
  return Math.max(0, telemetry.slice - slices + 1) % slices
}
