import { i32 } from '../columns'
import type { FleetState } from './fleet-state'
import { turnAway } from './outcome'
import type { PoolState } from './pool'
import { dequeue } from './queue'
import { firstQueue, int, WAITING } from './replicas'
import { FLOW, NONE, read } from './requests'

/** Whether a request is the copy of another one: nobody waits for its answer. */
export function isCopy({ requests, flows }: FleetState, request: number): boolean {
  return flows.copied[read(requests, FLOW, request)] === 1
}

/**
 * In a full queue, the copies that have waited longest give their places to a request that is none: as many as it takes,
 * for those that were preempted wait beyond the limit.
 */
export function dropCopies(fleet: FleetState, pool: PoolState, replica: number, request: number, time: number): void {
  if (isCopy(fleet, request)) return
  const { replicas } = fleet
  const queue = firstQueue(pool, replica) + pool.levels - 1
  while (int(replicas, WAITING, replica) >= pool.queueLimit && i32(replicas.waitingHead, queue) !== NONE)
    turnAway(fleet, replica, dequeue(fleet, replica, queue), time, false)
}
