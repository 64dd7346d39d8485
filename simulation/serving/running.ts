import { f64, i32 } from '../columns'
import { state } from '../state'
import { DECODING, HEAP, HEAP_ROOM, int, setInt, type Replicas } from './replicas'

/**
 * The running requests of every replica: a binary heap each, ordered by the step at which a request finishes. Heaps lie
 * side by side in two growing columns, in segments of a power of two that move when they are full; where a replica's lies,
 * its record says.
 */
export interface Running {
  /** Step at which the entry finishes, and its request. */
  finish: Float64Array
  request: Int32Array
  /** End of what is handed out. */
  used: number
  /** First free segment by the logarithm of its size; the next one stands in its first `finish` entry. */
  freed: Int32Array
}

const firstCapacity = 8

export function createRunning(replicas: number): Running {
  return state({
    finish: new Float64Array(replicas * firstCapacity),
    request: new Int32Array(replicas * firstCapacity),
    used: 0,
    freed: new Int32Array(32).fill(-1),
  })
}

/** Step at which the next request of the replica finishes; the replica must have one. */
export function nextFinish(running: Running, replicas: Replicas, replica: number): number {
  return f64(running.finish, int(replicas, HEAP, replica))
}

export function push(running: Running, replicas: Replicas, replica: number, finish: number, request: number): void {
  const count = int(replicas, DECODING, replica)
  if (count === int(replicas, HEAP_ROOM, replica)) enlarge(running, replicas, replica)
  setInt(replicas, DECODING, replica, count + 1)
  rise(running, int(replicas, HEAP, replica), count, finish, request)
}

/** Takes out the request that finishes first. */
export function pop(running: Running, replicas: Replicas, replica: number): number {
  return removeAt(running, replicas, replica, 0)
}

/** Takes out the entry at a position of the heap (0 to count − 1) and returns its request. */
export function removeAt(running: Running, replicas: Replicas, replica: number, position: number): number {
  const { finish, request } = running
  const base = int(replicas, HEAP, replica)
  const count = int(replicas, DECODING, replica) - 1
  setInt(replicas, DECODING, replica, count)
  const removed = i32(request, base + position)
  if (position < count) {
    const lastFinish = f64(finish, base + count)
    const lastRequest = i32(request, base + count)
    const hole = sink(running, base, position, count, lastFinish)
    rise(running, base, hole, lastFinish, lastRequest)
  }
  return removed
}

/** Moves a hole down to where an entry of that finish may stand or further down; returns the position. */
function sink(running: Running, base: number, from: number, count: number, entry: number): number {
  const { finish, request } = running
  let hole = from
  for (;;) {
    let child = 2 * hole + 1
    if (child >= count) return hole
    if (child + 1 < count && f64(finish, base + child + 1) < f64(finish, base + child)) child++
    if (f64(finish, base + child) >= entry) return hole
    finish[base + hole] = f64(finish, base + child)
    request[base + hole] = i32(request, base + child)
    hole = child
  }
}

function rise(running: Running, base: number, from: number, entry: number, slot: number): void {
  const { finish, request } = running
  let hole = from
  while (hole > 0) {
    const parent = (hole - 1) >> 1
    if (f64(finish, base + parent) <= entry) break
    finish[base + hole] = f64(finish, base + parent)
    request[base + hole] = i32(request, base + parent)
    hole = parent
  }
  finish[base + hole] = entry
  request[base + hole] = slot
}

function enlarge(running: Running, replicas: Replicas, replica: number): void {
  const old = int(replicas, HEAP_ROOM, replica)
  const from = int(replicas, HEAP, replica)
  const capacity = old === 0 ? firstCapacity : old * 2
  const to = takeSegment(running, capacity)
  running.finish.copyWithin(to, from, from + old)
  running.request.copyWithin(to, from, from + old)
  if (old > 0) {
    running.finish[from] = i32(running.freed, sizeClass(old))
    running.freed[sizeClass(old)] = from
  }
  setInt(replicas, HEAP, replica, to)
  setInt(replicas, HEAP_ROOM, replica, capacity)
}

function takeSegment(running: Running, capacity: number): number {
  const size = sizeClass(capacity)
  const free = i32(running.freed, size)
  if (free !== -1) {
    running.freed[size] = f64(running.finish, free)
    return free
  }
  const offset = running.used
  running.used += capacity
  if (running.used > running.finish.length) {
    const length = Math.max(running.used, running.finish.length * 2)
    const [finish, request] = [new Float64Array(length), new Int32Array(length)]
    finish.set(running.finish)
    request.set(running.request)
    running.finish = finish
    running.request = request
  }
  return offset
}

function sizeClass(capacity: number): number {
  return 31 - Math.clz32(capacity)
}
