import { addInt, BLOCKS, CONTEXT, DECODING, HEAP, int, real, setInt, STEPS } from './replicas'
import { blockBits, blockSize } from '../catalog/lookup'
import { addF64, f64, i32 } from '../columns'
import type { FleetState } from './fleet-state'
import type { Sent } from './network'
import type { PoolState } from './pool'
import {
  drop,
  evict,
  forgetReplica,
  IDLE_BLOCKS,
  keepConversation,
  keepSent,
  list,
  renewConversation,
  share,
  unshare,
} from './prefix-cache'
import { BROUGHT, CACHED, GENERATED, NONE, OUTPUT, PREFILLED, PROMPT, USER, read } from './requests'

/** A pool whose replicas serve tokens. */
export type TokenPool = PoolState & { serving: { kind: 'tokens' } }

/** Blocks that hold so many tokens. */
export function blocksOf(tokens: number): number {
  return (tokens + blockSize - 1) >> blockBits
}

/**
 * Takes the blocks for a request that is about to be prefilled, those that it shares with others once, if no more than
 * `room` are needed; `prefilled` then tells how much of it was cached.
 */
export function takeBlocks(
  fleet: FleetState,
  pool: TokenPool,
  replica: number,
  request: number,
  room: number,
): boolean {
  const { requests, telemetry } = fleet
  const length = read(requests, PROMPT, request) + read(requests, GENERATED, request)
  const total = blocksOf(length)
  if (!pool.reuses) {
    if (total > room) return false
    addBlocks(fleet, pool, replica, total)
    return true
  }
  const held = share(fleet, pool, replica, request, total - room)
  if (held === null) return false
  addBlocks(fleet, pool, replica, total - held)
  addF64(telemetry.pool.prefixHits, pool.index, read(requests, PREFILLED, request))
  return true
}

/** Gives back the blocks of a request that holds so many tokens; what the cache can use again stays until it is evicted. */
export function releaseBlocks(
  fleet: FleetState,
  pool: TokenPool,
  replica: number,
  request: number,
  held: number,
): void {
  const own = blocksOf(held) - read(fleet.requests, CACHED, request) / blockSize
  addInt(fleet.replicas, BLOCKS, replica, -own)
  if (pool.reuses) addInt(fleet.replicas, BLOCKS, replica, -letGo(fleet, pool, replica, request, held))
}

/** The same for a request that decodes, whose blocks are counted by its tokens. */
export function releaseDecoding(
  fleet: FleetState,
  pool: TokenPool,
  replica: number,
  request: number,
  held: number,
): void {
  if (!pool.reuses) return
  const shared = read(fleet.requests, CACHED, request) / blockSize
  addInt(fleet.replicas, BLOCKS, replica, shared - letGo(fleet, pool, replica, request, held))
}

/** A request goes on elsewhere: its shared prefix is let go of, and its other blocks are held until they have been sent. */
export function holdSent(fleet: FleetState, pool: TokenPool, replica: number, request: number): Sent {
  const { requests } = fleet
  const held = read(requests, PROMPT, request) + read(requests, GENERATED, request)
  const cached = read(requests, CACHED, request) / blockSize
  const blocks = blocksOf(held) - cached
  if (!pool.reuses) return { replica, blocks, session: NONE, kept: 0 }
  const session = read(requests, USER, request) === NONE ? NONE : renewConversation(fleet, request)
  if (cached > 0) addInt(fleet.replicas, BLOCKS, replica, -unshare(fleet, pool, replica, request))
  return { replica, blocks, session, kept: session === NONE ? 0 : Math.floor(held / blockSize) - cached }
}

/** Gives back the blocks of a request that has been sent; what the cache can use again stays until it is evicted. */
export function freeSent(fleet: FleetState, pool: TokenPool, sent: Sent): void {
  addInt(fleet.replicas, BLOCKS, sent.replica, -sent.blocks)
  if (pool.reuses) keepSent(fleet, sent)
}

/** Leaves to the cache what a request holds; returns the blocks of its shared prefix, if nobody else holds them. */
function letGo(fleet: FleetState, pool: TokenPool, replica: number, request: number, held: number): number {
  const { requests } = fleet
  const cached = read(requests, CACHED, request)
  if (read(requests, USER, request) === NONE || read(requests, BROUGHT, request) === 1) {
    drop(fleet, replica, blocksOf(held) - cached / blockSize)
  } else {
    keepConversation(fleet, replica, request, held)
  }
  return cached > 0 ? unshare(fleet, pool, replica, request) : 0
}

/** The replica has lost its memory: nothing is held beside what decodes, nothing is cached. */
export function loseBlocks(fleet: FleetState, pool: TokenPool, replica: number): void {
  setInt(fleet.replicas, BLOCKS, replica, 0)
  forgetReplica(fleet, pool, replica)
}

/** Adds blocks that are held beside those of decoding requests; cached ones give way. */
export function addBlocks(fleet: FleetState, pool: TokenPool, replica: number, blocks: number): void {
  addInt(fleet.replicas, BLOCKS, replica, blocks)
  if (blocks > 0) makeWay(fleet, pool, replica)
}

/** Evicts what the cache can no longer keep beside the blocks that are held once so many steps of a leap are done. */
export function makeWay(fleet: FleetState, pool: TokenPool, replica: number, steps = 0): void {
  if (list(fleet.prefixes, IDLE_BLOCKS, replica) > 0)
    evict(fleet, replica, pool.serving.kvBlocks - mostBlocks(fleet, replica, steps))
}

/**
 * Blocks that requests hold at most when every decoding one has made so many tokens more: those of decoding requests are
 * counted by their tokens, with the last one of each full but for one token.
 */
export function mostBlocks({ replicas }: FleetState, replica: number, steps: number): number {
  const decoding = int(replicas, DECODING, replica)
  const tokens = real(replicas, CONTEXT, replica) + decoding * (steps + blockSize - 1)
  return int(replicas, BLOCKS, replica) + (tokens >> blockBits)
}

/** Blocks that requests hold when every decoding one has made so many tokens more, each one counted. */
export function exactBlocks({ replicas, running, requests }: FleetState, replica: number, steps: number): number {
  const offset = int(replicas, HEAP, replica)
  const done = real(replicas, STEPS, replica) + steps
  let blocks = int(replicas, BLOCKS, replica)
  for (let i = offset; i < offset + int(replicas, DECODING, replica); i++) {
    const request = i32(running.request, i)
    const left = f64(running.finish, i) - done
    blocks += blocksOf(read(requests, PROMPT, request) + read(requests, OUTPUT, request) - left - 1)
  }
  return blocks
}

/** Steps up to `wanted` for which the decoding requests find blocks; there must be some for the first. */
export function stepsUntilFull(fleet: FleetState, pool: TokenPool, replica: number, wanted: number): number {
  const { kvBlocks } = pool.serving
  if (mostBlocks(fleet, replica, wanted) <= kvBlocks) return wanted
  const decoding = int(fleet.replicas, DECODING, replica)
  // with every last block nearly full, and with every last block nearly empty
  const tokens = (kvBlocks - int(fleet.replicas, BLOCKS, replica)) * blockSize - real(fleet.replicas, CONTEXT, replica)
  let most = Math.min(wanted, Math.floor(tokens / decoding))
  let least = Math.max(1, most - blockSize)
  while (least < most) {
    const middle = Math.ceil((least + most) / 2)
    if (exactBlocks(fleet, replica, middle) <= kvBlocks) least = middle
    else most = middle - 1
  }
  return least
}
