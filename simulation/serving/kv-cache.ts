import { blockSize } from '../catalog/lookup'
import { addF64, addI32, f64, i32 } from '../columns'
import type { FleetState } from './fleet-state'
import type { PoolState } from './pool'
import { drop, evict, forgetReplica, keepConversation, share, unshare } from './prefix-cache'
import type { Replicas } from './replicas'
import { NONE } from './requests'

/** A pool whose replicas serve tokens. */
export type TokenPool = PoolState & { serving: { kind: 'tokens' } }

/** Blocks that hold so many tokens. */
export function blocksOf(tokens: number): number {
  return Math.ceil(tokens / blockSize)
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
  const length = i32(requests.prompt, request) + i32(requests.generated, request)
  const total = blocksOf(length)
  if (!pool.reuses) {
    if (total > room) return false
    addBlocks(fleet, pool, replica, total)
    return true
  }
  const held = share(fleet, pool, replica, request, total - room)
  if (held === null) return false
  addBlocks(fleet, pool, replica, total - held)
  addF64(telemetry.pool.prefixHits, pool.index, i32(requests.prefilled, request))
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
  const { requests } = fleet
  const own = blocksOf(held) - i32(requests.cached, request) / blockSize
  if (!pool.reuses) {
    addBlocks(fleet, pool, replica, -own)
    return
  }
  addBlocks(fleet, pool, replica, -own)
  if (i32(requests.user, request) === NONE) drop(fleet, replica, own)
  else keepConversation(fleet, replica, request, held)
  if (i32(requests.cached, request) > 0) addBlocks(fleet, pool, replica, -unshare(fleet, pool, replica, request))
}

/** The replica has lost its memory: no block is held, nothing is cached. */
export function loseBlocks(fleet: FleetState, pool: TokenPool, replica: number): void {
  addBlocks(fleet, pool, replica, -i32(fleet.replicas.blocks, replica))
  fleet.replicas.phases.fill(0, replica * blockSize, (replica + 1) * blockSize)
  forgetReplica(fleet, pool, replica)
}

/** Adds blocks held by requests; cached ones give way. */
export function addBlocks(fleet: FleetState, pool: TokenPool, replica: number, blocks: number): void {
  const { replicas, telemetry } = fleet
  addI32(replicas.blocks, replica, blocks)
  addF64(telemetry.kv, pool.index, blocks)
  if (pool.reuses && blocks > 0) evict(fleet, replica, pool.serving.kvBlocks - i32(replicas.blocks, replica))
}

/** Notes that a request that holds so many tokens decodes from now on, or no longer with `count` −1. */
export function countPhase(replicas: Replicas, replica: number, held: number, count: number): void {
  const index = replica * blockSize + ((held - newestBlock(replicas, replica)) & (blockSize - 1))
  replicas.phases[index] = (replicas.phases[index] as number) + count
}

/** Blocks that the decoding requests take over their next so many steps: each one as its newest block is full. */
export function blocksNeeded(replicas: Replicas, replica: number, decoding: number, steps: number): number {
  let blocks = Math.floor(steps / blockSize) * decoding
  const at = newestBlock(replicas, replica)
  const rest = steps & (blockSize - 1)
  for (let j = 0; j < rest; j++) blocks += fullAt(replicas, replica, at + j)
  return blocks
}

/** Steps up to `wanted` for which the decoding requests find blocks among so many free ones. */
export function stepsUntilFull(
  replicas: Replicas,
  replica: number,
  decoding: number,
  free: number,
  wanted: number,
): number {
  if (Math.ceil(wanted / blockSize) * decoding <= free) return wanted
  const rounds = Math.floor(free / decoding)
  const at = newestBlock(replicas, replica)
  let left = free - rounds * decoding
  let steps = rounds * blockSize
  for (let j = 0; j < blockSize; j++) {
    left -= fullAt(replicas, replica, at + j)
    if (left < 0) break
    steps++
  }
  return Math.min(steps, wanted)
}

/** Decoding requests whose blocks are all full at a step. */
function fullAt(replicas: Replicas, replica: number, step: number): number {
  return replicas.phases[replica * blockSize + (-step & (blockSize - 1))] as number
}

/** Steps that a replica has done, modulo the tokens of a block. */
function newestBlock(replicas: Replicas, replica: number): number {
  const steps = f64(replicas.steps, replica)
  return steps - blockSize * Math.floor(steps / blockSize)
}
