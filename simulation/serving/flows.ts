import type { Fleet } from '../catalog/fleets'
import { serves } from '../routing/routing'

/** A workload on a pool that can serve it, by index. */
export interface Flow {
  workload: number
  pool: number
}

/** All flows of a fleet, pool by pool; the rows of `frame.flows`. */
export function flowsOf(fleet: Fleet): Flow[] {
  return fleet.pools.flatMap((pool, poolIndex) =>
    fleet.workloads.flatMap((workload, index) =>
      serves(pool, workload) ? [{ workload: index, pool: poolIndex }] : [],
    ),
  )
}
