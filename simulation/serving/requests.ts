import { i32 } from '../columns'

/** No request: the end of a list. */
export const NONE = -1

/**
 * Requests in flight, one column per field, indexed by slot; a finished request gives its slot back. A slot is in one
 * list at a time (free, inbox, waiting, batch of a step), linked by `next`.
 */
export interface Requests {
  /** First free slot. */
  free: number
  inFlight: number
  next: Int32Array
  /** Flow that the request belongs to: its workload on its pool. */
  flow: Int32Array
  /** [tokens] */
  prompt: Int32Array
  output: Int32Array
  /** Output tokens made before a preemption; they are prefilled again with the prompt. */
  generated: Int32Array
  /** Tokens of prompt and `generated` already prefilled. */
  prefilled: Int32Array
  /** Simulated times [s]: of the arrival, of the moment a replica may take it, of first and newest output token. */
  arrival: Float64Array
  ready: Float64Array
  firstToken: Float64Array
  lastToken: Float64Array
}

export function createRequests(capacity = 1024): Requests {
  const requests: Requests = {
    free: NONE,
    inFlight: 0,
    next: new Int32Array(0),
    flow: new Int32Array(0),
    prompt: new Int32Array(0),
    output: new Int32Array(0),
    generated: new Int32Array(0),
    prefilled: new Int32Array(0),
    arrival: new Float64Array(0),
    ready: new Float64Array(0),
    firstToken: new Float64Array(0),
    lastToken: new Float64Array(0),
  }
  grow(requests, capacity)
  return requests
}

/** A fresh slot; columns other than `generated` and `prefilled` are the caller's to fill. */
export function takeSlot(requests: Requests): number {
  if (requests.free === NONE) grow(requests, requests.next.length * 2)
  const slot = requests.free
  requests.free = i32(requests.next, slot)
  requests.next[slot] = NONE
  requests.generated[slot] = 0
  requests.prefilled[slot] = 0
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
  for (const field of ['next', 'flow', 'prompt', 'output', 'generated', 'prefilled'] as const) {
    requests[field] = enlarged(new Int32Array(capacity), requests[field])
  }
  for (const field of ['arrival', 'ready', 'firstToken', 'lastToken'] as const) {
    requests[field] = enlarged(new Float64Array(capacity), requests[field])
  }
  for (let slot = capacity - 1; slot >= old; slot--) {
    requests.next[slot] = requests.free
    requests.free = slot
  }
}

function enlarged<Column extends Int32Array | Float64Array>(column: Column, from: Column): Column {
  column.set(from)
  return column
}
