import { addF64, addI32, i32 } from '../columns'
import { place } from '../traffic/arrive'
import type { WorkloadState } from '../traffic/workload-state'
import { isCopy } from './copies'
import type { FleetState } from './fleet-state'
import { isGone } from './health'
import { deadlineOf, retire } from './outcome'
import type { PoolState } from './pool'
import { BROUGHT, DECODE, FLOW, NONE, PREFILLED, read, write } from './requests'

/**
 * Sends a request that has lost its replica on: to another one of its pool, else along another route of its workload in the
 * zone, or in any zone if the workload spills, else it fails, as a copy does. What it has said it keeps, as in Dynamo's migration.
 */
export function relocate(fleet: FleetState, request: number, time: number): void {
  const { requests, flows } = fleet
  if (deadlineOf(fleet, request) <= time) {
    retire(fleet, 'cancelled', request, time)
    return
  }
  const flow = read(requests, FLOW, request)
  const [here, there] = [i32(flows.pool, flow), i32(flows.pool, read(requests, DECODE, request))]
  if (isGone(fleet, here) || isGone(fleet, there)) {
    moveElsewhere(fleet, request, time)
  } else {
    place(fleet, here, i32(flows.workload, flow), request, time, NONE)
  }
}

/** Sends a request along another route of its workload, to be prefilled there; it fails where none is open. */
export function moveElsewhere(fleet: FleetState, request: number, time: number): void {
  const { requests, flows, health } = fleet
  if (isCopy(fleet, request)) {
    health.failed.push(request)
    return
  }
  const flow = read(requests, FLOW, request)
  const workload = i32(flows.workload, flow)
  const cohort = i32(flows.cohort, flow)
  const { router } = fleet.workloads[workload] as WorkloadState
  const routes = openRoutes(fleet, workload, i32(flows.pool, flow))
  const turn = i32(health.relocated, i32(flows.pool, flow))
  const route = routes[turn % routes.length]
  if (route === undefined) {
    health.failed.push(request)
    return
  }
  addI32(health.relocated, i32(flows.pool, flow), 1)
  const prefill = i32(router.prefill, route)
  write(requests, DECODE, request, i32(router.decode, route) + cohort)
  write(requests, PREFILLED, request, 0)
  write(requests, BROUGHT, request, 0)
  moveTo(fleet, request, prefill + cohort)
  place(fleet, i32(flows.pool, prefill), workload, request, time, NONE)
}

/** Counts a request with another flow from now on. */
export function moveTo({ requests, telemetry }: FleetState, request: number, flow: number): void {
  addF64(telemetry.flow.forwarded, read(requests, FLOW, request), 1)
  addF64(telemetry.flow.received, flow, 1)
  write(requests, FLOW, request, flow)
}

/** Routes of a workload, in a pool's zone or all of them where it spills, both ends of which have a replica to take requests. */
function openRoutes(fleet: FleetState, workload: number, pool: number): number[] {
  const { router, spill } = fleet.workloads[workload] as WorkloadState
  const { flows, network } = fleet
  return [...router.prefill.keys()].filter(route => {
    const [from, to] = [i32(flows.pool, i32(router.prefill, route)), i32(flows.pool, i32(router.decode, route))]
    const { own } = fleet.pools[from] as PoolState
    const near = spill || i32(network.zone, from) === i32(network.zone, pool)
    return own && near && !isGone(fleet, from) && !isGone(fleet, to)
  })
}
