import type { Arrivals } from '../catalog/workloads'
import { at, f64 } from '../columns'
import { exponential, gamma, type Stream } from '../random'

export type ArrivalProcess = Exclude<Arrivals, { kind: 'trace' | 'closed' }>

/** Where an arrival process stands; plain data. */
export interface ArrivalState {
  kind: ArrivalProcess['kind']
  /** Shape of the gamma gaps: 1 / cv²; 1 for the others. */
  shape: number
  repeat: boolean
  durations: Float64Array
  rates: Float64Array
  stage: number
  /** When the present stage ends [s]. */
  stageEnd: number
  /** Last arrival, or the start [s]. */
  time: number
  /** Part of the arrivals that are told of, evenly, and how much of the next one is due. */
  part: number
  due: number
}

/** An arrival process from a time on [s]. Throws where it cannot run: a negative rate, repeated stages without requests. */
export function createArrivals(arrivals: ArrivalProcess, start = 0): ArrivalState {
  const { kind, stages, repeat = false } = arrivals
  const cv = kind === 'gamma' ? arrivals.cv : 1
  if (!(cv > 0 && cv < Infinity)) throw new Error(`arrivals: cv must be more than 0, got ${cv}`)
  for (const { duration, rate } of stages)
    if (!(duration >= 0 && rate >= 0 && rate < Infinity))
      throw new Error(`arrivals: a stage needs a duration and a rate from 0, got ${duration} s at ${rate} a second`)
  if (repeat && !stages.some(({ duration, rate }) => duration * rate > 0))
    throw new Error('arrivals: stages that repeat must bring at least one request')
  return {
    kind,
    shape: 1 / (cv * cv),
    repeat,
    durations: Float64Array.from(stages, stage => stage.duration),
    rates: Float64Array.from(stages, stage => stage.rate),
    stage: 0,
    stageEnd: start + (stages[0]?.duration ?? 0),
    time: start,
    part: 1,
    due: 0,
  }
}

/**
 * The same process from a time on [s], without the gap that is under way, its rates changing `pace` times as fast. Of its
 * arrivals only an even part is told of: what comes to some of many replicas that share bursts among them.
 */
export function restartArrivals(state: ArrivalState, now: number, part: number, pace: number): ArrivalState {
  return {
    ...state,
    part,
    due: 0,
    durations: state.durations.map(duration => duration / pace),
    rates: state.rates.slice(),
    stageEnd: now + (state.stageEnd - now) / pace,
    time: now,
  }
}

/**
 * Time of the next arrival [s]; Infinity once the stages are over. Gaps are drawn at rate 1 and stretched by the rates
 * that they cross (time rescaling), so a change of rate is exact however many stages one gap spans. Gaps of arrivals that
 * nobody is told of are drawn as one sum.
 */
export function nextArrival(state: ArrivalState, stream: Stream): number {
  if (state.part === 0) return Infinity
  const { durations, rates } = state
  let remaining = unitGap(state, stream, arrivalsToNextTold(state))
  while (state.stage < rates.length) {
    const rate = f64(rates, state.stage)
    if (rate === 0 && state.stageEnd === Infinity) return Infinity
    const left = rate === 0 ? 0 : (state.stageEnd - state.time) * rate
    if (remaining < left) {
      state.time += remaining / rate
      return state.time
    }
    remaining -= left
    state.time = state.stageEnd
    state.stage++
    if (state.repeat && state.stage === rates.length) state.stage = 0
    if (state.stage < rates.length) state.stageEnd += f64(durations, state.stage)
  }
  return Infinity
}

/** Mean rate over a whole round of the stages [requests/s]; that of a stage without end, if there is one. */
export function meanRate({ stages }: ArrivalProcess): number {
  const endless = stages.findIndex(stage => stage.duration === Infinity)
  if (endless >= 0) return at(stages, endless).rate
  const duration = stages.reduce((sum, stage) => sum + stage.duration, 0)
  return duration > 0 ? stages.reduce((sum, stage) => sum + stage.duration * stage.rate, 0) / duration : 0
}

/** How many arrivals there are up to the next one that is told of, itself included. */
function arrivalsToNextTold(state: ArrivalState): number {
  let count = 0
  do {
    count++
    state.due += state.part
  } while (state.due < 1)
  state.due -= 1
  return count
}

/** The sum of so many gaps at rate 1. */
function unitGap({ kind, shape }: ArrivalState, stream: Stream, count: number): number {
  switch (kind) {
    case 'poisson':
      return count === 1 ? exponential(stream) : gamma(stream, count)
    case 'constant':
      return count
    case 'gamma':
      return gamma(stream, count * shape) / shape
  }
}
