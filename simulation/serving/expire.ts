import { i32 } from '../columns'
import type { FleetState } from './fleet-state'
import { cancelRequest, deadlineOf } from './outcome'
import type { PoolState } from './pool'
import { dequeueAfter } from './queue'
import { firstQueue } from './replicas'
import { NEXT, NONE, read } from './requests'

/** Drops the waiting requests whose clients have given up by a time; returns when the next one does. */
export function dropExpired(fleet: FleetState, pool: PoolState, replica: number, time: number): number {
  const { replicas, requests } = fleet
  const first = firstQueue(pool, replica)
  let next = Infinity
  for (let queue = first; queue < first + pool.levels; queue++) {
    let before = NONE
    let request = i32(replicas.waitingHead, queue)
    while (request !== NONE) {
      const after = read(requests, NEXT, request)
      const deadline = deadlineOf(fleet, request)
      if (deadline <= time) {
        dequeueAfter(fleet, replica, queue, before)
        cancelRequest(fleet, replica, request, time)
      } else {
        next = Math.min(next, deadline)
        before = request
      }
      request = after
    }
  }
  return next
}
