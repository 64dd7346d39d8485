import { addI32, f64, i32 } from '../columns'
import type { Replicas } from './replicas'
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

/** Lets a request wait behind all others. */
export function enqueue(replicas: Replicas, requests: Requests, replica: number, request: number): void {
  const tail = i32(replicas.waitingTail, replica)
  if (tail === NONE) replicas.waitingHead[replica] = request
  else requests.next[tail] = request
  replicas.waitingTail[replica] = request
  requests.next[request] = NONE
  addI32(replicas.waiting, replica, 1)
}

/** Lets a preempted request wait before all others. */
export function enqueueFirst(replicas: Replicas, requests: Requests, replica: number, request: number): void {
  const head = i32(replicas.waitingHead, replica)
  requests.next[request] = head
  replicas.waitingHead[replica] = request
  if (head === NONE) replicas.waitingTail[replica] = request
  addI32(replicas.waiting, replica, 1)
}

/** Takes the first waiting request. */
export function dequeue(replicas: Replicas, requests: Requests, replica: number): number {
  const request = i32(replicas.waitingHead, replica)
  const rest = i32(requests.next, request)
  replicas.waitingHead[replica] = rest
  if (rest === NONE) replicas.waitingTail[replica] = NONE
  addI32(replicas.waiting, replica, -1)
  return request
}
