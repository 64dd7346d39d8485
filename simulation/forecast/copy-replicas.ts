import { addF64, f64, i32 } from '../columns'
import type { FleetState } from '../serving/fleet-state'
import type { PoolState } from '../serving/pool'
import { appendEntry, createEntry } from '../serving/prefix-cache'
import { firstLane, firstQueue, type Replicas } from '../serving/replicas'
import { copyRequest, FLOW, NEXT, NONE, read, USER, write } from '../serving/requests'
import { push } from '../serving/running'

/** Columns with an entry per replica that are copied as they are. */
const figures = [
  'phase',
  'health',
  'due',
  'start',
  'until',
  'steps',
  'leap',
  'settled',
  'base',
  'slope',
  'clock',
  'slowdown',
  'context',
  'blocks',
  'deadline',
  'planned',
  'prefill',
  'prefillContext',
  'batchCount',
  'waiting',
  'outstanding',
] as const satisfies (keyof Replicas)[]

/**
 * Copies replicas of one fleet, with all requests they have and what their caches hold, over those of another that has
 * the same flows and is empty. Of a pool with fewer replicas there, evenly spread ones are copied.
 */
export function copyReplicas(from: FleetState, to: FleetState): void {
  const copies = new Map<number, number>()
  for (const target of to.own) {
    const source = from.pools[target.index] as PoolState
    for (let i = 0; i < target.replicas; i++) {
      const replica = source.first + Math.floor((i * source.replicas) / target.replicas)
      copyReplica(from, source, replica, to, target, target.first + i)
      copies.set(replica, target.first + i)
    }
  }
  // what is on its way frees the blocks of the replica that it comes from
  for (const transfer of from.network.transfers) {
    const replica = copies.get(transfer.replica)
    if (replica === undefined) continue
    to.network.transfers.push({ ...transfer, replica })
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
  for (const figure of figures) b[figure][copy] = a[figure][replica] as number
  b.partial[copy] = slotOf(i32(a.partial, replica))
  b.batch[copy] = listOf(i32(a.batch, replica))
  b.inboxHead[copy] = listOf(i32(a.inboxHead, replica))
  b.inboxTail[copy] = slotOf(i32(a.inboxTail, replica))
  for (let level = 0; level < source.levels; level++) {
    const [queue, queueOfCopy] = [firstQueue(source, replica) + level, firstQueue(target, copy) + level]
    b.waitingHead[queueOfCopy] = listOf(i32(a.waitingHead, queue))
    b.waitingTail[queueOfCopy] = slotOf(i32(a.waitingTail, queue))
  }
  const [lanes, lanesOfCopy] = [firstLane(source, replica), firstLane(target, copy)]
  for (let lane = 0; lane < source.flows; lane++) {
    b.laneRunning[lanesOfCopy + lane] = i32(a.laneRunning, lanes + lane)
    b.lanePrefill[lanesOfCopy + lane] = i32(a.lanePrefill, lanes + lane)
  }
  const offset = i32(from.running.offset, replica)
  for (let i = offset; i < offset + i32(from.running.count, replica); i++) {
    push(to.running, copy, f64(from.running.finish, i), slotOf(i32(from.running.request, i)))
  }
  for (const request of slots.values()) {
    // they count as received, so that what is present is what came less what left
    const flow = read(to.requests, FLOW, request)
    addF64(to.telemetry.flow.received, flow, 1)
    const sessions = to.workloads[i32(to.flows.workload, flow)]?.sessions
    if (sessions && !sessions.repeat) sessions.busy[read(to.requests, USER, request)] = 1
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
  const offset = i32(running.offset, replica)
  for (let i = offset; i < offset + i32(running.count, replica); i++) present(i32(running.request, i))
  for (let each = i32(replicas.batch, replica); each !== NONE; each = read(requests, NEXT, each)) present(each)
  if (i32(replicas.partial, replica) !== NONE) present(i32(replicas.partial, replica))
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
  const first = source.firstKey + (replica - source.first) * source.groups
  const firstOfCopy = target.firstKey + (copy - target.first) * target.groups
  const shared = (key: number): boolean => key >= first && key < first + source.groups
  for (let key = first; key < first + source.groups; key++) {
    const entry = i32(a.entries, key)
    if (entry === NONE) continue
    const copied = createEntry(b, copy, firstOfCopy + key - first, i32(a.blocks, entry))
    b.holders[copied] = i32(a.holders, entry)
  }
  for (let entry = i32(a.oldest, replica); entry !== NONE; entry = i32(a.newer, entry)) {
    const key = i32(a.key, entry)
    const litter = i32(a.litter, entry) + (shared(key) ? 0 : i32(a.blocks, entry))
    b.litterAfter[copy] = i32(b.litterAfter, copy) + litter
    b.idle[copy] = i32(b.idle, copy) + litter
    if (shared(key)) appendEntry(b, copy, i32(b.entries, firstOfCopy + key - first))
  }
  const litter = i32(a.litterAfter, replica)
  b.litterAfter[copy] = i32(b.litterAfter, copy) + litter
  b.idle[copy] = i32(b.idle, copy) + litter
}
