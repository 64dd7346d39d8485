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

/**
 * All replicas of the fleet, one column per field, indexed by replica; the replicas of a pool lie side by side. A
 * replica is always in one stretch (see `phase`) from `start` to `until`; figures of the stretch hold as of its start.
 */
export interface Replicas {
  pool: Int32Array
  phase: Int32Array
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
  /** Context tokens of all decoding requests. */
  context: Float64Array
  /** Tokens that the KV cache holds or has promised. */
  kvUsed: Float64Array
  /** Tokens prefilled by the step under way, and Σ tokens × context. */
  prefill: Int32Array
  prefillContext: Float64Array
  /** Request that is prefilled in part. */
  partial: Int32Array
  /** Requests whose prefill ends with the step under way, or the queries of the batch under way. */
  batch: Int32Array
  batchCount: Int32Array
  waitingHead: Int32Array
  waitingTail: Int32Array
  waiting: Int32Array
  /** Requests sent to the replica that it has not seen yet, by the time they are ready. */
  inboxHead: Int32Array
  inboxTail: Int32Array
  /** Sent and not finished: inbox, waiting and running. */
  outstanding: Int32Array
  /** First entry of the replica in the two columns below, which have one entry per flow of the replica's pool. */
  lanes: Int32Array
  laneRunning: Int32Array
  /** Tokens that the step under way prefills. */
  lanePrefill: Int32Array
}

export function createReplicas(pools: readonly { replicas: number; flows: number }[]): Replicas {
  const count = pools.reduce((sum, pool) => sum + pool.replicas, 0)
  const lanes = pools.reduce((sum, pool) => sum + pool.replicas * pool.flows, 0)
  const replicas: Replicas = {
    pool: new Int32Array(count),
    phase: new Int32Array(count),
    due: new Float64Array(count).fill(Infinity),
    start: new Float64Array(count),
    until: new Float64Array(count).fill(Infinity),
    steps: new Float64Array(count),
    leap: new Int32Array(count),
    settled: new Int32Array(count),
    base: new Float64Array(count),
    slope: new Float64Array(count),
    context: new Float64Array(count),
    kvUsed: new Float64Array(count),
    prefill: new Int32Array(count),
    prefillContext: new Float64Array(count),
    partial: new Int32Array(count).fill(NONE),
    batch: new Int32Array(count).fill(NONE),
    batchCount: new Int32Array(count),
    waitingHead: new Int32Array(count).fill(NONE),
    waitingTail: new Int32Array(count).fill(NONE),
    waiting: new Int32Array(count),
    inboxHead: new Int32Array(count).fill(NONE),
    inboxTail: new Int32Array(count).fill(NONE),
    outstanding: new Int32Array(count),
    lanes: new Int32Array(count),
    laneRunning: new Int32Array(lanes),
    lanePrefill: new Int32Array(lanes),
  }
  let replica = 0
  let lane = 0
  pools.forEach((pool, index) => {
    for (let i = 0; i < pool.replicas; i++, replica++, lane += pool.flows) {
      replicas.pool[replica] = index
      replicas.lanes[replica] = lane
    }
  })
  return replicas
}
