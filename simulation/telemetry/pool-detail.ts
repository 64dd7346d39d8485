import { timeOf, type Simulation } from '../simulation'
import { chipDetail, type ChipDetail } from './chip-detail'
import type { Figure, PoolMetric } from './frame'
import { heatOf, percentilesOf, type LatencyHeat, type Percentiles, type TimingName } from './latency-detail'
import { flowsOfPool, poolAt } from './reading'
import { replicasOf, type ReplicaDetail, type ReplicaWindow } from './replica-detail'
import { takePools } from './take-frame'

/** A pool, by its place in the fleet, and the part of its replicas that somebody looks at. */
export interface DetailWish extends ReplicaWindow {
  pool: number
}

/** All that is known of one pool at one instant. */
export interface PoolDetail {
  pool: number
  /** Simulated [s]. */
  time: number
  /** As a frame has them. */
  figures: Record<PoolMetric, Figure>
  /** Of all that it serves, and of each workload by itself, by its place in the fleet; copies apart. */
  latency: Record<TimingName, Percentiles>
  workloads: ({ workload: number } & Record<TimingName, Percentiles>)[]
  heat: LatencyHeat
  replicas: ReplicaDetail
  chip: ChipDetail
}

/** Detail of a pool whose replicas are simulated here. Reads only: a run goes on as if nobody had looked. */
export function poolDetail(simulation: Simulation, wish: DetailWish): PoolDetail {
  const pool = poolAt(simulation, wish.pool)
  if (!pool.own) throw new Error(`pool ${pool.id} is simulated elsewhere`)
  const { telemetry } = simulation.fleet
  const flows = flowsOfPool(pool)
  const columns = takePools(simulation, [wish.pool])
  return {
    pool: wish.pool,
    time: Math.round(timeOf(simulation) * 1000) / 1000,
    figures: Object.fromEntries(
      Object.entries(columns).map(([metric, [figure = null]]) => [metric, figure]),
    ) as PoolDetail['figures'],
    latency: percentilesOf(telemetry, flows),
    workloads: flows.map(flow => ({
      workload: simulation.flows[flow]?.workload ?? -1,
      ...percentilesOf(telemetry, [flow]),
    })),
    heat: heatOf(telemetry, flows),
    replicas: replicasOf(simulation, pool, wish),
    chip: chipDetail(simulation, pool),
  }
}
