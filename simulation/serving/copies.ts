import { i32 } from '../columns'
import type { FleetState } from './fleet-state'
import { turnAway } from './outcome'
import type { PoolState } from './pool'
import { dequeue } from './queue'
import { firstQueue } from './replicas'
import { FLOW, NONE, read } from './requests'

/** Whether a request is the copy of another one: nobody waits for its answer. */
export function isCopy({ requests, flows }: FleetState, request: number): boolean {
  return flows.copied[read(requests, FLOW, request)] === 1
}

/** In a full queue, the copy that has waited longest gives its place to a request that is none. */
export function dropCopy(fleet: FleetState, pool: PoolState, replica: number, request: number, time: number): void {
  const queue = firstQueue(pool, replica) + pool.levels - 1
  if (i32(fleet.replicas.waitingHead, queue) === NONE || isCopy(fleet, request)) return
  turnAway(fleet, replica, dequeue(fleet, replica, queue), time, false)
}
