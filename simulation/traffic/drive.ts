import type { Fleet } from '../catalog/fleets'
import type { Simulation } from '../simulation'
import { feed, feedHorizon, type TraceFeed } from './trace-feed'
import type { TraceBatch } from './trace-batch'

/** The fleet with one token workload driven by a trace, `scale` times as fast, instead of by its statistics. */
export function withTrace(fleet: Fleet, workload: string, scale: number): Fleet {
  return {
    ...fleet,
    workloads: fleet.workloads.map(candidate =>
      candidate.id === workload ? { ...candidate, arrivals: { kind: 'trace', scale } } : candidate,
    ),
  }
}

/** Hands requests of a trace to the workload that it drives. Throws if the workload is not driven by a trace. */
export function feedTrace(simulation: Simulation, workload: string, batch: TraceBatch): void {
  feed(feedOf(simulation, workload), batch)
}

/** Time before which every request of the trace has been handed over [s]; the run may advance to there. */
export function traceHorizon(simulation: Simulation, workload: string): number {
  return feedHorizon(feedOf(simulation, workload))
}

function feedOf(simulation: Simulation, workload: string): TraceFeed {
  const source = simulation.fleet.workloads.find(candidate => candidate.id === workload)?.source
  if (source?.kind !== 'trace') throw new Error(`workload ${workload}: it is not driven by a trace`)
  return source.feed
}
