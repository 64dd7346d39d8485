import type { Fleet } from '../catalog/fleets'
import { advance, timeOf, type Simulation } from '../simulation'
import { BINS, emptyHistogram, merge, quantile, quantileInterval } from '../telemetry/histogram'
import { allSamples, binsOf, E2E, ITL, TTFT, type FlowCounter } from '../telemetry/telemetry'
import { f64 } from '../columns'
import { fork, type ForkPlan } from './fork'
import { keptOf } from './thin-fleet'

/** A percentile of a time over the forecast [s], its samples, and its 95 % interval by their number; `null` below 20. */
export interface ForecastTime {
  p95: number | null
  samples: number
  low: number | null
  high: number | null
}

/** What a routing will do for a workload. */
export interface WorkloadForecast {
  ttft: ForecastTime
  itl: ForecastTime
  e2e: ForecastTime
  /** Part of the requests that leave which meet all objectives, and which are rejected; `null` if none leaves. */
  attainment: number | null
  rejected: number | null
}

/** What is to be told: so many seconds of the run from now on, under the plan. */
export interface ForecastPlan extends ForkPlan {
  seconds: number
}

/** What would come of a run under a routing; the run itself is read only. By workload. */
export function forecast(simulation: Simulation, plan: ForecastPlan): Record<string, WorkloadForecast> {
  return foresee(simulation.scenario.fleet, fork(simulation, plan), plan)
}

/** Runs a fork of a fleet's run, made for the same plan, to its end and tells what came; this may be in another thread. */
export function foresee(fleet: Fleet, future: Simulation, plan: ForecastPlan): Record<string, WorkloadForecast> {
  advance(future, timeOf(future) + plan.seconds / plan.pace)
  // what the kept replicas do stands for what all replicas of their pool do
  const weights = fleet.pools.map(pool => 1 / keptOf(fleet, pool, plan.thinning))
  return Object.fromEntries(fleet.workloads.map(({ id }, index) => [id, tell(future, index, weights)]))
}

function tell(future: Simulation, workload: number, weights: readonly number[]): WorkloadForecast {
  const { telemetry } = future.fleet
  const flows = future.flows.flatMap((flow, index) =>
    flow.workload === workload ? [{ index, weight: weights[flow.pool] ?? 1 }] : [],
  )
  const sum = (counter: FlowCounter): number =>
    flows.reduce((total, { index, weight }) => total + weight * f64(telemetry.flow[counter], index), 0)
  const left = sum('finished') + sum('rejected') + sum('cancelled')
  const timeOfKind = (kind: number): ForecastTime => {
    const histogram = emptyHistogram()
    let samples = 0
    for (const { index, weight } of flows) {
      const offset = binsOf(index, kind)
      merge(histogram, bin => weight * allSamples(telemetry, offset + bin))
      for (let bin = 0; bin < BINS; bin++) samples += allSamples(telemetry, offset + bin)
    }
    const interval = quantileInterval(histogram, 0.95, samples)
    return {
      p95: quantile(histogram, 0.95),
      samples,
      low: interval && interval.low,
      high: interval && interval.high,
    }
  }
  return {
    ttft: timeOfKind(TTFT),
    itl: timeOfKind(ITL),
    e2e: timeOfKind(E2E),
    attainment: left > 0 ? sum('good') / left : null,
    rejected: left > 0 ? sum('rejected') / left : null,
  }
}
