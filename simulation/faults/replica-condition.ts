import { f64, i32 } from '../columns'
import type { FleetState } from '../serving/fleet-state'
import type { PoolState } from '../serving/pool'
import type { Simulation } from '../simulation'
import { conditionOf } from './condition'
import { chipsInNode } from './fault'
import type { FaultState } from './fault-state'

/** How a replica is, the worst first. */
export const replicaConditions = [
  'lost', // with its chips, until they are repaired
  'stuck', // takes requests and makes no progress
  'stopped', // by somebody's word
  'loading', // its weights, or a checkpoint
  'throttled', // its clock is below the full one
  'draining', // takes no new requests, by somebody's word or because it is to leave
  'training',
  'serving',
  'idle',
] as const
export type ReplicaCondition = (typeof replicaConditions)[number]

/** Every replica of a pool, in order; the pool is simulated here. Reads only. */
export function conditionsOf({ fleet, faults }: Simulation, pool: PoolState): ReplicaCondition[] {
  const { lost, stuck, drained, closed } = conditionOf(faults, pool)
  const loading = concerned(faults, pool, ['loading'])
  const broken = concerned(faults, pool, ['chip-loss', 'node-loss'])
  const sound = fineOf(fleet, pool)
  return Array.from({ length: pool.replicas }, (_, i): ReplicaCondition => {
    if (broken.has(i)) return 'lost'
    if (stuck.has(i)) return 'stuck'
    if (lost.has(i)) return loading.has(i) ? 'loading' : 'stopped'
    if (clockOf(fleet, pool, pool.first + i) < 1) return 'throttled'
    if (closed || drained.has(i)) return 'draining'
    return sound ?? (i32(fleet.replicas.outstanding, pool.first + i) > 0 ? 'serving' : 'idle')
  })
}

/** Chips that each replica of a pool has lost, where it has lost some. */
export function chipsLost({ active }: FaultState, pool: PoolState): Map<number, number> {
  const gone = new Map<number, number>()
  for (const { fault, pool: index, replicas } of active) {
    if (index !== pool.index || (fault.kind !== 'chip-loss' && fault.kind !== 'node-loss')) continue
    for (const replica of replicas) {
      const chips = fault.kind === 'chip-loss' ? 1 : chipsInNode(pool, pool.chipsPerReplica, replica, fault.node)
      gone.set(replica, Math.min(pool.chipsPerReplica, (gone.get(replica) ?? 0) + chips))
    }
  }
  return gone
}

/** Share of the full clock at which a replica runs: what heat and the cap on power leave. */
export function clockOf({ replicas, health }: FleetState, pool: PoolState, replica: number): number {
  return Math.min(f64(replicas.clock, replica), f64(health.cappedClock, pool.index))
}

function concerned({ active }: FaultState, pool: PoolState, kinds: string[]): Set<number> {
  return new Set(
    active.flatMap(({ fault, pool: index, replicas }) =>
      index === pool.index && kinds.includes(fault.kind) ? replicas : [],
    ),
  )
}

/** What all replicas of a training job do; `null` where they serve. */
function fineOf({ training }: FleetState, pool: PoolState): ReplicaCondition | null {
  if (pool.serving.kind !== 'training') return null
  const phase = training[pool.firstFlow]?.phase ?? 'stands'
  if (phase === 'loads') return 'loading'
  return phase === 'stands' ? 'idle' : 'training'
}
