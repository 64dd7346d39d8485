import type { Fleet } from '../catalog/fleets'
import { createStream, type Stream } from '../random'
import type { PoolState } from '../serving/pool'
import type { Fault, ScheduledFault } from './fault'
import { drawFailure } from './failures'
import type { PriceChange } from './prices'

/** A fault under way, or what follows it: replicas that load their weights. */
export interface Trouble {
  fault: Fault | { kind: 'loading'; id: string; pool: string }
  /** Place of its pool in the fleet, -1 without one, and the replicas it concerns, counted from the first of the pool. */
  pool: number
  replicas: number[]
  /** When it is over [s], `Infinity` if only when it is cleared. */
  end: number
}

/** A pool, or one of its replicas, that takes no new requests. */
export interface Drained {
  pool: number
  replica: number | null
  /** It serves nothing at all: what it had has gone elsewhere. */
  stopped: boolean
}

/** Replicas on their way from one pool to another. */
export interface Move {
  from: number
  to: number
  /** How many leave, and how many come of them. */
  leaving: number
  coming: number
  /** When they leave their pool [s]. */
  at: number
}

/** What is out of the ordinary in a run, and what will be. Plain data. */
export interface FaultState {
  /** Earliest time at which something of it changes [s]. */
  due: number
  active: Trouble[]
  /** Faults to come, by time. */
  scheduled: ScheduledFault[]
  drained: Drained[]
  moves: Move[]
  /** By pool: when something fails next [s], and the draws of that; times as often as measured. */
  next: Float64Array
  streams: Stream[]
  rate: number
  /** Random failures so far, by pool: they are named after it. */
  drawn: Int32Array
  prices: PriceChange[]
}

export function createFaults(fleet: Fleet, pools: readonly PoolState[], seed: number): FaultState {
  const faults: FaultState = {
    due: Infinity,
    active: [],
    scheduled: [...(fleet.faults ?? [])].sort((a, b) => a.at - b.at),
    drained: [],
    moves: [],
    next: new Float64Array(pools.length).fill(Infinity),
    streams: pools.map(({ id }) => createStream(seed, `faults ${id}`)),
    rate: fleet.failures ?? 0,
    drawn: new Int32Array(pools.length),
    prices: [],
  }
  for (const pool of pools) drawFailure(faults, pool, 0)
  faults.due = nextChange(faults)
  return faults
}

/** Earliest time at which something changes by itself [s]. */
export function nextChange({ active, scheduled, moves, next }: FaultState): number {
  let due = scheduled[0]?.at ?? Infinity
  for (const { end } of active) due = Math.min(due, end)
  for (const { at } of moves) due = Math.min(due, at)
  for (const time of next) due = Math.min(due, time)
  return due
}
