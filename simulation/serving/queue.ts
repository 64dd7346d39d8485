import { addI32, f64, i32 } from '../columns'
import type { FleetState } from './fleet-state'
import type { PoolState } from './pool'
import { addInt, firstQueue, INBOX_HEAD, INBOX_TAIL, int, setInt, type Replicas, WAITING } from './replicas'
import { FLOW, NEXT, NONE, READY, read, readTime, type Requests, write } from './requests'

/** Puts a request into a replica's inbox, which is ordered by the time requests are ready. */
export function send(replicas: Replicas, requests: Requests, replica: number, request: number): void {
  const ready = readTime(requests, READY, request)
  const tail = int(replicas, INBOX_TAIL, replica)
  addI32(replicas.outstanding, replica, 1)
  if (tail === NONE || readTime(requests, READY, tail) <= ready) {
    if (tail === NONE) setInt(replicas, INBOX_HEAD, replica, request)
    else write(requests, NEXT, tail, request)
    setInt(replicas, INBOX_TAIL, replica, request)
    write(requests, NEXT, request, NONE)
  } else {
    insertBefore(replicas, requests, replica, request, ready)
  }
  if (ready < f64(replicas.due, replica)) replicas.due[replica] = ready
}

function insertBefore(replicas: Replicas, requests: Requests, replica: number, request: number, ready: number): void {
  let before = NONE
  let after = int(replicas, INBOX_HEAD, replica)
  while (readTime(requests, READY, after) <= ready) {
    before = after
    after = read(requests, NEXT, after)
  }
  write(requests, NEXT, request, after)
  if (before === NONE) setInt(replicas, INBOX_HEAD, replica, request)
  else write(requests, NEXT, before, request)
}

/** Takes the first request out of the inbox. */
export function receive(replicas: Replicas, requests: Requests, replica: number): number {
  const request = int(replicas, INBOX_HEAD, replica)
  const rest = read(requests, NEXT, request)
  setInt(replicas, INBOX_HEAD, replica, rest)
  if (rest === NONE) setInt(replicas, INBOX_TAIL, replica, NONE)
  return request
}

/** Lets a request wait behind all others of its priority. */
export function enqueue(
  { replicas, requests, flows }: FleetState,
  pool: PoolState,
  replica: number,
  request: number,
): void {
  const queue = firstQueue(pool, replica) + i32(flows.level, read(requests, FLOW, request))
  const tail = i32(replicas.waitingTail, queue)
  if (tail === NONE) replicas.waitingHead[queue] = request
  else write(requests, NEXT, tail, request)
  replicas.waitingTail[queue] = request
  write(requests, NEXT, request, NONE)
  addInt(replicas, WAITING, replica, 1)
}

/** Lets a preempted request wait before all others of its priority. */
export function enqueueFirst(
  { replicas, requests, flows }: FleetState,
  pool: PoolState,
  replica: number,
  request: number,
): void {
  const queue = firstQueue(pool, replica) + i32(flows.level, read(requests, FLOW, request))
  const head = i32(replicas.waitingHead, queue)
  write(requests, NEXT, request, head)
  replicas.waitingHead[queue] = request
  if (head === NONE) replicas.waitingTail[queue] = request
  addInt(replicas, WAITING, replica, 1)
}

/** The queue whose head is served next; NONE if nobody waits. */
export function nextQueue({ replicas }: FleetState, pool: PoolState, replica: number): number {
  if (int(replicas, WAITING, replica) === 0) return NONE
  let queue = firstQueue(pool, replica)
  while (i32(replicas.waitingHead, queue) === NONE) queue++
  return queue
}

/** Takes the request behind another one out of a replica's queue, the first one behind NONE. */
export function dequeueAfter(fleet: FleetState, replica: number, queue: number, before: number): void {
  const { replicas, requests } = fleet
  if (before === NONE) {
    dequeue(fleet, replica, queue)
    return
  }
  const rest = read(requests, NEXT, read(requests, NEXT, before))
  write(requests, NEXT, before, rest)
  if (rest === NONE) replicas.waitingTail[queue] = before
  addInt(replicas, WAITING, replica, -1)
}

/** Takes the first request out of a replica's queue. */
export function dequeue({ replicas, requests }: FleetState, replica: number, queue: number): number {
  const request = i32(replicas.waitingHead, queue)
  const rest = read(requests, NEXT, request)
  replicas.waitingHead[queue] = rest
  if (rest === NONE) replicas.waitingTail[queue] = NONE
  addInt(replicas, WAITING, replica, -1)
  return request
}
