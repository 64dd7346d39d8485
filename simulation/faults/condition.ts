import { clocks } from '../catalog/power'
import type { PoolState } from '../serving/pool'
import type { Drained, FaultState } from './fault-state'

/** How the faults under way, drains and moves leave a pool; replicas counted from its first. */
export interface Condition {
  /** Replicas that serve nothing, and those of them that draw no power. */
  lost: Set<number>
  dark: Set<number>
  stuck: Set<number>
  /** Replicas that take no new requests, and whether the pool as a whole does not. */
  drained: Set<number>
  closed: boolean
  /** Share of the full clock of replicas that are hot, and of all; cap on the power of a chip [W]. */
  clocks: Map<number, number>
  clock: number
  cap: number
  /** How many times slower the network links are, and whether they have fallen back on TCP. */
  slowdown: number
  lostRdma: boolean
  /** Share of the requests that fail. */
  errors: number
}

/** Of faults of a kind the worst one counts. */
export function conditionOf({ active, drained, moves }: FaultState, pool: PoolState): Condition {
  const condition: Condition = {
    lost: new Set(),
    dark: new Set(),
    stuck: new Set(),
    drained: new Set(),
    closed: false,
    clocks: new Map(),
    clock: 1,
    cap: Infinity,
    slowdown: 1,
    lostRdma: false,
    errors: 0,
  }
  for (const trouble of active) if (trouble.pool === pool.index) worsen(condition, trouble)
  for (const each of drained) {
    if (each.pool !== pool.index) continue
    if (each.replica === null) condition.closed = true
    else condition.drained.add(each.replica)
    if (each.stopped) for (const replica of drainedReplicas(each, pool)) condition.lost.add(replica)
  }
  // the others of a training job do not wait for one that is stuck
  if (pool.serving.kind === 'training') for (const replica of condition.stuck) condition.lost.add(replica)
  for (const { from, leaving } of moves) {
    if (from !== pool.index) continue
    for (let replica = pool.replicas - leaving; replica < pool.replicas; replica++) condition.drained.add(replica)
  }
  return condition
}

/** The replicas that a drain is about, counted from the first of their pool. */
export function drainedReplicas({ replica }: Drained, pool: PoolState): number[] {
  return replica === null ? Array.from({ length: pool.replicas }, (_, i) => i) : [replica]
}

function worsen(condition: Condition, { fault, replicas }: FaultState['active'][number]): void {
  switch (fault.kind) {
    case 'node-loss':
    case 'chip-loss':
    case 'loading':
      for (const replica of replicas) {
        condition.lost.add(replica)
        if (fault.kind === 'node-loss') condition.dark.add(replica)
      }
      return
    case 'stuck':
      for (const replica of replicas) condition.stuck.add(replica)
      return
    case 'throttling': {
      const clock = fault.clock ?? clocks.overheated.value
      if (fault.replica === undefined) condition.clock = Math.min(condition.clock, clock)
      for (const replica of replicas) condition.clocks.set(replica, Math.min(clock, condition.clocks.get(replica) ?? 1))
      return
    }
    case 'power-cap':
      condition.cap = Math.min(condition.cap, fault.watts)
      return
    case 'slow-link':
      condition.slowdown = Math.max(condition.slowdown, fault.factor)
      return
    case 'lost-rdma':
      condition.lostRdma = true
      return
    case 'bad-deploy':
      condition.errors = Math.max(condition.errors, fault.share)
      return
    // prices are no matter of pools
    case 'chip-price':
    case 'electricity-price':
  }
}
