import { addF64, f64, i32 } from '../columns'
import { createStream, uniform, type Stream } from '../random'
import { retire } from './outcome'
import { countLeap } from './count-steps'
import type { FleetState } from './fleet-state'
import { freeSent, loseBlocks, makeWay } from './kv-cache'
import { cutLeap, leapTime, stepsWithin } from './leap'
import type { Sent } from './network'
import type { PoolState } from './pool'
import { isTokenPool } from './pool-kinds'
import { resume } from './replica'
import {
  addReal,
  BATCH,
  BATCH_COUNT,
  BATCH_HEAD,
  CONTEXT,
  DEADLINE,
  DECODING,
  DOWN,
  firstLane,
  firstQueue,
  HEALTH,
  HEAP,
  IDLE,
  INBOX_HEAD,
  INBOX_TAIL,
  int,
  JOINED,
  LEAP,
  LEAP_STEPS,
  LOST,
  PARTIAL,
  PHASE,
  PLANNED,
  PREFILL,
  PREFILL_CONTEXT,
  PREFILL_TOKENS,
  real,
  setInt,
  setReal,
  SETTLED,
  SLOWDOWN,
  SOUND,
  START,
  STEPS,
  STUCK,
  UNTIL,
  WAITING,
} from './replicas'
import {
  BROUGHT,
  CACHED,
  FLOW,
  GENERATED,
  LAST_TOKEN,
  NEXT,
  NONE,
  OUTPUT,
  PREFILLED,
  READY,
  read,
  readTime,
  write,
  writeTime,
} from './requests'

/** How the pools of a fleet are, one entry a pool, those simulated elsewhere too. Plain data. */
export interface Health {
  /** Replicas that requests can be sent to, and whether routes may lead to the pool. */
  reachable: Int32Array
  open: Uint8Array
  /** 1 where the number of replicas has changed. */
  moved: Uint8Array
  /** Replicas that serve nothing now, and those of them that draw no power. */
  lost: Int32Array
  dark: Int32Array
  /** Share of the requests that fail at once, and the draws of them. */
  errors: Float64Array
  draws: Stream[]
  /** Cap on the power of a chip [W], `Infinity` without one; mean share of the full clock, and that of the cap alone. */
  cap: Float64Array
  clock: Float64Array
  cappedClock: Float64Array
  /** 1 where clocks are below the full one, or power is capped. */
  throttled: Uint8Array
  /** Part of the time of steps that follows the clock, as last seen. */
  computePart: Float64Array
  /** Requests that have gone elsewhere. */
  relocated: Int32Array
  /** Requests that fail when the tick is over. */
  failed: number[]
}

export function createHealth(pools: readonly PoolState[], seed: number): Health {
  const count = pools.length
  return {
    reachable: Int32Array.from(pools, pool => pool.replicas),
    open: Uint8Array.from(pools, pool => (pool.replicas > 0 ? 1 : 0)),
    moved: new Uint8Array(count),
    lost: new Int32Array(count),
    dark: new Int32Array(count),
    errors: new Float64Array(count),
    draws: pools.map(({ id }) => createStream(seed, `errors ${id}`)),
    cap: new Float64Array(count).fill(Infinity),
    clock: new Float64Array(count).fill(1),
    cappedClock: new Float64Array(count).fill(1),
    throttled: new Uint8Array(count),
    computePart: new Float64Array(count).fill(1),
    relocated: new Int32Array(count),
    failed: [],
  }
}

/** Whether a pool has no replica that takes requests. */
export function isGone({ health }: FleetState, pool: number): boolean {
  return i32(health.reachable, pool) === 0
}

/** Whether a request sent to a pool fails: a bad deploy answers it with an error. */
export function fails({ health }: FleetState, pool: number): boolean {
  const share = f64(health.errors, pool)
  return share > 0 && uniform(health.draws[pool] as Stream) < share
}

/** The requests that failed in this tick are gone: they count as rejected, and others may follow them. */
export function endFailed(fleet: FleetState): void {
  const { failed } = fleet.health
  if (failed.length === 0) return
  fleet.health.failed = []
  for (const request of failed) retire(fleet, 'rejected', request, fleet.now)
}

/**
 * A replica loses its memory, or is restarted. Returns the requests that it had, in the order of running, waiting and not
 * yet seen; they keep the tokens they have, but the KV cache of all of these must be computed again.
 */
export function lose(fleet: FleetState, pool: PoolState, replica: number, time: number): number[] {
  const { replicas, running } = fleet
  halt(fleet, pool, replica, time)
  const last = real(replicas, START, replica)
  const joined = new Set(listOf(fleet, int(replicas, JOINED, replica)))
  const evacuated: number[] = []
  const offset = int(replicas, HEAP, replica)
  for (let i = offset; i < offset + int(replicas, DECODING, replica); i++) {
    const request = i32(running.request, i)
    const left = f64(running.finish, i) - real(replicas, STEPS, replica)
    write(fleet.requests, GENERATED, request, read(fleet.requests, OUTPUT, request) - left)
    if (!joined.has(request)) writeTime(fleet.requests, LAST_TOKEN, request, last)
    evacuated.push(request)
  }
  const partial = int(replicas, PARTIAL, replica)
  if (partial !== NONE) evacuated.push(partial)
  evacuated.push(...listOf(fleet, int(replicas, BATCH_HEAD, replica)))
  for (const request of evacuated) addF64(fleet.telemetry.flowRunning, read(fleet.requests, FLOW, request), -1)
  const first = firstQueue(pool, replica)
  for (let queue = first; queue < first + pool.levels; queue++) {
    evacuated.push(...listOf(fleet, i32(replicas.waitingHead, queue)))
  }
  evacuated.push(...listOf(fleet, int(replicas, INBOX_HEAD, replica)))
  for (const request of evacuated) forgetProgress(fleet, request)
  abandonTransfers(fleet, replica, new Set(evacuated), time)
  clear(fleet, pool, replica)
  return evacuated
}

/** A replica makes no progress from now on; the step under way never ends. It still takes requests. */
export function freeze(fleet: FleetState, pool: PoolState, replica: number, time: number): void {
  const { replicas } = fleet
  halt(fleet, pool, replica, time)
  setInt(replicas, HEALTH, replica, STUCK)
  if (int(replicas, PHASE, replica) !== PREFILL && int(replicas, PHASE, replica) !== BATCH)
    setInt(replicas, PHASE, replica, DOWN)
  const inbox = int(replicas, INBOX_HEAD, replica)
  setReal(replicas, UNTIL, replica, Infinity)
  replicas.due[replica] = inbox === NONE ? Infinity : readTime(fleet.requests, READY, inbox)
}

/** A lost replica is back, empty. */
export function restore({ replicas }: FleetState, replica: number, time: number): void {
  setInt(replicas, HEALTH, replica, SOUND)
  setInt(replicas, PHASE, replica, IDLE)
  setReal(replicas, START, replica, time)
  setReal(replicas, PLANNED, replica, time)
}

/** Steps of a replica take so many times as long from now on; the one under way ends as it began. */
export function slow({ replicas }: FleetState, replica: number, slowdown: number, time: number): void {
  if (real(replicas, SLOWDOWN, replica) === slowdown) return
  setReal(replicas, SLOWDOWN, replica, slowdown)
  if (int(replicas, PHASE, replica) !== LEAP) return
  cutLeap(replicas, replica, time)
  replicas.due[replica] = Math.min(f64(replicas.due, replica), real(replicas, UNTIL, replica))
}

/** Counts the steps of a leap that have ended by a time, and ends the leap with the last of them. */
function halt(fleet: FleetState, pool: PoolState, replica: number, time: number): void {
  const { replicas } = fleet
  if (int(replicas, PHASE, replica) !== LEAP || !isTokenPool(pool)) return
  const steps = stepsWithin(replicas, replica, time)
  countLeap(fleet, pool, replica, steps)
  addReal(replicas, START, replica, leapTime(replicas, replica, steps))
  addReal(replicas, STEPS, replica, steps)
  addReal(replicas, CONTEXT, replica, steps * int(replicas, DECODING, replica))
  setInt(replicas, LEAP_STEPS, replica, 0)
  setInt(replicas, SETTLED, replica, 0)
  setInt(replicas, PHASE, replica, DOWN)
  makeWay(fleet, pool, replica)
}

function forgetProgress({ requests }: FleetState, request: number): void {
  write(requests, PREFILLED, request, 0)
  write(requests, CACHED, request, 0)
  write(requests, BROUGHT, request, 0)
}

/**
 * Transfers from a lost replica, and those of requests that were to be decoded there, come to nothing: the senders have
 * their blocks back, and what has not arrived is computed again where it is decoded.
 */
function abandonTransfers(fleet: FleetState, replica: number, evacuated: Set<number>, time: number): void {
  const { network, telemetry, requests } = fleet
  const isOver = (transfer: { replica: number; request: number }): boolean =>
    transfer.replica === replica || evacuated.has(transfer.request)
  const over = network.transfers.filter(isOver)
  if (over.length === 0) return
  network.transfers = network.transfers.filter(transfer => !isOver(transfer))
  for (const transfer of over) {
    const { request, from } = transfer
    addF64(telemetry.transferring, transfer.flow, -1)
    if (transfer.replica === replica) {
      write(requests, PREFILLED, request, 0)
      write(requests, BROUGHT, request, 0)
      continue
    }
    releaseSent(fleet, from, transfer, time)
  }
}

/** A replica of a pool has the blocks back that it held for a transfer. */
export function releaseSent(fleet: FleetState, from: number, sent: Sent, time: number): void {
  const { replica } = sent
  const { replicas } = fleet
  const pool = fleet.pools[from] as PoolState
  if (!isTokenPool(pool)) return
  // what a leap under way has evicted stays so
  if (int(replicas, PHASE, replica) === LEAP) makeWay(fleet, pool, replica, stepsWithin(replicas, replica, time))
  freeSent(fleet, pool, sent)
  resume(fleet, pool, replica, time)
}

/** Leaves a replica without requests and memory, and out of work. */
function clear(fleet: FleetState, pool: PoolState, replica: number): void {
  const { replicas } = fleet
  setInt(replicas, HEALTH, replica, LOST)
  setInt(replicas, PHASE, replica, DOWN)
  replicas.due[replica] = Infinity
  setReal(replicas, UNTIL, replica, Infinity)
  setReal(replicas, DEADLINE, replica, Infinity)
  setInt(replicas, DECODING, replica, 0)
  replicas.outstanding[replica] = 0
  for (const zero of [LEAP_STEPS, SETTLED, PREFILL_TOKENS, BATCH_COUNT, WAITING]) setInt(replicas, zero, replica, 0)
  for (const zero of [CONTEXT, PREFILL_CONTEXT]) setReal(replicas, zero, replica, 0)
  for (const none of [PARTIAL, BATCH_HEAD, INBOX_HEAD, INBOX_TAIL, JOINED]) setInt(replicas, none, replica, NONE)
  const queue = firstQueue(pool, replica)
  replicas.waitingHead.fill(NONE, queue, queue + pool.levels)
  replicas.waitingTail.fill(NONE, queue, queue + pool.levels)
  const lane = firstLane(pool, replica)
  replicas.laneRunning.fill(0, lane, lane + pool.lanes)
  replicas.lanePrefill.fill(0, lane, lane + pool.lanes)
  if (isTokenPool(pool)) loseBlocks(fleet, pool, replica)
}

function listOf({ requests }: FleetState, head: number): number[] {
  const found: number[] = []
  for (let request = head; request !== NONE; request = read(requests, NEXT, request)) found.push(request)
  return found
}
