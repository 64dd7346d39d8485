import { ownershipPerHour } from '../catalog/prices'
import { f64 } from '../columns'
import { efficiencyOf } from '../serving/pool'
import { timeOf, type Simulation } from '../simulation'
import { HOUR, MILLION } from '../units'
import { BINS, emptyHistogram, mean, merge, quantile } from './histogram'
import { binsOf, E2E, inFlight, ITL, TPOT, TTFT, type FlowCounter, type PoolCounter, type Telemetry } from './telemetry'

/** Mean and percentiles of a time [s], within 1 %; `null` without samples. */
export interface Timing {
  mean: number | null
  p50: number | null
  p90: number | null
  p99: number | null
}

export interface WorkloadSummary {
  requests: { arrived: number; finished: number; rejected: number; inFlight: number }
  ttft: Timing
  itl: Timing
  tpot: Timing
  e2e: Timing
  /** Requests per second that met all objectives, and their part of those that left. */
  goodput: number
  attainment: number | null
}

export interface PoolSummary {
  outputTokensPerSecond: number
  promptTokensPerSecond: number
  /** Mean time of a step [s], and mean running requests of a replica. */
  stepTime: number | null
  batch: number
  computeUtilisation: number
  memoryUtilisation: number
  kvUse: number | null
  preemptions: number
  /** [W], [J per output token], [$ per million output tokens]; `null` where unknown. */
  power: number | null
  energyPerToken: number | null
  costPerMtok: number | null
}

export interface Summary {
  workloads: Record<string, WorkloadSummary>
  pools: Record<string, PoolSummary>
}

/** Figures of a run from an earlier state of it, say after warming up, to now. */
export function summarise(before: Simulation, now: Simulation): Summary {
  const { fleet } = now.scenario
  const seconds = timeOf(now) - timeOf(before)
  return {
    workloads: Object.fromEntries(
      fleet.workloads.map(({ id }, index) => [id, summariseWorkload(before, now, { index, seconds })]),
    ),
    pools: Object.fromEntries(fleet.pools.map(({ id }, index) => [id, summarisePool(before, now, { index, seconds })])),
  }
}

interface Row {
  index: number
  seconds: number
}

function summariseWorkload(before: Simulation, now: Simulation, { index, seconds }: Row): WorkloadSummary {
  const flows = flowsWhere(now, flow => flow.workload === index)
  const grown = (counter: FlowCounter): number => growth(before, now, counter, flows)
  const timing = (kind: number): Timing => timingOf(before.fleet.telemetry, now.fleet.telemetry, flows, kind)
  const left = grown('finished') + grown('rejected')
  return {
    requests: {
      arrived: grown('arrived'),
      finished: grown('finished'),
      rejected: grown('rejected'),
      inFlight: flows.reduce((sum, flow) => sum + inFlight(now.fleet.telemetry, flow), 0),
    },
    ttft: timing(TTFT),
    itl: timing(ITL),
    tpot: timing(TPOT),
    e2e: timing(E2E),
    goodput: grown('good') / seconds,
    attainment: left > 0 ? grown('good') / left : null,
  }
}

function summarisePool(before: Simulation, now: Simulation, { index, seconds }: Row): PoolSummary {
  const pool = now.fleet.pools[index]
  if (!pool) throw new RangeError(`summary: no pool ${index}`)
  const flows = flowsWhere(now, flow => flow.pool === index)
  const grown = (counter: PoolCounter): number =>
    f64(now.fleet.telemetry.pool[counter], index) - f64(before.fleet.telemetry.pool[counter], index)
  const tokens = growth(before, now, 'outputTokens', flows)
  const time = pool.replicas * seconds
  const { mfu, mbu } = efficiencyOf(pool.serving)
  const hour = ownershipPerHour(pool.chip)
  const busyCost = hour && (grown('busy') * pool.chipsPerReplica * hour.value) / HOUR
  return {
    outputTokensPerSecond: tokens / seconds,
    promptTokensPerSecond: growth(before, now, 'promptTokens', flows) / seconds,
    stepTime: grown('steps') > 0 ? grown('busy') / grown('steps') : null,
    batch: grown('runningTime') / time,
    computeUtilisation: (mfu * grown('compute')) / time,
    memoryUtilisation: (mbu * grown('memory')) / time,
    kvUse: pool.serving.kind === 'tokens' ? grown('kvTime') / (time * pool.serving.kvCapacity) : null,
    preemptions: grown('preempted'),
    power: pool.power && grown('energy') / seconds,
    energyPerToken: pool.power && tokens > 0 ? grown('energy') / tokens : null,
    costPerMtok: busyCost !== null && tokens > 0 ? (busyCost / tokens) * MILLION : null,
  }
}

function timingOf(before: Telemetry, now: Telemetry, flows: readonly number[], kind: number): Timing {
  const histogram = emptyHistogram()
  for (const flow of flows) {
    const offset = binsOf(flow, kind)
    merge(histogram, now.allBins, offset)
    merge(
      histogram,
      before.allBins.subarray(offset, offset + BINS).map(samples => -samples),
      0,
    )
  }
  return {
    mean: mean(histogram),
    p50: quantile(histogram, 0.5),
    p90: quantile(histogram, 0.9),
    p99: quantile(histogram, 0.99),
  }
}

function growth(before: Simulation, now: Simulation, counter: FlowCounter, flows: readonly number[]): number {
  return flows.reduce(
    (sum, flow) => sum + f64(now.fleet.telemetry.flow[counter], flow) - f64(before.fleet.telemetry.flow[counter], flow),
    0,
  )
}

function flowsWhere(simulation: Simulation, wanted: (flow: Simulation['flows'][number]) => boolean): number[] {
  return simulation.flows.flatMap((flow, index) => (wanted(flow) ? [index] : []))
}
