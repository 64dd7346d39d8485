import { f64 } from '../columns'
import { efficiencyOf } from '../serving/pool'
import { timeOf, type Simulation } from '../simulation'
import { poolEconomy, workloadEconomy, type PoolEconomy, type WorkloadEconomy } from './economy'
import { BINS, emptyHistogram, merge, quantile, type Histogram } from './histogram'
import {
  allSamples,
  binsOf,
  E2E,
  inFlight,
  ITL,
  SLICE,
  sumOf,
  TPOT,
  TTFT,
  type FlowCounter,
  type PoolCounter,
  type Telemetry,
} from './telemetry'

/** Mean of a time [s], and percentiles of it within 1 %; `null` without samples. */
export interface Timing {
  mean: number | null
  p50: number | null
  p90: number | null
  p99: number | null
}

/** What became of the requests of a workload, or of some of its cohorts. */
export interface WorkloadSummary extends WorkloadEconomy {
  requests: { arrived: number; finished: number; rejected: number; cancelled: number; inFlight: number }
  ttft: Timing
  itl: Timing
  tpot: Timing
  e2e: Timing
  /** Requests per second that met all objectives, `null` where none could come, and their part of those that left. */
  goodput: number | null
  attainment: number | null
}

export interface PoolSummary extends PoolEconomy {
  outputTokensPerSecond: number
  promptTokensPerSecond: number
  /** Of a step [s]. */
  stepTime: Timing
  /** Mean running requests of a replica; `null` in a run too short to be sampled, as `kvUse` is. */
  batch: number | null
  computeUtilisation: number
  memoryUtilisation: number
  kvUse: number | null
  prefixHitRate: number | null
  preemptions: number
  /** Part of its replicas that were neither lost nor loading weights; `null` in a run too short to be sampled. */
  available: number | null
  /** [W], [J per output token]; `null` where unknown. */
  power: number | null
  energyPerToken: number | null
}

/** Figures of a workload's requests of some cohorts, whenever they left; `seconds` is the time in which they arrived. */
export function summariseWorkload(
  simulation: Simulation,
  workload: number,
  cohorts: readonly number[],
  seconds: number,
): WorkloadSummary {
  const { telemetry } = simulation.fleet
  const flows = flowsWhere(simulation, flow => flow.workload === workload && cohorts.includes(flow.cohort))
  const sum = (counter: FlowCounter): number =>
    flows.reduce((total, flow) => total + f64(telemetry.flow[counter], flow), 0)
  const left = sum('finished') + sum('rejected') + sum('cancelled')
  return {
    requests: {
      arrived: sum('arrived'),
      finished: sum('finished'),
      rejected: sum('rejected'),
      cancelled: sum('cancelled'),
      inFlight: flows.reduce((total, flow) => total + inFlight(telemetry, flow), 0),
    },
    ttft: timingOf(telemetry, flows, TTFT),
    itl: timingOf(telemetry, flows, ITL),
    tpot: timingOf(telemetry, flows, TPOT),
    e2e: timingOf(telemetry, flows, E2E),
    goodput: seconds > 0 ? sum('good') / seconds : null,
    attainment: left > 0 ? sum('good') / left : null,
    ...workloadEconomy(simulation, workload, flows),
  }
}

/** Tokens that a training job went through, and those of them that it had to go through again. */
export interface TrainingSummary {
  tokens: number
  lostTokens: number
}

/** What a training job has done since the start of the run. */
export function summariseTraining(simulation: Simulation, workload: number): TrainingSummary {
  const { flow } = simulation.fleet.telemetry
  const flows = flowsWhere(simulation, each => each.workload === workload)
  const sum = (column: Float64Array): number => flows.reduce((total, index) => total + f64(column, index), 0)
  return { tokens: sum(flow.trainedTokens), lostTokens: sum(flow.lostTokens) }
}

/** A state of the run to measure growth from, later: the counters as they stand, all else is shared. */
export function keepCounters(simulation: Simulation): Simulation {
  const { fleet } = simulation
  const { telemetry } = fleet
  const copy = <Name extends string>(columns: Record<Name, Float64Array>): Record<Name, Float64Array> =>
    Object.fromEntries(Object.entries<Float64Array>(columns).map(([name, column]) => [name, column.slice()])) as Record<
      Name,
      Float64Array
    >
  const kept = { flow: copy(telemetry.flow), pool: copy(telemetry.pool), stepBins: telemetry.stepBins.slice() }
  return { ...simulation, fleet: { ...fleet, telemetry: { ...telemetry, ...kept } } }
}

/** Figures of a pool from an earlier state of the run to now. */
export function summarisePool(before: Simulation, now: Simulation, index: number): PoolSummary {
  const pool = now.fleet.pools[index]
  if (!pool) throw new RangeError(`summary: no pool ${index}`)
  const seconds = timeOf(now) - timeOf(before)
  const flows = flowsWhere(now, flow => flow.pool === index)
  const flowGrowth = (counter: FlowCounter): number =>
    flows.reduce(
      (sum, flow) =>
        sum + f64(now.fleet.telemetry.flow[counter], flow) - f64(before.fleet.telemetry.flow[counter], flow),
      0,
    )
  const grown = (counter: PoolCounter): number =>
    f64(now.fleet.telemetry.pool[counter], index) - f64(before.fleet.telemetry.pool[counter], index)
  const tokens = flowGrowth('outputTokens')
  const time = now.fleet.health.moved[index] === 1 ? grown('provisioned') : pool.replicas * seconds
  const { mfu, mbu } = efficiencyOf(pool.serving)
  // running requests and KV cache are known of the moments at which they are sampled
  const samples =
    time === 0 ? 0 : (time / seconds) * (Math.floor(timeOf(now) / SLICE) - Math.floor(timeOf(before) / SLICE))
  return {
    outputTokensPerSecond: tokens / seconds,
    promptTokensPerSecond: flowGrowth('promptTokens') / seconds,
    stepTime: stepTimeOf(before.fleet.telemetry, now.fleet.telemetry, index),
    batch: samples > 0 ? grown('runningTime') / (samples * SLICE) : null,
    computeUtilisation: (mfu * grown('compute')) / time,
    memoryUtilisation: (mbu * grown('memory')) / time,
    kvUse:
      pool.serving.kind === 'tokens' && samples > 0
        ? grown('kvTime') / (samples * SLICE * pool.serving.kvBlocks)
        : null,
    prefixHitRate: grown('prefixTokens') > 0 ? grown('prefixHits') / grown('prefixTokens') : null,
    preemptions: grown('preempted'),
    available: grown('provisioned') > 0 ? 1 - grown('lost') / grown('provisioned') : null,
    power: pool.power && grown('energy') / seconds,
    energyPerToken: pool.power && tokens > 0 ? grown('energy') / tokens : null,
    ...poolEconomy(before, now, index),
  }
}

function stepTimeOf(before: Telemetry, now: Telemetry, pool: number): Timing {
  const steps = f64(now.pool.steps, pool) - f64(before.pool.steps, pool)
  const busy = f64(now.pool.busy, pool) - f64(before.pool.busy, pool)
  const histogram = emptyHistogram()
  merge(histogram, bin => f64(now.stepBins, pool * BINS + bin) - f64(before.stepBins, pool * BINS + bin))
  return withPercentiles(histogram, steps > 0 ? busy / steps : null)
}

function timingOf(telemetry: Telemetry, flows: readonly number[], timing: number): Timing {
  const histogram = emptyHistogram()
  for (const flow of flows) merge(histogram, bin => allSamples(telemetry, binsOf(flow, timing) + bin))
  const sum = flows.reduce((total, flow) => total + sumOf(telemetry, flow, timing), 0)
  return withPercentiles(histogram, histogram.count > 0 ? sum / histogram.count : null)
}

function withPercentiles(histogram: Histogram, mean: number | null): Timing {
  return {
    mean,
    p50: quantile(histogram, 0.5),
    p90: quantile(histogram, 0.9),
    p99: quantile(histogram, 0.99),
  }
}

function flowsWhere(simulation: Simulation, wanted: (flow: Simulation['flows'][number]) => boolean): number[] {
  return simulation.flows.flatMap((flow, index) => (wanted(flow) ? [index] : []))
}
