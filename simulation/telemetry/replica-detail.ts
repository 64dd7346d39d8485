import { i32 } from '../columns'
import { chipsLost, clockOf, conditionsOf, replicaConditions, type ReplicaCondition } from '../faults/replica-condition'
import type { FleetState } from '../serving/fleet-state'
import { mostBlocks, type TokenPool } from '../serving/kv-cache'
import { stepsWithin } from '../serving/leap'
import type { PoolState } from '../serving/pool'
import { isTokenPool } from '../serving/pool-kinds'
import { IDLE_BLOCKS, list } from '../serving/prefix-cache'
import {
  BASE,
  BATCH,
  BATCH_HEAD,
  DECODING,
  int,
  LEAP,
  PARTIAL,
  PHASE,
  PREFILL,
  PREFILL_TOKENS,
  real,
  SLOPE,
  START,
  UNTIL,
} from '../serving/replicas'
import { NEXT, NONE, read } from '../serving/requests'
import { timeOf, type Simulation } from '../simulation'
import { significant } from './columns'
import type { Columns, Figure } from './frame'

export type ReplicaMetric =
  | 'running' // requests now
  | 'waiting' // requests now, those sent and not yet seen too
  | 'decoding' // of the running ones
  | 'prefillTokens' // that the step under way prefills
  | 'stepTime' // of the step under way [s]; null without one
  | 'kvUse' // 0 to 1, held by requests; null where there is no KV cache
  | 'kvCached' // 0 to 1, kept for prompts that begin alike or go on, until it is needed
  | 'clock' // share of the full one
  | 'chipsLost'

/** Replicas of a pool, one a row. */
export interface ReplicaColumns extends Columns<ReplicaMetric> {
  /** Number within the pool, from 0. */
  replica: number[]
  condition: ReplicaCondition[]
}

/** By number; by what waits, or the KV cache in use, the most first; or by condition, the worst first. */
export const replicaOrders = ['number', 'queue', 'kv', 'condition'] as const
export type ReplicaOrder = (typeof replicaOrders)[number]

/** The part of the replicas that somebody looks at: so many from a place in an order on, and one chosen. */
export interface ReplicaWindow {
  from: number
  count: number
  order: ReplicaOrder
  replica: number | null
}

export interface ReplicaDetail {
  total: number
  /** How many are in each condition that any is in, the worst first. */
  conditions: Partial<Record<ReplicaCondition, number>>
  from: number
  order: ReplicaOrder
  shown: ReplicaColumns
  /** The chosen one, if there is one, and its place in the order. */
  chosen: ReplicaColumns
  place: number | null
}

/** Replicas of a pool that is simulated here, as they are now. Reads only. */
export function replicasOf(simulation: Simulation, pool: PoolState, window: ReplicaWindow): ReplicaDetail {
  const conditions = conditionsOf(simulation, pool)
  const order = ordered(simulation, pool, conditions, window.order)
  const gone = chipsLost(simulation.faults, pool)
  const columnsOf = (numbers: number[]): ReplicaColumns => {
    const column = (metric: (replica: number) => Figure): Figure[] =>
      numbers.map(number => significant(metric(pool.first + number)))
    const { fleet } = simulation
    const time = timeOf(simulation)
    return {
      replica: numbers,
      condition: numbers.map(number => conditions[number] ?? 'idle'),
      running: column(replica => running(fleet, replica)),
      waiting: column(replica => waiting(fleet, replica)),
      decoding: column(replica => int(fleet.replicas, DECODING, replica)),
      prefillTokens: column(replica => int(fleet.replicas, PREFILL_TOKENS, replica)),
      stepTime: column(replica => stepTimeOf(fleet, replica, time)),
      kvUse: column(replica => (isTokenPool(pool) ? kvUse(fleet, pool, replica, time) : null)),
      kvCached: column(replica =>
        isTokenPool(pool) ? list(fleet.prefixes, IDLE_BLOCKS, replica) / pool.serving.kvBlocks : null,
      ),
      clock: column(replica => clockOf(fleet, pool, replica)),
      chipsLost: numbers.map(number => gone.get(number) ?? 0),
    }
  }
  const chosen = window.replica !== null && window.replica < pool.replicas ? window.replica : null
  return {
    total: pool.replicas,
    conditions: countsOf(conditions),
    from: window.from,
    order: window.order,
    shown: columnsOf(order.slice(window.from, window.from + window.count)),
    chosen: columnsOf(chosen === null ? [] : [chosen]),
    place: chosen === null ? null : order.indexOf(chosen),
  }
}

function countsOf(conditions: readonly ReplicaCondition[]): ReplicaDetail['conditions'] {
  const counts = new Map<ReplicaCondition, number>()
  for (const condition of conditions) counts.set(condition, (counts.get(condition) ?? 0) + 1)
  return Object.fromEntries(replicaConditions.flatMap(each => (counts.has(each) ? [[each, counts.get(each)]] : [])))
}

function ordered(
  simulation: Simulation,
  pool: PoolState,
  conditions: readonly ReplicaCondition[],
  order: ReplicaOrder,
): number[] {
  const numbers = Array.from({ length: pool.replicas }, (_, i) => i)
  if (order === 'number') return numbers
  const keys = numbers.map(number => keyOf(simulation, pool, number, conditions[number] ?? 'idle', order))
  return numbers.sort((a, b) => (keys[b] ?? 0) - (keys[a] ?? 0) || a - b)
}

/** The greater, the sooner it comes. */
function keyOf(
  simulation: Simulation,
  pool: PoolState,
  number: number,
  condition: ReplicaCondition,
  order: Exclude<ReplicaOrder, 'number'>,
): number {
  const { fleet } = simulation
  const replica = pool.first + number
  switch (order) {
    case 'queue':
      return waiting(fleet, replica)
    case 'kv':
      return isTokenPool(pool) ? kvUse(fleet, pool, replica, timeOf(simulation)) : running(fleet, replica)
    case 'condition':
      return -replicaConditions.indexOf(condition)
  }
}

function running({ replicas, requests }: FleetState, replica: number): number {
  let prefilled = int(replicas, PARTIAL, replica) === NONE ? 0 : 1
  for (let each = int(replicas, BATCH_HEAD, replica); each !== NONE; each = read(requests, NEXT, each)) prefilled++
  return int(replicas, DECODING, replica) + prefilled
}

function waiting(fleet: FleetState, replica: number): number {
  return i32(fleet.replicas.outstanding, replica) - running(fleet, replica)
}

function stepTimeOf({ replicas }: FleetState, replica: number, time: number): Figure {
  const phase = int(replicas, PHASE, replica)
  if (phase === LEAP)
    return real(replicas, BASE, replica) + real(replicas, SLOPE, replica) * stepsWithin(replicas, replica, time)
  if (phase !== PREFILL && phase !== BATCH) return null
  const step = real(replicas, UNTIL, replica) - real(replicas, START, replica)
  return Number.isFinite(step) ? step : null
}

/** Of the last blocks, as many tokens are free as not. */
function kvUse(fleet: FleetState, pool: TokenPool, replica: number, time: number): number {
  const { replicas } = fleet
  const steps = int(replicas, PHASE, replica) === LEAP ? stepsWithin(replicas, replica, time) : 0
  const held = mostBlocks(fleet, replica, steps) - int(replicas, DECODING, replica) / 2
  return Math.min(1, Math.max(0, held) / pool.serving.kvBlocks)
}
