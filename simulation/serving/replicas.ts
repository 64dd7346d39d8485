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

/**
 * All replicas of the fleet, one column per field, indexed by replica; the replicas of a pool lie side by side. A
 * replica is always in one stretch (see `phase`) from `start` to `until`; figures of the stretch hold as of its start.
 */
export interface Replicas {
  phase: Uint8Array
  health: Uint8Array
  /** Earliest time at which the replica has something to do [s]. */
  due: Float64Array
  start: Float64Array
  until: Float64Array
  /** Steps done; a long run does more than 32 bits count. */
  steps: Float64Array
  /** Steps of the leap under way, and how many of them telemetry has counted. */
  leap: Int32Array
  settled: Int32Array
  /** Time of the first step of the leap, and what each further one takes more [s]. */
  base: Float64Array
  slope: Float64Array
  /** Share of the full clock that heat allows, and times as long as a step takes at full clocks. */
  clock: Float64Array
  slowdown: Float64Array
  /** Context tokens of all decoding requests. */
  context: Float64Array
  /**
   * Blocks of KV cache that requests hold, a shared one once, less those that lie in the context of decoding requests:
   * these are counted by their tokens.
   */
  blocks: Int32Array
  /** When the first of the running requests' clients gives up [s]. */
  deadline: Float64Array
  /** Until when a request must be ready to be in the step that begins [s]. */
  planned: Float64Array
  /** Tokens prefilled by the step under way, and Σ tokens × context. */
  prefill: Int32Array
  prefillContext: Float64Array
  /** Request that is prefilled in part. */
  partial: Int32Array
  /** Requests whose prefill ends with the step under way, or the queries of the batch under way. */
  batch: Int32Array
  batchCount: Int32Array
  waiting: Int32Array
  /** Requests sent to the replica that it has not seen yet, by the time they are ready. */
  inboxHead: Int32Array
  inboxTail: Int32Array
  /** Sent and not gone: inbox, waiting and running. */
  outstanding: Int32Array
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
  const lanes = sum(pool => pool.flows)
  const queues = sum(pool => pool.levels)
  return {
    phase: new Uint8Array(count),
    health: new Uint8Array(count),
    due: new Float64Array(count).fill(Infinity),
    start: new Float64Array(count),
    until: new Float64Array(count).fill(Infinity),
    steps: new Float64Array(count),
    leap: new Int32Array(count),
    settled: new Int32Array(count),
    base: new Float64Array(count),
    slope: new Float64Array(count),
    clock: new Float64Array(count).fill(1),
    slowdown: new Float64Array(count).fill(1),
    context: new Float64Array(count),
    blocks: new Int32Array(count),
    deadline: new Float64Array(count).fill(Infinity),
    planned: new Float64Array(count),
    prefill: new Int32Array(count),
    prefillContext: new Float64Array(count),
    partial: new Int32Array(count).fill(NONE),
    batch: new Int32Array(count).fill(NONE),
    batchCount: new Int32Array(count),
    waiting: new Int32Array(count),
    inboxHead: new Int32Array(count).fill(NONE),
    inboxTail: new Int32Array(count).fill(NONE),
    outstanding: new Int32Array(count),
    waitingHead: new Int32Array(queues).fill(NONE),
    waitingTail: new Int32Array(queues).fill(NONE),
    laneRunning: new Int32Array(lanes),
    lanePrefill: new Int32Array(lanes),
  }
}

/** Lane of a replica for the first flow of its pool. */
export function firstLane(pool: PoolState, replica: number): number {
  return pool.firstLane + (replica - pool.first) * pool.flows
}

/** Queue of a replica for the highest priority. */
export function firstQueue(pool: PoolState, replica: number): number {
  return pool.firstQueue + (replica - pool.first) * pool.levels
}
