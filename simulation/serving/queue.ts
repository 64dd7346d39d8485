import { addI32, f64, i32 } from '../columns'
import type { FleetState } from './fleet-state'
import type { PoolState } from './pool'
import { firstQueue, type Replicas } from './replicas'
import { NONE, type Requests } from './requests'

/** Puts a request into a replica's inbox, which is ordered by the time requests are ready. */
export function send(replicas: Replicas, requests: Requests, replica: number, request: number): void {
  const ready = f64(requests.ready, request)
  const tail = i32(replicas.inboxTail, replica)
  addI32(replicas.outstanding, replica, 1)
  if (tail === NONE || f64(requests.ready, tail) <= ready) {
    if (tail === NONE) replicas.inboxHead[replica] = request
    else requests.next[tail] = request
    replicas.inboxTail[replica] = request
    requests.next[request] = NONE
  } else {
    insertBefore(replicas, requests, replica, request, ready)
  }
  if (ready < f64(replicas.due, replica)) replicas.due[replica] = ready
}

function insertBefore(replicas: Replicas, requests: Requests, replica: number, request: number, ready: number): void {
  let before = NONE
  let after = i32(replicas.inboxHead, replica)
  while (f64(requests.ready, after) <= ready) {
    before = after
    after = i32(requests.next, after)
  }
  requests.next[request] = after
  if (before === NONE) replicas.inboxHead[replica] = request
  else requests.next[before] = request
}

/** Takes the first request out of the inbox. */
export function receive(replicas: Replicas, requests: Requests, replica: number): number {
  const request = i32(replicas.inboxHead, replica)
  const rest = i32(requests.next, request)
  replicas.inboxHead[replica] = rest
  if (rest === NONE) replicas.inboxTail[replica] = NONE
  return request
}

/** Lets a request wait behind all others of its priority. */
export function enqueue(
  { replicas, requests, flows }: FleetState,
  pool: PoolState,
  replica: number,
  request: number,
): void {
  const queue = firstQueue(pool, replica) + i32(flows.level, i32(requests.flow, request))
  const tail = i32(replicas.waitingTail, queue)
  if (tail === NONE) replicas.waitingHead[queue] = request
  else requests.next[tail] = request
  replicas.waitingTail[queue] = request
  requests.next[request] = NONE
  addI32(replicas.waiting, replica, 1)
}

/** Lets a preempted request wait before all others of its priority. */
export function enqueueFirst(
  { replicas, requests, flows }: FleetState,
  pool: PoolState,
  replica: number,
  request: number,
): void {
  const queue = firstQueue(pool, replica) + i32(flows.level, i32(requests.flow, request))
  const head = i32(replicas.waitingHead, queue)
  requests.next[request] = head
  replicas.waitingHead[queue] = request
  if (head === NONE) replicas.waitingTail[queue] = request
  addI32(replicas.waiting, replica, 1)
}

/** The queue whose head is served next; NONE if nobody waits. */
export function nextQueue({ replicas }: FleetState, pool: PoolState, replica: number): number {
  if (i32(replicas.waiting, replica) === 0) return NONE
  let queue = firstQueue(pool, replica)
  while (i32(replicas.waitingHead, queue) === NONE) queue++
  return queue
}

/** Takes the first request out of a replica's queue. */
export function dequeue({ replicas, requests }: FleetState, replica: number, queue: number): number {
  const request = i32(replicas.waitingHead, queue)
  const rest = i32(requests.next, request)
  replicas.waitingHead[queue] = rest
  if (rest === NONE) replicas.waitingTail[queue] = NONE
  addI32(replicas.waiting, replica, -1)
  return request
}
