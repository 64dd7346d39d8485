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
  /** How many replicas it chooses from: the first ones of the pool, or `members` of it. */
  replicas: number
  /** Replicas that take requests, counted from the first of the pool, ascending; `null` where all of them do. */
  members: Int32Array | null
  stream: Stream
  /** Member whose turn it is. */
  turn: number
  /** By member: outstanding requests as the picker believes, and all of them. */
  seen: Int32Array
  total: number
  /** Members by what was outstanding, and the level that is being filled up. */
  order: Int32Array
  level: number
}

export function createPicker(
  kind: Picker,
  { first, replicas, slots = replicas }: { first: number; replicas: number; slots?: number },
  stream: Stream,
): PickerState {
  return {
    kind,
    first,
    replicas,
    members: null,
    stream,
    turn: 0,
    total: 0,
    seen: new Int32Array(kind === 'round-robin' ? 0 : slots),
    order: new Int32Array(kind === 'least-outstanding' ? slots : 0),
    level: 0,
  }
}

/** Takes a new snapshot of the outstanding requests of all replicas. */
export function look(picker: PickerState, outstanding: Int32Array): void {
  if (picker.kind === 'round-robin') return
  const { seen, members, first, replicas } = picker
  if (members === null) seen.set(outstanding.subarray(first, first + replicas))
  else for (let i = 0; i < replicas; i++) seen[i] = i32(outstanding, first + i32(members, i))
  if (picker.kind === 'least-outstanding') sortBySeen(picker)
  if (picker.kind === 'prefix-affinity') {
    picker.total = 0
    for (let i = 0; i < replicas; i++) picker.total += i32(seen, i)
  }
}

/** From now on it chooses from these replicas, counted from the first of the pool, ascending; and looks anew. */
export function chooseFrom(picker: PickerState, members: readonly number[], outstanding: Int32Array): void {
  picker.replicas = members.length
  picker.members = members.every((member, i) => member === i) ? null : Int32Array.from(members)
  if (picker.turn >= picker.replicas) picker.turn = 0
  if (picker.replicas > 0) look(picker, outstanding)
}

/** Replica for the next request, which `wanted` (a replica, or any other number) says would find its prefix at. */
export function pick(picker: PickerState, wanted: number): number {
  const member = pickMember(picker, wanted)
  return picker.first + (picker.members === null ? member : i32(picker.members, member))
}

function pickMember(picker: PickerState, wanted: number): number {
  switch (picker.kind) {
    case 'round-robin':
      return nextTurn(picker)
    case 'least-outstanding':
      return leastOutstanding(picker)
    case 'power-of-two':
      return powerOfTwo(picker)
    case 'prefix-affinity':
      return nearest(picker, wanted)
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
  let replica = wanted < picker.first ? nextTurn(picker) : memberAt(picker, wanted - picker.first)
  while (i32(picker.seen, replica) >= bound) replica = replica + 1 === picker.replicas ? 0 : replica + 1
  addI32(picker.seen, replica, 1)
  picker.total++
  return replica
}

/** The member that stands for any number: the replica itself, or the next one that takes requests. */
function memberAt({ members, replicas, seen }: PickerState, wanted: number): number {
  if (members === null) return wanted % replicas
  const replica = wanted % seen.length
  let [low, high] = [0, replicas]
  while (low < high) {
    const middle = (low + high) >> 1
    if (i32(members, middle) < replica) low = middle + 1
    else high = middle
  }
  return low === replicas ? 0 : low
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
