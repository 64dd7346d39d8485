import { addF64, f64, i32 } from '../columns'
import type { FleetState } from '../serving/fleet-state'
import type { PoolState } from '../serving/pool'
import {
  drop,
  entry,
  firstKey,
  HOLDERS,
  keepIdle,
  list,
  LITTER,
  LITTER_AFTER,
  NEWER,
  OLDEST,
  REPLICA,
  setEntry,
  SIZE,
} from '../serving/prefix-cache'
import {
  BATCH_HEAD,
  copyRecord,
  DECODING,
  firstLane,
  firstQueue,
  HEAP,
  HEAP_ROOM,
  INBOX_HEAD,
  INBOX_TAIL,
  int,
  JOINED,
  PARTIAL,
  setInt,
} from '../serving/replicas'
import { copyRequest, FLOW, NEXT, NONE, read, USER, write } from '../serving/requests'
import { push } from '../serving/running'

/**
 * Copies replicas of one fleet, with all requests they have and what their caches hold, over those of another that has
 * the same flows and is empty. Of a pool with fewer replicas there, evenly spread ones are copied.
 */
export function copyReplicas(from: FleetState, to: FleetState): void {
  const copies = new Map<number, number>()
  for (const target of to.own) {
    const source = from.pools[target.index] as PoolState
    target.lanesInUse = source.lanesInUse
    for (let i = 0; i < target.replicas; i++) {
      const replica = source.first + Math.floor((i * source.replicas) / target.replicas)
      copyReplica(from, source, replica, to, target, target.first + i)
      copies.set(replica, target.first + i)
    }
  }
  // what is on its way frees the blocks of the replica that it comes from; conversations stay behind
  for (const transfer of from.network.transfers) {
    const replica = copies.get(transfer.replica)
    if (replica === undefined) continue
    to.network.transfers.push({ ...transfer, replica, session: NONE, kept: 0 })
    addF64(to.telemetry.transferring, transfer.flow, 1)
  }
}

function copyReplica(
  from: FleetState,
  source: PoolState,
  replica: number,
  to: FleetState,
  target: PoolState,
  copy: number,
): void {
  const slots = new Map<number, number>()
  const slotOf = (request: number): number => slotOfCopy(from, to, slots, request)
  const listOf = (head: number): number => copyList(from, to, slotOf, head)
  const [a, b] = [from.replicas, to.replicas]
  copyRecord(a, replica, b, copy)
  b.due[copy] = f64(a.due, replica)
  b.clock[copy] = f64(a.clock, replica)
  b.outstanding[copy] = i32(a.outstanding, replica)
  setInt(b, PARTIAL, copy, slotOf(int(a, PARTIAL, replica)))
  setInt(b, BATCH_HEAD, copy, listOf(int(a, BATCH_HEAD, replica)))
  setInt(b, JOINED, copy, listOf(int(a, JOINED, replica)))
  setInt(b, INBOX_HEAD, copy, listOf(int(a, INBOX_HEAD, replica)))
  setInt(b, INBOX_TAIL, copy, slotOf(int(a, INBOX_TAIL, replica)))
  for (let level = 0; level < source.levels; level++) {
    const [queue, queueOfCopy] = [firstQueue(source, replica) + level, firstQueue(target, copy) + level]
    b.waitingHead[queueOfCopy] = listOf(i32(a.waitingHead, queue))
    b.waitingTail[queueOfCopy] = slotOf(i32(a.waitingTail, queue))
  }
  const [lanes, lanesOfCopy] = [firstLane(source, replica), firstLane(target, copy)]
  for (let lane = 0; lane < source.lanes; lane++) {
    b.laneRunning[lanesOfCopy + lane] = i32(a.laneRunning, lanes + lane)
    b.lanePrefill[lanesOfCopy + lane] = i32(a.lanePrefill, lanes + lane)
  }
  setInt(b, DECODING, copy, 0)
  setInt(b, HEAP_ROOM, copy, 0)
  const offset = int(from.replicas, HEAP, replica)
  for (let i = offset; i < offset + int(from.replicas, DECODING, replica); i++) {
    push(to.running, b, copy, f64(from.running.finish, i), slotOf(i32(from.running.request, i)))
  }
  for (const request of slots.values()) {
    // they count as received, so that what is present is what came less what left
    const flow = read(to.requests, FLOW, request)
    addF64(to.telemetry.flow.received, flow, 1)
    const sessions = to.workloads[i32(to.flows.workload, flow)]?.sessions
    const user = read(to.requests, USER, request)
    if (sessions && !sessions.repeat && user !== NONE) sessions.busy[user] = 1
  }
  copyPresence(from, replica, to, slots)
  if (source.reuses) copyCache(from, source, replica, to, target, copy)
}

/** Requests in a batch now, by flow: those that decode, are prefilled or are queries under way. */
function copyPresence(from: FleetState, replica: number, to: FleetState, slots: Map<number, number>): void {
  const { replicas, running, requests } = from
  const present = (request: number): void => {
    const copy = slots.get(request)
    if (copy !== undefined) addF64(to.telemetry.flowRunning, read(to.requests, FLOW, copy), 1)
  }
  const offset = int(replicas, HEAP, replica)
  for (let i = offset; i < offset + int(replicas, DECODING, replica); i++) present(i32(running.request, i))
  for (let each = int(replicas, BATCH_HEAD, replica); each !== NONE; each = read(requests, NEXT, each)) present(each)
  if (int(replicas, PARTIAL, replica) !== NONE) present(int(replicas, PARTIAL, replica))
}

function slotOfCopy(from: FleetState, to: FleetState, slots: Map<number, number>, request: number): number {
  if (request === NONE) return NONE
  const known = slots.get(request)
  if (known !== undefined) return known
  const copy = copyRequest(from.requests, to.requests, request)
  slots.set(request, copy)
  return copy
}

function copyList(from: FleetState, to: FleetState, slotOf: (request: number) => number, head: number): number {
  for (let request = head; request !== NONE; request = read(from.requests, NEXT, request)) {
    write(to.requests, NEXT, slotOf(request), slotOf(read(from.requests, NEXT, request)))
  }
  return slotOf(head)
}

/** Shared prefixes, in use and idle; conversations stay behind, for their users do not come along. */
function copyCache(
  from: FleetState,
  source: PoolState,
  replica: number,
  to: FleetState,
  target: PoolState,
  copy: number,
): void {
  const [a, b] = [from.prefixes, to.prefixes]
  const [first, firstOfCopy] = [firstKey(source, replica), firstKey(target, copy)]
  for (let group = 0; group < source.groups; group++) {
    if (entry(a, HOLDERS, first + group) === 0) continue
    for (const field of [SIZE, HOLDERS]) setEntry(b, field, firstOfCopy + group, entry(a, field, first + group))
    setEntry(b, REPLICA, firstOfCopy + group, copy)
  }
  for (let key = list(a, OLDEST, replica); key !== NONE; key = entry(a, NEWER, key)) {
    const group = key - first
    const shared = group >= 0 && group < source.groups
    drop(to, copy, entry(a, LITTER, key) + (shared ? 0 : entry(a, SIZE, key)))
    if (shared) keepIdle(b, copy, firstOfCopy + group, entry(a, SIZE, key))
  }
  drop(to, copy, list(a, LITTER_AFTER, replica))
}
