import { addF64, i32 } from '../columns'
import type { Router } from '../routing/router'
import type { FleetState } from './fleet-state'

/** Lets a training job work on the pools it holds for some seconds: all their replicas, at the stated share of the peak. */
export function train(fleet: FleetState, router: Router, seconds: number): void {
  for (const flow of router.prefill) {
    const pool = fleet.pools[i32(fleet.flows.pool, flow)]
    if (!pool?.own || pool.serving.kind !== 'training') continue
    const time = pool.replicas * seconds
    addF64(fleet.telemetry.flow.trainedTokens, flow, pool.serving.tokensPerSecond * time)
    addF64(fleet.telemetry.flow.busy, flow, time)
    addF64(fleet.telemetry.pool.busy, pool.index, time)
    addF64(fleet.telemetry.pool.compute, pool.index, time)
  }
}
