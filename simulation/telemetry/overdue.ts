import { f64 } from '../columns'
import type { Flow } from '../serving/flows'
import type { Simulation } from '../simulation'
import { flowGrowth, growthWithin, inFlight, poolGrowth, WINDOW } from './telemetry'

/**
 * Requests of some flows that wait for their first token for longer than a time [s], at least so many: of those that wait
 * in line no more than what came in since can have come in later. Percentiles know of a request only when its first token
 * is there, so that a pool which gives none looks healthy by them.
 */
export function overdue(simulation: Simulation, isOf: (flow: Flow) => boolean, limit: number): number {
  const { telemetry } = simulation.fleet
  if (limit > WINDOW - 1) return 0
  return simulation.flows.reduce((sum, flow, index) => {
    // what came from another flow has its first token behind it
    if (!isOf(flow) || flowGrowth(telemetry, 'received', index) > 0) return sum
    const waiting = inFlight(telemetry, index) - f64(telemetry.flowRunning, index) - f64(telemetry.transferring, index)
    // those that were preempted wait too, with their first token behind them
    const preempted = poolGrowth(telemetry, 'preempted', flow.pool)
    return sum + Math.max(0, waiting - preempted - growthWithin(telemetry, 'arrived', index, limit))
  }, 0)
}

/** Requests of a workload that pools have finished since the start of the run, where they are decoded. */
export function finishedIn(simulation: Simulation, workload: string, pools: readonly string[]): number {
  const { fleet } = simulation.scenario
  return simulation.flows.reduce((sum, flow, index) => {
    const counts = fleet.workloads[flow.workload]?.id === workload && pools.includes(fleet.pools[flow.pool]?.id ?? '')
    return counts ? sum + f64(simulation.fleet.telemetry.flow.finished, index) : sum
  }, 0)
}

/** Requests of a workload since the start of the run: how many left, however they did, and how many of them met all objectives. */
export interface RequestCount {
  left: number
  good: number
}

/** By workload, in the order of the fleet. */
export function requestCounts({ scenario, flows, fleet }: Simulation): RequestCount[] {
  const counts = scenario.fleet.workloads.map(() => ({ left: 0, good: 0 }))
  const { finished, rejected, cancelled, good } = fleet.telemetry.flow
  flows.forEach(({ workload }, flow) => {
    const count = counts[workload]
    if (!count) return
    count.left += f64(finished, flow) + f64(rejected, flow) + f64(cancelled, flow)
    count.good += f64(good, flow)
  })
  return counts
}
