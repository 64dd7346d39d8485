import { state } from '../state'

/** No request: the end of a list. */
export const NONE = -1

// fields of a request's record of integers
export const NEXT = 0
/** Workload on the pool where the request is now, and the flow in which it decodes: another one until it is handed off. */
export const FLOW = 1
export const DECODE = 2
/** [tokens] */
export const PROMPT = 3
/** Output tokens that it is given before it leaves. */
export const OUTPUT = 4
/** Output tokens made before a preemption or hand-off. */
export const GENERATED = 5
/** Tokens of prompt and `GENERATED` whose KV cache exists. */
export const PREFILLED = 6
/** Tokens of the prompt that lie in blocks that it shares. */
export const CACHED = 7
/** Of its shared prefix and of its session. */
export const GROUP = 8
export const USER = 9
/** Times that it was turned away. */
export const HOPS = 10
/** 1 where the client leaves after `OUTPUT` tokens instead of being finished. */
export const LEAVES = 11
/** 1 where its KV cache came from another replica, which keeps what can be used again. */
export const BROUGHT = 12
const integerBits = 4
const integers = 1 << integerBits

// fields of its record of simulated times [s]
export const ARRIVAL = 0
/** Moment from which its replica may take it. */
export const READY = 1
export const FIRST_TOKEN = 2
export const LAST_TOKEN = 3
const timeBits = 2
const times = 1 << timeBits

/**
 * Requests in flight, a record each in the columns below; a finished request gives its slot back. A slot is in one list
 * at a time (free, inbox, waiting, batch of a step, joined), linked by `NEXT`. Records, not a column per field: a request is read
 * and written field after field, at slots in no order.
 */
export interface Requests {
  /** First free slot. */
  free: number
  inFlight: number
  slots: number
  integers: Int32Array
  times: Float64Array
}

export function createRequests(capacity = 1024): Requests {
  const requests: Requests = state({
    free: NONE,
    inFlight: 0,
    slots: 0,
    integers: new Int32Array(0),
    times: new Float64Array(0),
  })
  grow(requests, capacity)
  return requests
}

export function read(requests: Requests, field: number, request: number): number {
  return requests.integers[(request << integerBits) | field] as number
}

export function write(requests: Requests, field: number, request: number, value: number): void {
  requests.integers[(request << integerBits) | field] = value
}

export function add(requests: Requests, field: number, request: number, amount: number): void {
  const index = (request << integerBits) | field
  requests.integers[index] = (requests.integers[index] as number) + amount
}

export function readTime(requests: Requests, field: number, request: number): number {
  return requests.times[(request << timeBits) | field] as number
}

export function writeTime(requests: Requests, field: number, request: number, time: number): void {
  requests.times[(request << timeBits) | field] = time
}

/** A fresh slot; fields other than the progress of the request are the caller's to fill. */
export function takeSlot(requests: Requests): number {
  if (requests.free === NONE) grow(requests, requests.slots * 2)
  const slot = requests.free
  requests.free = read(requests, NEXT, slot)
  write(requests, NEXT, slot, NONE)
  write(requests, GENERATED, slot, 0)
  write(requests, PREFILLED, slot, 0)
  write(requests, CACHED, slot, 0)
  write(requests, HOPS, slot, 0)
  write(requests, BROUGHT, slot, 0)
  requests.inFlight++
  return slot
}

export function freeSlot(requests: Requests, slot: number): void {
  write(requests, NEXT, slot, requests.free)
  requests.free = slot
  requests.inFlight--
}

/** Copies a request into a slot of another table. */
export function copyRequest(from: Requests, to: Requests, request: number): number {
  const slot = takeSlot(to)
  to.integers.set(from.integers.subarray(request * integers, (request + 1) * integers), slot * integers)
  to.times.set(from.times.subarray(request * times, (request + 1) * times), slot * times)
  write(to, NEXT, slot, NONE)
  return slot
}

function grow(requests: Requests, slots: number): void {
  const old = requests.slots
  const [grownIntegers, grownTimes] = [new Int32Array(slots * integers), new Float64Array(slots * times)]
  grownIntegers.set(requests.integers)
  grownTimes.set(requests.times)
  requests.integers = grownIntegers
  requests.times = grownTimes
  requests.slots = slots
  for (let slot = slots - 1; slot >= old; slot--) {
    write(requests, NEXT, slot, requests.free)
    requests.free = slot
  }
}
