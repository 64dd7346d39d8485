import { blockSize } from '../catalog/lookup'
import type { Fleet } from '../catalog/fleets'
import { i32 } from '../columns'
import { state } from '../state'
import type { FleetState } from './fleet-state'
import type { Sent } from './network'
import type { PoolState } from './pool'
import { CACHED, FLOW, GENERATED, GROUP, NONE, OUTPUT, PREFILLED, PROMPT, USER, read, write } from './requests'

// fields of an entry's record
/** [blocks], 0 where there is nothing. */
export const SIZE = 0
export const REPLICA = 1
/** Requests that use it now; it is idle, in its replica's list, without any. */
export const HOLDERS = 2
/** Blocks that nobody asks for again, let go after the entry before it in the list. */
export const LITTER = 3
/** Neighbours in the list of idle entries. */
export const OLDER = 4
export const NEWER = 5
const entryBits = 3

// fields of a replica's list of idle entries
export const OLDEST = 0
export const NEWEST = 1
/** Litter let go after the newest. */
export const LITTER_AFTER = 2
/** Blocks of all that. */
export const IDLE_BLOCKS = 3
const listBits = 2

/**
 * What the KV caches of all replicas keep beyond the requests that run: shared prefixes, conversations of sessions, and
 * litter, what nobody will ask for again but pushes others out. Idle entries are evicted the longest unused first, from their
 * end, as in vLLM.
 */
export interface PrefixCache {
  /** A record per key: shared prefixes replica by replica, then sessions workload by workload, user by user. */
  entries: Int32Array
  /** A record per replica. */
  lists: Int32Array
  /** First key of the sessions, by workload. */
  firstSession: Int32Array
}

export function createPrefixCache(fleet: Fleet, pools: readonly PoolState[]): PrefixCache {
  const replicas = pools.reduce((sum, pool) => sum + pool.slots, 0)
  let keys = pools.reduce((sum, pool) => sum + pool.slots * pool.groups, 0)
  const firstSession = Int32Array.from(fleet.workloads, ({ sessions }) => {
    const first = keys
    keys += sessions?.users ?? 0
    return first
  })
  const cache = state({
    entries: new Int32Array(keys << entryBits),
    lists: new Int32Array(replicas << listBits),
    firstSession,
  })
  for (let replica = 0; replica < replicas; replica++) {
    setList(cache, OLDEST, replica, NONE)
    setList(cache, NEWEST, replica, NONE)
  }
  return cache
}

export function entry(prefixes: PrefixCache, field: number, key: number): number {
  return prefixes.entries[(key << entryBits) | field] as number
}

export function setEntry(prefixes: PrefixCache, field: number, key: number, value: number): void {
  prefixes.entries[(key << entryBits) | field] = value
}

export function list(prefixes: PrefixCache, field: number, replica: number): number {
  return prefixes.lists[(replica << listBits) | field] as number
}

function setList(prefixes: PrefixCache, field: number, replica: number, value: number): void {
  prefixes.lists[(replica << listBits) | field] = value
}

export function addList(prefixes: PrefixCache, field: number, replica: number, amount: number): void {
  const index = (replica << listBits) | field
  prefixes.lists[index] = (prefixes.lists[index] as number) + amount
}

/**
 * Claims what the cache has of a request's prompt and takes part in its shared prefix. Returns the blocks that others
 * hold for it, or `null`, with nothing changed, where they are fewer than those that are lacking. Where a prompt is shorter
 * than an idle prefix, it takes the rest of that along as far as there is room: below 0, so many blocks more.
 */
export function share(
  fleet: FleetState,
  pool: PoolState,
  replica: number,
  request: number,
  lacking: number,
): number | null {
  const { prefixes, requests, flows } = fleet
  const flow = read(requests, FLOW, request)
  const prompt = read(requests, PROMPT, request)
  // the last token is always computed, or there would be nothing to sample from
  const shared = Math.floor(Math.min(i32(flows.prefix, flow), prompt - 1) / blockSize)
  let hit = 0
  let held = 0
  if (shared > 0) {
    const key = sharedKey(fleet, pool, replica, request)
    hit = Math.min(entry(prefixes, SIZE, key), shared)
    if (entry(prefixes, HOLDERS, key) > 0) held = hit
    if (held < lacking) return null
    const needed = Math.max(shared, fitting(fleet, request, entry(prefixes, SIZE, key), shared - lacking))
    if (entry(prefixes, HOLDERS, key) === 0) held = shared - needed
    hold(prefixes, replica, key, needed)
  } else if (lacking > 0) {
    return null
  }
  write(requests, CACHED, request, shared * blockSize)
  const user = read(requests, USER, request)
  if (user !== NONE) {
    const key = i32(prefixes.firstSession, i32(flows.workload, flow)) + user
    const kept = entry(prefixes, SIZE, key)
    if (kept > 0 && entry(prefixes, REPLICA, key) === replica) {
      const said = Math.floor(saidBefore(fleet, request) / blockSize)
      if (hit === shared) hit += Math.max(0, Math.min(kept, said - shared))
      remove(prefixes, key)
    }
  }
  write(requests, PREFILLED, request, hit * blockSize)
  return held
}

/** Blocks of an idle prefix that can stay in a room of so many once the request has made all its tokens. */
function fitting({ requests }: FleetState, request: number, size: number, room: number): number {
  const [prompt, generated] = [read(requests, PROMPT, request), read(requests, GENERATED, request)]
  const all = prompt + read(requests, OUTPUT, request)
  const growth = Math.ceil(all / blockSize) - Math.ceil((prompt + generated) / blockSize)
  return Math.min(size, room - growth)
}

/**
 * Tokens of a prompt that its conversation may have left in the cache: not those of a question that was never answered,
 * and all but the last where the request itself was preempted or asks the same as before.
 */
function saidBefore({ requests, flows, workloads }: FleetState, request: number): number {
  const sessions = workloads[i32(flows.workload, read(requests, FLOW, request))]?.sessions
  const most = read(requests, PROMPT, request) - 1
  if (!sessions || sessions.repeat || read(requests, GENERATED, request) > 0) return most
  return Math.min(most, i32(sessions.said, read(requests, USER, request)))
}

/** A request no longer uses its shared prefix; returns the blocks that nobody holds any more. */
export function unshare(fleet: FleetState, pool: PoolState, replica: number, request: number): number {
  const { prefixes, requests } = fleet
  const key = sharedKey(fleet, pool, replica, request)
  const holders = entry(prefixes, HOLDERS, key) - 1
  write(requests, CACHED, request, 0)
  setEntry(prefixes, HOLDERS, key, holders)
  if (holders > 0) return 0
  append(prefixes, replica, key)
  return entry(prefixes, SIZE, key)
}

/** Keeps what a request of a session leaves behind, for its next turn. */
export function keepConversation(fleet: FleetState, replica: number, request: number, held: number): void {
  const key = renewConversation(fleet, request)
  const blocks = Math.floor(held / blockSize) - read(fleet.requests, CACHED, request) / blockSize
  if (blocks > 0) keepIdle(fleet.prefixes, replica, key, blocks)
}

/** What is left of earlier turns of a request's conversation will not be asked for again. Returns its key. */
export function renewConversation({ prefixes, requests, flows }: FleetState, request: number): number {
  const key =
    i32(prefixes.firstSession, i32(flows.workload, read(requests, FLOW, request))) + read(requests, USER, request)
  litter(prefixes, key)
  return key
}

/** Keeps what has been sent, for the next turn unless a later one has left something already. */
export function keepSent(fleet: FleetState, { replica, blocks, session, kept }: Sent): void {
  if (session !== NONE && kept > 0 && entry(fleet.prefixes, SIZE, session) === 0) {
    keepIdle(fleet.prefixes, replica, session, kept)
  } else {
    drop(fleet, replica, blocks)
  }
}

/** Lets go of blocks that nobody will ask for again, but that push others out until they are evicted. */
export function drop({ prefixes }: FleetState, replica: number, blocks: number): void {
  addList(prefixes, LITTER_AFTER, replica, blocks)
  addList(prefixes, IDLE_BLOCKS, replica, blocks)
}

/** Evicts idle blocks, the longest unused first, until no more than `room` are left. */
export function evict({ prefixes }: FleetState, replica: number, room: number): void {
  let excess = list(prefixes, IDLE_BLOCKS, replica) - Math.max(0, room)
  while (excess > 0) {
    const key = list(prefixes, OLDEST, replica)
    const litter = key === NONE ? list(prefixes, LITTER_AFTER, replica) : entry(prefixes, LITTER, key)
    const swept = Math.min(litter, excess)
    if (key === NONE) addList(prefixes, LITTER_AFTER, replica, -swept)
    else setEntry(prefixes, LITTER, key, litter - swept)
    addList(prefixes, IDLE_BLOCKS, replica, -swept)
    excess -= swept
    if (excess === 0) return
    const blocks = entry(prefixes, SIZE, key)
    if (blocks > excess) {
      setEntry(prefixes, SIZE, key, blocks - excess)
      addList(prefixes, IDLE_BLOCKS, replica, -excess)
      return
    }
    remove(prefixes, key)
    excess -= blocks
  }
}

/** Forgets all that a replica holds, in use or idle. */
export function forgetReplica({ prefixes }: FleetState, pool: PoolState, replica: number): void {
  while (list(prefixes, OLDEST, replica) !== NONE) remove(prefixes, list(prefixes, OLDEST, replica))
  setList(prefixes, LITTER_AFTER, replica, 0)
  setList(prefixes, IDLE_BLOCKS, replica, 0)
  const first = firstKey(pool, replica)
  for (let key = first; key < first + pool.groups; key++) {
    setEntry(prefixes, SIZE, key, 0)
    setEntry(prefixes, HOLDERS, key, 0)
  }
}

/** A conversation is over: what is left of it will not be asked for again. */
export function forgetConversation({ prefixes }: FleetState, workload: number, user: number): void {
  litter(prefixes, i32(prefixes.firstSession, workload) + user)
}

/** Key of a replica's first shared prefix. */
export function firstKey(pool: PoolState, replica: number): number {
  return pool.firstKey + (replica - pool.first) * pool.groups
}

function sharedKey({ requests, flows }: FleetState, pool: PoolState, replica: number, request: number): number {
  const group = i32(flows.firstGroup, read(requests, FLOW, request)) + read(requests, GROUP, request)
  return firstKey(pool, replica) + group
}

/** Takes part in a shared prefix of so many blocks. */
function hold(prefixes: PrefixCache, replica: number, key: number, shared: number): void {
  const holders = entry(prefixes, HOLDERS, key)
  const size = entry(prefixes, SIZE, key)
  if (holders === 0 && size > 0) unlink(prefixes, key)
  setEntry(prefixes, SIZE, key, holders > 0 ? Math.max(size, shared) : shared)
  setEntry(prefixes, HOLDERS, key, holders + 1)
  setEntry(prefixes, REPLICA, key, replica)
}

/** Turns an idle entry into litter, in its place. */
function litter(prefixes: PrefixCache, key: number): void {
  const blocks = entry(prefixes, SIZE, key)
  if (blocks === 0) return
  setEntry(prefixes, LITTER, key, entry(prefixes, LITTER, key) + blocks)
  addList(prefixes, IDLE_BLOCKS, entry(prefixes, REPLICA, key), blocks)
  remove(prefixes, key)
}

/** Discards an idle entry. */
function remove(prefixes: PrefixCache, key: number): void {
  unlink(prefixes, key)
  setEntry(prefixes, SIZE, key, 0)
}

/** A replica keeps so many blocks that nobody holds. */
export function keepIdle(prefixes: PrefixCache, replica: number, key: number, blocks: number): void {
  setEntry(prefixes, SIZE, key, blocks)
  setEntry(prefixes, REPLICA, key, replica)
  append(prefixes, replica, key)
}

/** Puts an entry that nobody holds any more behind all idle ones. */
function append(prefixes: PrefixCache, replica: number, key: number): void {
  const newest = list(prefixes, NEWEST, replica)
  setEntry(prefixes, OLDER, key, newest)
  setEntry(prefixes, NEWER, key, NONE)
  setEntry(prefixes, LITTER, key, list(prefixes, LITTER_AFTER, replica))
  setList(prefixes, LITTER_AFTER, replica, 0)
  if (newest === NONE) setList(prefixes, OLDEST, replica, key)
  else setEntry(prefixes, NEWER, newest, key)
  setList(prefixes, NEWEST, replica, key)
  addList(prefixes, IDLE_BLOCKS, replica, entry(prefixes, SIZE, key))
}

/** Takes an idle entry out of its list. */
function unlink(prefixes: PrefixCache, key: number): void {
  const replica = entry(prefixes, REPLICA, key)
  const [older, newer] = [entry(prefixes, OLDER, key), entry(prefixes, NEWER, key)]
  if (older === NONE) setList(prefixes, OLDEST, replica, newer)
  else setEntry(prefixes, NEWER, older, newer)
  const litter = entry(prefixes, LITTER, key)
  if (newer === NONE) {
    setList(prefixes, NEWEST, replica, older)
    addList(prefixes, LITTER_AFTER, replica, litter)
  } else {
    setEntry(prefixes, OLDER, newer, older)
    setEntry(prefixes, LITTER, newer, entry(prefixes, LITTER, newer) + litter)
  }
  addList(prefixes, IDLE_BLOCKS, replica, -entry(prefixes, SIZE, key))
}
