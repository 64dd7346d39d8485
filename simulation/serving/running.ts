import { f64, i32 } from '../columns'
import { state } from '../state'

/**
 * The running requests of every replica: a binary heap each, ordered by the step at which a request finishes. Heaps lie
 * side by side in two growing columns, in segments of a power of two that move when they are full.
 */
export interface Running {
  /** Step at which the entry finishes, and its request. */
  finish: Float64Array
  request: Int32Array
  /** End of what is handed out. */
  used: number
  /** First free segment by the logarithm of its size; the next one stands in its first `finish` entry. */
  freed: Int32Array
  /** By replica. */
  offset: Int32Array
  capacity: Int32Array
  count: Int32Array
}

const firstCapacity = 8

export function createRunning(replicas: number): Running {
  return state({
    finish: new Float64Array(replicas * firstCapacity),
    request: new Int32Array(replicas * firstCapacity),
    used: 0,
    freed: new Int32Array(32).fill(-1),
    offset: new Int32Array(replicas),
    capacity: new Int32Array(replicas),
    count: new Int32Array(replicas),
  })
}

/** Step at which the next request of the replica finishes; the replica must have one. */
export function nextFinish(running: Running, replica: number): number {
  return f64(running.finish, i32(running.offset, replica))
}

export function push(running: Running, replica: number, finish: number, request: number): void {
  const count = i32(running.count, replica)
  if (count === i32(running.capacity, replica)) enlarge(running, replica)
  running.count[replica] = count + 1
  rise(running, i32(running.offset, replica), count, finish, request)
}

/** Takes out the request that finishes first. */
export function pop(running: Running, replica: number): number {
  return removeAt(running, replica, 0)
}

/** Takes out the entry at a position of the heap (0 to count − 1) and returns its request. */
export function removeAt(running: Running, replica: number, position: number): number {
  const { finish, request } = running
  const base = i32(running.offset, replica)
  const count = i32(running.count, replica) - 1
  running.count[replica] = count
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

function enlarge(running: Running, replica: number): void {
  const old = i32(running.capacity, replica)
  const from = i32(running.offset, replica)
  const capacity = old === 0 ? firstCapacity : old * 2
  const to = takeSegment(running, capacity)
  running.finish.copyWithin(to, from, from + old)
  running.request.copyWithin(to, from, from + old)
  if (old > 0) {
    running.finish[from] = i32(running.freed, sizeClass(old))
    running.freed[sizeClass(old)] = from
  }
  running.offset[replica] = to
  running.capacity[replica] = capacity
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
