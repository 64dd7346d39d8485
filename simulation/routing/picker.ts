import { addI32, i32 } from '../columns'
import type { Picker } from '../catalog/fleets'
import { integer, type Stream } from '../random'

/**
 * Chooses the replica of a pool for each request. It sees what was outstanding when the snapshot was taken, plus what
 * it has sent since: real pickers scrape their replicas every 50 to 100 ms.
 */
export interface PickerState {
  kind: Picker
  first: number
  replicas: number
  stream: Stream
  /** Replica whose turn it is, from the first of the pool. */
  turn: number
  /** By replica of the pool: outstanding requests as the picker believes, and all of them. */
  seen: Int32Array
  total: number
  /** Replicas by what was outstanding, and the level that is being filled up. */
  order: Int32Array
  level: number
}

export function createPicker(kind: Picker, pool: { first: number; replicas: number }, stream: Stream): PickerState {
  return {
    kind,
    first: pool.first,
    replicas: pool.replicas,
    stream,
    turn: 0,
    total: 0,
    seen: new Int32Array(kind === 'round-robin' ? 0 : pool.replicas),
    order: new Int32Array(kind === 'least-outstanding' ? pool.replicas : 0),
    level: 0,
  }
}

/** Takes a new snapshot of the outstanding requests of all replicas. */
export function look(picker: PickerState, outstanding: Int32Array): void {
  if (picker.kind === 'round-robin') return
  picker.seen.set(outstanding.subarray(picker.first, picker.first + picker.replicas))
  if (picker.kind === 'least-outstanding') sortBySeen(picker)
  if (picker.kind === 'prefix-affinity') picker.total = picker.seen.reduce((sum, seen) => sum + seen, 0)
}

/** Replica for the next request, which `wanted` (a replica, or any other number) says would find its prefix at. */
export function pick(picker: PickerState, wanted: number): number {
  switch (picker.kind) {
    case 'round-robin':
      return picker.first + nextTurn(picker)
    case 'least-outstanding':
      return picker.first + leastOutstanding(picker)
    case 'power-of-two':
      return picker.first + powerOfTwo(picker)
    case 'prefix-affinity':
      return picker.first + nearest(picker, wanted)
  }
}

function nextTurn(picker: PickerState): number {
  const replica = picker.turn
  picker.turn = replica + 1 === picker.replicas ? 0 : replica + 1
  return replica
}

/**
 * The wanted replica, or whose turn it is where none is wanted, or the next one that is not above the mean by more than a quarter: consistent hashing with bounded
 * loads (Mirrokni, Thorup and Zadimoghaddam, 2018).
 */
function nearest(picker: PickerState, wanted: number): number {
  const bound = Math.ceil((1.25 * (picker.total + 1)) / picker.replicas)
  let replica = wanted < picker.first ? nextTurn(picker) : (wanted - picker.first) % picker.replicas
  while (i32(picker.seen, replica) >= bound) replica = replica + 1 === picker.replicas ? 0 : replica + 1
  addI32(picker.seen, replica, 1)
  picker.total++
  return replica
}

/** Two at random, the one with less outstanding (Mitzenmacher, 2001). */
function powerOfTwo(picker: PickerState): number {
  const a = integer(picker.stream, picker.replicas)
  const b = integer(picker.stream, picker.replicas)
  const chosen = i32(picker.seen, b) < i32(picker.seen, a) ? b : a
  addI32(picker.seen, chosen, 1)
  return chosen
}

/** Fills the replicas up level by level, so that each pick takes constant time on average. */
function leastOutstanding(picker: PickerState): number {
  for (;;) {
    if (picker.turn < picker.replicas) {
      const replica = i32(picker.order, picker.turn)
      if (i32(picker.seen, replica) <= picker.level) {
        picker.turn++
        addI32(picker.seen, replica, 1)
        return replica
      }
    }
    picker.level++
    picker.turn = 0
  }
}

/** Orders replicas by what is outstanding, ties in a rotating order so that idle replicas take turns. */
function sortBySeen(picker: PickerState): void {
  const { seen, order, replicas } = picker
  let most = 0
  for (let i = 0; i < replicas; i++) most = Math.max(most, i32(seen, i))
  const starts = new Int32Array(most + 2)
  for (let i = 0; i < replicas; i++) addI32(starts, i32(seen, i) + 1, 1)
  for (let level = 0; level < most; level++) addI32(starts, level + 1, i32(starts, level))
  const rotation = integer(picker.stream, replicas)
  for (let i = 0; i < replicas; i++) {
    const replica = (i + rotation) % replicas
    const place = i32(starts, i32(seen, replica))
    order[place] = replica
    starts[i32(seen, replica)] = place + 1
  }
  picker.turn = 0
  picker.level = replicas > 0 ? i32(seen, i32(order, 0)) : 0
}
