import { i32 } from '../columns'

/** No request: the end of a list. */
export const NONE = -1

/** What a slot of a request was given at arrival and on its way; one column each, indexed by slot. */
const integers = [
  'next',
  'flow', // workload on the pool where the request is now
  'decode', // flow in which it decodes; another than `flow` until it is handed off
  'prompt', // tokens
  'output', // tokens that it is given before it leaves
  'generated', // output tokens made before a preemption or hand-off
  'prefilled', // tokens of prompt and `generated` whose KV cache exists
  'cached', // tokens of the prompt that it starts from a cache with, in blocks that it shares
  'group', // of its shared prefix
  'user', // of its session
  'hops', // times that it was turned away
] as const

const times = [
  'arrival',
  'ready', // moment from which its replica may take it
  'firstToken',
  'lastToken',
] as const

/**
 * Requests in flight; a finished request gives its slot back. A slot is in one list at a time (free, inbox, waiting,
 * batch of a step), linked by `next`. Times in simulated seconds.
 */
export interface Requests
  extends Record<(typeof integers)[number], Int32Array>, Record<(typeof times)[number], Float64Array> {
  /** First free slot. */
  free: number
  inFlight: number
  /** 1 where the client leaves after `output` tokens instead of being finished. */
  leaves: Uint8Array
}

export function createRequests(capacity = 1024): Requests {
  const requests: Requests = {
    free: NONE,
    inFlight: 0,
    leaves: new Uint8Array(0),
    ...fresh(integers, () => new Int32Array(0)),
    ...fresh(times, () => new Float64Array(0)),
  }
  grow(requests, capacity)
  return requests
}

/** A fresh slot; columns other than the progress of the request are the caller's to fill. */
export function takeSlot(requests: Requests): number {
  if (requests.free === NONE) grow(requests, requests.next.length * 2)
  const slot = requests.free
  requests.free = i32(requests.next, slot)
  requests.next[slot] = NONE
  requests.generated[slot] = 0
  requests.prefilled[slot] = 0
  requests.cached[slot] = 0
  requests.hops[slot] = 0
  requests.inFlight++
  return slot
}

export function freeSlot(requests: Requests, slot: number): void {
  requests.next[slot] = requests.free
  requests.free = slot
  requests.inFlight--
}

function grow(requests: Requests, capacity: number): void {
  const old = requests.next.length
  for (const field of integers) requests[field] = enlarged(new Int32Array(capacity), requests[field])
  for (const field of times) requests[field] = enlarged(new Float64Array(capacity), requests[field])
  requests.leaves = enlarged(new Uint8Array(capacity), requests.leaves)
  for (let slot = capacity - 1; slot >= old; slot--) {
    requests.next[slot] = requests.free
    requests.free = slot
  }
}

function fresh<Name extends string, Column>(names: readonly Name[], create: () => Column): Record<Name, Column> {
  return Object.fromEntries(names.map(name => [name, create()])) as Record<Name, Column>
}

function enlarged<Column extends Int32Array | Float64Array | Uint8Array>(column: Column, from: Column): Column {
  column.set(from)
  return column
}
