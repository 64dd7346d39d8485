import { addF64, i32 } from '../columns'
import type { Router } from '../routing/router'
import type { FleetState } from './fleet-state'
import type { Flow } from './flows'

/** Lets a training job work on the pools it holds for some seconds: all their replicas, at the stated share of the peak. */
export function train(fleet: FleetState, flows: readonly Flow[], router: Router, seconds: number): void {
  for (let route = 0; route < router.flows.length; route++) {
    const flow = i32(router.flows, route)
    const index = flows[flow]?.pool ?? -1
    const pool = fleet.pools[index]
    if (pool?.serving.kind !== 'training') continue
    const time = pool.replicas * seconds
    addF64(fleet.telemetry.flow.trainedTokens, flow, pool.serving.tokensPerSecond * time)
    addF64(fleet.telemetry.flow.busy, flow, time)
    addF64(fleet.telemetry.pool.busy, index, time)
    addF64(fleet.telemetry.pool.compute, index, time)
  }
}
