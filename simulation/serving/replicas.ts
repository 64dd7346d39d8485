import { state } from '../state'
import type { PoolState } from './pool'
import { NONE } from './requests'

/** What a replica is doing. */
export const IDLE = 0
/** Decode steps in a row with nothing else to do, as one stretch. */
export const LEAP = 1
/** One step that prefills, and decodes beside it. */
export const PREFILL = 2
/** Single-shot: waits for more queries, until the batch delay is over. */
export const GATHER = 3
/** Single-shot: one batch under way. */
export const BATCH = 4
/** Takes no step: lost, loading weights, or stuck. */
export const DOWN = 5

/** How a replica is: fine; gone with all that it held, until it is repaired and has its weights; or it makes no progress. */
export const SOUND = 0
export const LOST = 1
export const STUCK = 2

// fields of a replica's record of integers
export const PHASE = 0
export const HEALTH = 1
/** Steps of the leap under way, and how many of them telemetry has counted. */
export const LEAP_STEPS = 2
export const SETTLED = 3
/**
 * Blocks of KV cache that requests hold, a shared one once, less those that lie in the context of decoding requests:
 * these are counted by their tokens.
 */
export const BLOCKS = 4
/** Tokens prefilled by the step under way. */
export const PREFILL_TOKENS = 5
/** Request that is prefilled in part. */
export const PARTIAL = 6
/** Requests whose prefill ends with the step under way, or the queries of the batch under way, and how many these are. */
export const BATCH_HEAD = 7
export const BATCH_COUNT = 8
/** Requests in the queues. */
export const WAITING = 9
/** Requests sent to the replica that it has not seen yet, by the time they are ready. */
export const INBOX_HEAD = 10
export const INBOX_TAIL = 11
/** Requests that decode for the first time here in the stretch under way, their KV cache brought along. */
export const JOINED = 12
/** Decoding requests, and where their heap lies in `Running` and for how many it has room. */
export const DECODING = 13
export const HEAP = 14
export const HEAP_ROOM = 15
const integerBits = 4
const integers = 1 << integerBits

// fields of its record of real numbers
export const START = 0
export const UNTIL = 1
/** Steps done; a long run does more than 32 bits count. */
export const STEPS = 2
/** Time of the first step of the leap, and what each further one takes more [s]. */
export const BASE = 3
export const SLOPE = 4
/** Context tokens of all decoding requests. */
export const CONTEXT = 5
/** No client of a running or waiting request gives up before [s]. */
export const DEADLINE = 6
/** Until when a request must be ready to be in the step that begins [s]. */
export const PLANNED = 7
/** Σ tokens × context of what the step under way prefills. */
export const PREFILL_CONTEXT = 8
/** Times as long as a step takes at full clocks. */
export const SLOWDOWN = 9
const realBits = 4
const reals = 1 << realBits

/**
 * All replicas of the fleet; those of a pool lie side by side. A replica is always in one stretch (see `PHASE`) from
 * `START` to `UNTIL`; figures of the stretch hold as of its start. Most fields lie in records, for a replica is worked on
 * field after field; columns are what is read of many replicas at once.
 */
export interface Replicas {
  integers: Int32Array
  reals: Float64Array
  /** Earliest time at which the replica has something to do [s]. */
  due: Float64Array
  /** Sent and not gone: inbox, waiting and running. */
  outstanding: Int32Array
  /** Share of the full clock that heat allows. */
  clock: Float64Array
  /** By queue, one per replica and level of priority. */
  waitingHead: Int32Array
  waitingTail: Int32Array
  /** By lane, one per replica and flow of its pool: decoding requests, and tokens that the step under way prefills. */
  laneRunning: Int32Array
  lanePrefill: Int32Array
}

export function createReplicas(pools: readonly PoolState[]): Replicas {
  const sum = (perReplica: (pool: PoolState) => number): number =>
    pools.reduce((total, pool) => total + pool.slots * perReplica(pool), 0)
  const count = sum(() => 1)
  const lanes = sum(pool => pool.lanes)
  const queues = sum(pool => pool.levels)
  const replicas = state({
    integers: new Int32Array(count * integers),
    reals: new Float64Array(count * reals),
    due: new Float64Array(count).fill(Infinity),
    outstanding: new Int32Array(count),
    clock: new Float64Array(count).fill(1),
    waitingHead: new Int32Array(queues).fill(NONE),
    waitingTail: new Int32Array(queues).fill(NONE),
    laneRunning: new Int32Array(lanes),
    lanePrefill: new Int32Array(lanes),
  })
  for (let replica = 0; replica < count; replica++) {
    for (const field of [PARTIAL, BATCH_HEAD, INBOX_HEAD, INBOX_TAIL, JOINED]) setInt(replicas, field, replica, NONE)
    for (const field of [UNTIL, DEADLINE]) setReal(replicas, field, replica, Infinity)
    setReal(replicas, SLOWDOWN, replica, 1)
  }
  return replicas
}

export function int(replicas: Replicas, field: number, replica: number): number {
  return replicas.integers[(replica << integerBits) | field] as number
}

export function setInt(replicas: Replicas, field: number, replica: number, value: number): void {
  replicas.integers[(replica << integerBits) | field] = value
}

export function addInt(replicas: Replicas, field: number, replica: number, amount: number): void {
  const index = (replica << integerBits) | field
  replicas.integers[index] = (replicas.integers[index] as number) + amount
}

export function real(replicas: Replicas, field: number, replica: number): number {
  return replicas.reals[(replica << realBits) | field] as number
}

export function setReal(replicas: Replicas, field: number, replica: number, value: number): void {
  replicas.reals[(replica << realBits) | field] = value
}

export function addReal(replicas: Replicas, field: number, replica: number, amount: number): void {
  const index = (replica << realBits) | field
  replicas.reals[index] = (replicas.reals[index] as number) + amount
}

/** Copies the record of a replica over that of another one, maybe of another fleet. */
export function copyRecord(from: Replicas, replica: number, to: Replicas, copy: number): void {
  to.integers.set(from.integers.subarray(replica * integers, (replica + 1) * integers), copy * integers)
  to.reals.set(from.reals.subarray(replica * reals, (replica + 1) * reals), copy * reals)
}

/** Lane of a replica for the first flow of its pool. */
export function firstLane(pool: PoolState, replica: number): number {
  return pool.firstLane + (replica - pool.first) * pool.lanes
}

/** Queue of a replica for the highest priority. */
export function firstQueue(pool: PoolState, replica: number): number {
  return pool.firstQueue + (replica - pool.first) * pool.levels
}
