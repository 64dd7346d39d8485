import { blockSize } from '../catalog/lookup'
import type { Fleet } from '../catalog/fleets'
import { addI32, i32 } from '../columns'
import type { FleetState } from './fleet-state'
import type { PoolState } from './pool'
import { CACHED, FLOW, GENERATED, GROUP, NONE, PREFILLED, PROMPT, USER, read, write } from './requests'

/** Entry fields, one column each. */
const fields = [
  'blocks',
  'key', // what it holds
  'replica',
  'holders', // requests that use it now; it is idle, in its replica's list, without any
  'litter', // blocks that nobody asks for again, let go after the entry before it in the list
  'older', // neighbours in the list of idle entries
  'newer',
] as const

/**
 * What the KV caches of all replicas keep beyond the requests that run: shared prefixes, conversations of sessions, and
 * litter, what nobody will ask for again but pushes others out. Idle entries are evicted the longest unused first, from their
 * end, as in vLLM.
 */
export interface PrefixCache extends Record<(typeof fields)[number], Int32Array> {
  /** First free entry, linked by `newer`. */
  free: number
  /** Entry by key: shared prefixes replica by replica, then sessions workload by workload, user by user. */
  entries: Int32Array
  /** First key of the sessions, by workload. */
  firstSession: Int32Array
  /** By replica: the list of idle entries, the litter let go after the newest, and the blocks of all that. */
  oldest: Int32Array
  newest: Int32Array
  litterAfter: Int32Array
  idle: Int32Array
}

export function createPrefixCache(fleet: Fleet, pools: readonly PoolState[]): PrefixCache {
  const replicas = pools.reduce((sum, pool) => sum + pool.slots, 0)
  let keys = pools.reduce((sum, pool) => sum + pool.slots * pool.groups, 0)
  const firstSession = Int32Array.from(fleet.workloads, ({ sessions }) => {
    const first = keys
    keys += sessions?.users ?? 0
    return first
  })
  return {
    ...(Object.fromEntries(fields.map(field => [field, new Int32Array(0)])) as Record<
      (typeof fields)[number],
      Int32Array
    >),
    free: NONE,
    entries: new Int32Array(keys).fill(NONE),
    firstSession,
    oldest: new Int32Array(replicas).fill(NONE),
    newest: new Int32Array(replicas).fill(NONE),
    litterAfter: new Int32Array(replicas),
    idle: new Int32Array(replicas),
  }
}

/**
 * Claims what the cache has of a request's prompt and takes part in its shared prefix. Returns the blocks that others
 * hold for it, or `null`, with nothing changed, where they are fewer than those that are lacking.
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
  const key = shared > 0 ? sharedKey(fleet, pool, replica, request) : NONE
  const found = key === NONE ? NONE : i32(prefixes.entries, key)
  const there = found === NONE ? 0 : Math.min(i32(prefixes.blocks, found), shared)
  const held = there > 0 && i32(prefixes.holders, found) > 0 ? there : 0
  if (held < lacking) return null
  if (key !== NONE) hold(prefixes, replica, key, found, shared)
  let hit = there
  write(requests, CACHED, request, shared * blockSize)
  const user = read(requests, USER, request)
  if (user !== NONE) {
    const key = i32(prefixes.firstSession, i32(flows.workload, flow)) + user
    const entry = i32(prefixes.entries, key)
    if (entry !== NONE && i32(prefixes.replica, entry) === replica) {
      const kept = i32(prefixes.blocks, entry)
      const said = Math.floor(saidBefore(fleet, request) / blockSize)
      if (hit === shared) hit += Math.max(0, Math.min(kept, said - shared))
      remove(prefixes, entry)
    }
  }
  write(requests, PREFILLED, request, hit * blockSize)
  return held
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
  const entry = i32(prefixes.entries, sharedKey(fleet, pool, replica, request))
  write(requests, CACHED, request, 0)
  addI32(prefixes.holders, entry, -1)
  if (i32(prefixes.holders, entry) > 0) return 0
  appendEntry(prefixes, replica, entry)
  return i32(prefixes.blocks, entry)
}

/** Keeps what a request of a session leaves behind, for its next turn. */
export function keepConversation(fleet: FleetState, replica: number, request: number, held: number): void {
  const { prefixes, requests, flows } = fleet
  const key =
    i32(prefixes.firstSession, i32(flows.workload, read(requests, FLOW, request))) + read(requests, USER, request)
  litter(prefixes, i32(prefixes.entries, key))
  const blocks = Math.floor(held / blockSize) - read(requests, CACHED, request) / blockSize
  if (blocks > 0) appendEntry(prefixes, replica, createEntry(prefixes, replica, key, blocks))
}

/** Lets go of blocks that nobody will ask for again, but that push others out until they are evicted. */
export function drop({ prefixes }: FleetState, replica: number, blocks: number): void {
  addI32(prefixes.litterAfter, replica, blocks)
  addI32(prefixes.idle, replica, blocks)
}

/** Evicts idle blocks, the longest unused first, until no more than `room` are left. */
export function evict({ prefixes }: FleetState, replica: number, room: number): void {
  let excess = i32(prefixes.idle, replica) - Math.max(0, room)
  while (excess > 0) {
    const entry = i32(prefixes.oldest, replica)
    const litter = entry === NONE ? i32(prefixes.litterAfter, replica) : i32(prefixes.litter, entry)
    const swept = Math.min(litter, excess)
    if (entry === NONE) addI32(prefixes.litterAfter, replica, -swept)
    else addI32(prefixes.litter, entry, -swept)
    addI32(prefixes.idle, replica, -swept)
    excess -= swept
    if (excess === 0) return
    const blocks = i32(prefixes.blocks, entry)
    if (blocks > excess) {
      addI32(prefixes.blocks, entry, -excess)
      addI32(prefixes.idle, replica, -excess)
      return
    }
    remove(prefixes, entry)
    excess -= blocks
  }
}

/** Forgets all that a replica holds, in use or idle. */
export function forgetReplica({ prefixes }: FleetState, pool: PoolState, replica: number): void {
  while (i32(prefixes.oldest, replica) !== NONE) remove(prefixes, i32(prefixes.oldest, replica))
  prefixes.litterAfter[replica] = 0
  prefixes.idle[replica] = 0
  const first = pool.firstKey + (replica - pool.first) * pool.groups
  for (let key = first; key < first + pool.groups; key++) {
    const entry = i32(prefixes.entries, key)
    if (entry !== NONE) discard(prefixes, entry)
  }
}

/** A conversation is over: what is left of it will not be asked for again. */
export function forgetConversation({ prefixes }: FleetState, workload: number, user: number): void {
  litter(prefixes, i32(prefixes.entries, i32(prefixes.firstSession, workload) + user))
}

function sharedKey({ requests, flows }: FleetState, pool: PoolState, replica: number, request: number): number {
  const group = i32(flows.firstGroup, read(requests, FLOW, request)) + read(requests, GROUP, request)
  return pool.firstKey + (replica - pool.first) * pool.groups + group
}

/** Takes part in a shared prefix of so many blocks; `found` is its entry, or NONE. */
function hold(prefixes: PrefixCache, replica: number, key: number, found: number, shared: number): void {
  const entry = found === NONE ? createEntry(prefixes, replica, key, 0) : found
  if (i32(prefixes.holders, entry) > 0) {
    prefixes.blocks[entry] = Math.max(i32(prefixes.blocks, entry), shared)
  } else {
    if (found !== NONE) unlink(prefixes, entry)
    prefixes.blocks[entry] = shared
  }
  addI32(prefixes.holders, entry, 1)
}

/** An entry that nobody holds and no list has yet. */
export function createEntry(prefixes: PrefixCache, replica: number, key: number, blocks: number): number {
  if (prefixes.free === NONE) grow(prefixes)
  const entry = prefixes.free
  prefixes.free = i32(prefixes.newer, entry)
  prefixes.blocks[entry] = blocks
  prefixes.key[entry] = key
  prefixes.replica[entry] = replica
  prefixes.holders[entry] = 0
  prefixes.entries[key] = entry
  return entry
}

/** Turns an idle entry into litter, in its place. */
function litter(prefixes: PrefixCache, entry: number): void {
  if (entry === NONE) return
  const replica = i32(prefixes.replica, entry)
  const blocks = i32(prefixes.blocks, entry)
  addI32(prefixes.litter, entry, blocks)
  addI32(prefixes.idle, replica, blocks)
  remove(prefixes, entry)
}

/** Takes an idle entry out of its list and discards it. */
function remove(prefixes: PrefixCache, entry: number): void {
  unlink(prefixes, entry)
  discard(prefixes, entry)
}

function discard(prefixes: PrefixCache, entry: number): void {
  prefixes.entries[i32(prefixes.key, entry)] = NONE
  prefixes.holders[entry] = 0
  prefixes.newer[entry] = prefixes.free
  prefixes.free = entry
}

/** Puts an entry that nobody holds any more behind all idle ones. */
export function appendEntry(prefixes: PrefixCache, replica: number, entry: number): void {
  const newest = i32(prefixes.newest, replica)
  prefixes.older[entry] = newest
  prefixes.newer[entry] = NONE
  prefixes.litter[entry] = i32(prefixes.litterAfter, replica)
  prefixes.litterAfter[replica] = 0
  if (newest === NONE) prefixes.oldest[replica] = entry
  else prefixes.newer[newest] = entry
  prefixes.newest[replica] = entry
  addI32(prefixes.idle, replica, i32(prefixes.blocks, entry))
}

function unlink(prefixes: PrefixCache, entry: number): void {
  const replica = i32(prefixes.replica, entry)
  const [older, newer] = [i32(prefixes.older, entry), i32(prefixes.newer, entry)]
  if (older === NONE) prefixes.oldest[replica] = newer
  else prefixes.newer[older] = newer
  if (newer === NONE) prefixes.newest[replica] = older
  else prefixes.older[newer] = older
  const litter = i32(prefixes.litter, entry)
  if (newer === NONE) addI32(prefixes.litterAfter, replica, litter)
  else addI32(prefixes.litter, newer, litter)
  addI32(prefixes.idle, replica, -i32(prefixes.blocks, entry))
}

function grow(prefixes: PrefixCache): void {
  const old = prefixes.key.length
  const capacity = Math.max(64, old * 2)
  for (const field of fields) {
    const column = new Int32Array(capacity)
    column.set(prefixes[field])
    prefixes[field] = column
  }
  for (let entry = capacity - 1; entry >= old; entry--) {
    prefixes.newer[entry] = prefixes.free
    prefixes.free = entry
  }
}
