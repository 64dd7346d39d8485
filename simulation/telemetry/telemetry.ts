import { addF64, addI32, f64, i32 } from '../columns'
import { state } from '../state'
import { BINS, binOf } from './histogram'

/** Seconds that rates and percentiles look back, and the seconds of one slice of that window; they tell of whole slices. */
export const WINDOW = 15
export const SLICE = 1
/** Slices kept: those of the window and the one that fills. */
const slices = WINDOW / SLICE + 1

/** What is timed, per flow. */
export const TTFT = 0
export const ITL = 1
export const TPOT = 2
export const E2E = 3
export const timings = 4

/** Bins are passed on in stretches of so many, those without samples skipped. */
const stretchBits = 5
const stretch = 32

/** Counted since the start of the run, per flow. */
export const flowCounters = [
  'arrived', // routed to the flow
  'finished',
  'rejected',
  'cancelled', // the client has gone
  'forwarded', // handed off or turned away to another flow
  'received', // from another flow
  'good', // finished within all objectives
  'promptTokens', // of the requests that got their first token
  'outputTokens',
  'trainedTokens',
  'lostTokens', // of those, trained again because no checkpoint had them
  'busy', // s of replicas, the flow's part of each step
] as const
export type FlowCounter = (typeof flowCounters)[number]

/** Counted since the start of the run, per pool. */
export const poolCounters = [
  'provisioned', // s of replicas that the pool had, and of those that were lost or loaded weights
  'lost',
  'steps',
  'busy', // s of replicas
  'compute', // s of replicas, at the reached share of the peak
  'memory', // s of replicas, at the reached share of the bandwidth
  'prefill', // s of replicas that prefill added to steps
  'preempted',
  'runningTime', // ∫ running dt
  'waitingTime', // ∫ waiting dt
  'kvTime', // ∫ KV blocks dt
  'prefixTokens', // tokens of the requests that were admitted, and those of them found in the prefix cache
  'prefixHits',
  'transferred', // bytes of KV cache that came from other pools
  'energy', // J, PUE included
] as const
export type PoolCounter = (typeof poolCounters)[number]

/** Everything that is counted and timed; plain data. */
export interface Telemetry {
  flows: number
  pools: number
  flow: Record<FlowCounter, Float64Array>
  pool: Record<PoolCounter, Float64Array>
  /** By flow: requests in a batch now, and on their way from one replica to another. */
  flowRunning: Float64Array
  transferring: Float64Array
  /** By pool: blocks of KV cache that requests hold, as of the newest sample. */
  kv: Float64Array
  /** Compute, memory, busy and step counters as of the newest sample, by pool. */
  sampledCompute: Float64Array
  sampledMemory: Float64Array
  sampledBusy: Float64Array
  sampledSteps: Float64Array
  /** Slice that fills now, counted from the start of the run, and where its part of `touched` starts. */
  slice: number
  touchedFrom: number
  /** Slices whose bins are kept, the one that fills included; none where only times since the start are asked for. */
  timedSlices: number
  /** The counters as they stood at the start of each kept slice: slice-major, then counter, then row. */
  flowMarks: Float64Array
  poolMarks: Float64Array
  /** Bins of the slice that fills now, flow-major, then timing, then bin; of each slice of the window; and of all before. */
  bins: Int32Array
  sliceBins: Int32Array
  /** By slice of the window and stretch of bins: 1 where the slice has samples. Without slices, where the run has. */
  touched: Uint8Array
  windowBins: Int32Array
  pastBins: Float64Array
  /** Sum of the times recorded since the start of the run [s], flow-major, then timing. */
  sums: Float64Array
  /** Steps since the start of the run by how long they took, pool-major, then bin. */
  stepBins: Float64Array
}

interface TelemetryPlan {
  /** Threads can share it. */
  shared?: boolean
  /** Whether percentiles of the window are asked for, or only those since the start. */
  window?: boolean
}

/** Telemetry with nothing counted yet. */
export function createTelemetry(
  flows: number,
  pools: number,
  { shared = false, window = true }: TelemetryPlan = {},
): Telemetry {
  const timedSlices = window ? slices : 0
  const memory = (bytes: number): ArrayBufferLike => (shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes))
  const doubles = (count: number): Float64Array => new Float64Array(memory(count * 8))
  const integers = (count: number): Int32Array => new Int32Array(memory(count * 4))
  const columns = <Name extends string>(names: readonly Name[], rows: number): Record<Name, Float64Array> =>
    state(Object.fromEntries(names.map(name => [name, doubles(rows)])) as Record<Name, Float64Array>)
  const bins = flows * timings * BINS
  const kept = window ? bins : 0
  return state({
    flows,
    pools,
    flow: columns(flowCounters, flows),
    pool: columns(poolCounters, pools),
    flowRunning: doubles(flows),
    transferring: doubles(flows),
    kv: doubles(pools),
    sampledCompute: doubles(pools),
    sampledMemory: doubles(pools),
    sampledBusy: doubles(pools),
    sampledSteps: doubles(pools),
    slice: 0,
    touchedFrom: 0,
    timedSlices,
    flowMarks: doubles(slices * flowCounters.length * flows),
    poolMarks: doubles(slices * poolCounters.length * pools),
    bins: integers(bins),
    sliceBins: integers(bins * timedSlices),
    touched: new Uint8Array(memory((bins / stretch) * Math.max(1, timedSlices))),
    windowBins: integers(kept),
    pastBins: doubles(kept),
    sums: doubles(flows * timings),
    stepBins: doubles(pools * BINS),
  })
}

/** Telemetry that came from another thread, its memory still shared. */
export function adoptTelemetry(telemetry: Telemetry): Telemetry {
  return state({ ...telemetry, flow: state(telemetry.flow), pool: state(telemetry.pool) })
}

/** Records a time [s]. */
export function record(telemetry: Telemetry, flow: number, timing: number, time: number): void {
  recordBin(telemetry, flow, timing, binOf(time), 1, time)
}

/** Records samples of one bin; `time` is the sum of theirs [s]. */
export function recordBin(
  telemetry: Telemetry,
  flow: number,
  timing: number,
  binOfTime: number,
  samples: number,
  time: number,
): void {
  const row = flow * timings + timing
  const bin = row * BINS + binOfTime
  addI32(telemetry.bins, bin, samples)
  telemetry.touched[telemetry.touchedFrom + (bin >>> stretchBits)] = 1
  addF64(telemetry.sums, row, time)
}

/** Counts equal steps of a pool that took so long together [s], and the bin of one of them. */
export function recordSteps(telemetry: Telemetry, pool: number, steps: number, time: number, bin: number): void {
  addF64(telemetry.pool.steps, pool, steps)
  addF64(telemetry.pool.busy, pool, time)
  addF64(telemetry.stepBins, pool * BINS + bin, steps)
}

/** Where the bins of a flow's timing start in `bins`. */
export function binsOf(flow: number, timing: number): number {
  return (flow * timings + timing) * BINS
}

/** Where the rows of a pool's flows lie, and of those of copies, which stay empty until lanes are in use for them. */
interface PoolRows {
  index: number
  firstFlow: number
  flows: number
  firstMirror: number
  mirrors: number
  lanesInUse: number
}

/** Starts a new slice of the figures of these pools: keeps the one that is full, forgets the oldest, notes how counters stand. */
export function turnSlice(telemetry: Telemetry, pools: readonly PoolRows[]): void {
  const { timedSlices } = telemetry
  telemetry.slice++
  const place = telemetry.slice % slices
  if (timedSlices > 0) telemetry.touchedFrom = ((telemetry.slice % timedSlices) * telemetry.bins.length) / stretch
  for (const { index, firstFlow, flows, firstMirror, mirrors, lanesInUse } of pools) {
    turnFlows(telemetry, place, firstFlow, flows)
    if (lanesInUse > flows) turnFlows(telemetry, place, firstMirror, mirrors)
    poolCounters.forEach((counter, i) => {
      const mark = (place * poolCounters.length + i) * telemetry.pools + index
      telemetry.poolMarks[mark] = f64(telemetry.pool[counter], index)
    })
  }
}

function turnFlows(telemetry: Telemetry, place: number, first: number, flows: number): void {
  if (telemetry.timedSlices > 0) turnBins(telemetry, first, flows)
  flowCounters.forEach((counter, i) => {
    const column = telemetry.flow[counter]
    const marks = (place * flowCounters.length + i) * telemetry.flows
    for (let flow = first; flow < first + flows; flow++) telemetry.flowMarks[marks + flow] = f64(column, flow)
  })
}

function turnBins(telemetry: Telemetry, firstFlow: number, flows: number): void {
  const { bins, touched, slice, timedSlices } = telemetry
  const [full, place] = [(slice - 1) % timedSlices, slice % timedSlices]
  const stretches = bins.length / stretch
  const first = binsOf(firstFlow, 0) / stretch
  const last = binsOf(firstFlow + flows, 0) / stretch
  for (let i = first; i < last; i++) {
    if (touched[full * stretches + i] === 1) keepStretch(telemetry, full, i * stretch)
    if (touched[place * stretches + i] === 1) forgetStretch(telemetry, place, i * stretch)
    touched[place * stretches + i] = 0
  }
}

function keepStretch({ bins, sliceBins, windowBins, pastBins }: Telemetry, slice: number, first: number): void {
  for (let bin = first; bin < first + stretch; bin++) {
    const samples = i32(bins, bin)
    sliceBins[slice * bins.length + bin] = samples
    addI32(windowBins, bin, samples)
    addF64(pastBins, bin, samples)
    bins[bin] = 0
  }
}

function forgetStretch({ bins, sliceBins, windowBins }: Telemetry, slice: number, first: number): void {
  for (let bin = first; bin < first + stretch; bin++)
    addI32(windowBins, bin, -i32(sliceBins, slice * bins.length + bin))
}

/** Seconds behind the rates: whole slices, up to the window. */
export function windowLength(telemetry: Telemetry, seconds = WINDOW): number {
  return Math.min(telemetry.slice, seconds / SLICE) * SLICE
}

/** How much a flow's counter grew over the window, or over its newest whole seconds. */
export function flowGrowth(telemetry: Telemetry, counter: FlowCounter, flow: number, seconds = WINDOW): number {
  const { flows, flowMarks } = telemetry
  return markGrowth(telemetry, flowMarks, [flowCounters.indexOf(counter), flowCounters.length], [flow, flows], seconds)
}

/** How much it grew since the newest whole second that lies so many seconds back or more; since the window began at most. */
export function growthWithin(telemetry: Telemetry, counter: FlowCounter, flow: number, seconds: number): number {
  const whole = Math.min(WINDOW, Math.ceil(seconds / SLICE) * SLICE)
  const place = telemetry.slice % slices
  const mark = f64(
    telemetry.flowMarks,
    (place * flowCounters.length + flowCounters.indexOf(counter)) * telemetry.flows + flow,
  )
  return flowGrowth(telemetry, counter, flow, whole) + f64(telemetry.flow[counter], flow) - mark
}

/** Requests of a flow that are on their way: came in, and have neither left nor gone on to another flow. */
export function inFlight({ flow }: Telemetry, index: number): number {
  const left = f64(flow.finished, index) + f64(flow.rejected, index) + f64(flow.cancelled, index)
  return f64(flow.arrived, index) + f64(flow.received, index) - f64(flow.forwarded, index) - left
}

/** Sum of a flow's timing since the start of the run [s]. */
export function sumOf(telemetry: Telemetry, flow: number, timing: number): number {
  return f64(telemetry.sums, flow * timings + timing)
}

/** Samples of a flow's timing in a bin over the window, and since the start of the run. */
export function windowSamples(telemetry: Telemetry, bin: number): number {
  return i32(telemetry.windowBins, bin)
}

export function allSamples({ timedSlices, pastBins, bins }: Telemetry, bin: number): number {
  return timedSlices === 0 ? i32(bins, bin) : f64(pastBins, bin) + i32(bins, bin)
}

/** The samples of so many bins since the start of the run. */
export function allSamplesOf({ timedSlices, pastBins, bins }: Telemetry, first: number, count: number): Float64Array {
  const samples = new Float64Array(bins.subarray(first, first + count))
  if (timedSlices > 0) for (let i = 0; i < count; i++) addF64(samples, i, f64(pastBins, first + i))
  return samples
}

/** The part of so many bins, counted from the first, that may have samples: of a run without slices, the touched one. */
export function sampledPart({ timedSlices, touched }: Telemetry, first: number, count: number): [number, number] {
  if (timedSlices > 0) return [0, count]
  const flags = touched.subarray(first / stretch, (first + count) / stretch)
  const from = flags.indexOf(1)
  return from < 0 ? [0, 0] : [from * stretch, (flags.lastIndexOf(1) + 1) * stretch]
}

/** Samples in a bin of a whole slice that is still kept, counted from the start of the run. */
export function sliceSamples({ sliceBins, touched, bins, timedSlices }: Telemetry, slice: number, bin: number): number {
  const place = slice % timedSlices
  if (touched[(place * bins.length) / stretch + (bin >>> stretchBits)] !== 1) return 0
  return i32(sliceBins, place * bins.length + bin)
}

/** How much a pool's counter grew over the window, or over its newest whole seconds. */
export function poolGrowth(telemetry: Telemetry, counter: PoolCounter, pool: number, seconds = WINDOW): number {
  const { pools, poolMarks } = telemetry
  return markGrowth(telemetry, poolMarks, [poolCounters.indexOf(counter), poolCounters.length], [pool, pools], seconds)
}

/** The samples of the newest whole seconds by bin, as `windowBins` are those of the window. */
export function newestBins({ slice, sliceBins, touched, bins, timedSlices }: Telemetry, seconds: number): Int32Array {
  const newest = new Int32Array(bins.length)
  const stretches = bins.length / stretch
  for (let kept = Math.max(0, slice - seconds / SLICE); kept < slice; kept++) {
    const place = kept % timedSlices
    for (let i = 0; i < stretches; i++) {
      if (touched[place * stretches + i] !== 1) continue
      for (let bin = i * stretch; bin < (i + 1) * stretch; bin++)
        addI32(newest, bin, i32(sliceBins, place * bins.length + bin))
    }
  }
  return newest
}

function markGrowth(
  { slice }: Telemetry,
  marks: Float64Array,
  [counter, counters]: [number, number],
  [row, rows]: [number, number],
  seconds: number,
): number {
  const oldest = Math.max(0, slice - seconds / SLICE) % slices
  const markAt = (place: number): number => f64(marks, (place * counters + counter) * rows + row)
  return markAt(slice % slices) - markAt(oldest)
}
