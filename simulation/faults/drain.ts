import { openRoutes } from '../routing/open-routes'
import type { Refusal } from '../routing/routing'
import { timeOf, type Simulation } from '../simulation'
import type { PoolState } from '../serving/pool'
import { conditionOf, drainedReplicas } from './condition'
import type { Drained } from './fault-state'
import { load } from './loading'
import { settlePools } from './settle'

/** A pool, or one of its replicas, counted from 0. */
export interface DrainTarget {
  pool: string
  replica?: number
}

/** Why a pool or replica cannot be drained, or `null` if it can. */
export function checkDrain(simulation: Simulation, { pool: id, replica }: DrainTarget): Refusal | null {
  const pool = simulation.fleet.pools.find(pool => pool.id === id)
  if (!pool) {
    return { field: 'pool', value: id, expected: `one of ${simulation.fleet.pools.map(({ id }) => id).join(', ')}` }
  }
  if (pool.serving.kind === 'training') {
    return { field: 'pool', value: id, expected: 'a pool that takes requests; a training job yields replicas instead' }
  }
  if (replica === undefined) return checkWithout(simulation, pool)
  if (!Number.isInteger(replica) || replica < 0 || replica >= pool.replicas) {
    return { field: 'replica', value: replica, expected: `a whole number from 0 to ${pool.replicas - 1}` }
  }
  return checkLess(simulation, pool, new Set([replica]))
}

/** Why a pool cannot do without some of its replicas, or `null` if it can. */
export function checkLess(simulation: Simulation, pool: PoolState, less: Set<number>): Refusal | null {
  const { lost, drained } = conditionOf(simulation.faults, pool)
  for (let i = 0; i < pool.replicas; i++) {
    if (!less.has(i) && !lost.has(i) && !drained.has(i)) return null
  }
  return checkWithout(simulation, pool)
}

/** From now on a pool or replica takes no new requests; those it has finish there. Throws where it cannot be drained. */
export function drain(simulation: Simulation, target: DrainTarget): void {
  if (!drainOf(simulation, target)) close(simulation, target, false)
}

/** A pool or replica ends its work at once: the requests it has go on elsewhere. Throws where it cannot be drained. */
export function stop(simulation: Simulation, target: DrainTarget): void {
  close(simulation, target, true)
}

/** A drained pool or replica takes requests again, a stopped one once it has loaded its weights; returns whether it was either. */
export function resume(simulation: Simulation, target: DrainTarget): boolean {
  const drained = drainOf(simulation, target)
  const pool = simulation.fleet.pools[placeOf(simulation, target)]
  if (!drained || !pool) return false
  const { faults } = simulation
  const time = timeOf(simulation)
  faults.drained = faults.drained.filter(each => each !== drained)
  if (drained.stopped) load(simulation, pool, drainedReplicas(drained, pool), `stop of ${pool.id}`, time)
  settlePools(simulation, new Set([pool.index]), time)
  return true
}

export function isDrained(simulation: Simulation, target: DrainTarget): boolean {
  return drainOf(simulation, target) !== undefined
}

function drainOf(simulation: Simulation, target: DrainTarget): Drained | undefined {
  const index = placeOf(simulation, target)
  return simulation.faults.drained.find(each => each.pool === index && each.replica === (target.replica ?? null))
}

function close(simulation: Simulation, target: DrainTarget, stopped: boolean): void {
  const refusal = checkDrain(simulation, target)
  if (refusal) throw new Error(`drain: ${refusal.field}: ${String(refusal.value)}, expected ${refusal.expected}`)
  const { faults } = simulation
  const pool = placeOf(simulation, target)
  const before = drainOf(simulation, target)
  faults.drained = [
    ...faults.drained.filter(each => each !== before),
    { pool, replica: target.replica ?? null, stopped },
  ]
  settlePools(simulation, new Set([pool]), timeOf(simulation))
}

/** Why the workloads cannot do without a pool: one of them would have no open route left. */
function checkWithout({ scenario, routing, fleet }: Simulation, pool: PoolState): Refusal | null {
  for (const { id, name } of scenario.fleet.workloads) {
    const open = openRoutes(scenario.fleet, fleet.health, routing[id] ?? [])
    const others = open.filter(({ prefill, decode }) => prefill !== pool.id && decode !== pool.id)
    if (open.length > 0 && others.length === 0) {
      return { field: 'pool', value: pool.id, expected: `another open route for ${name}: all that it has lead here` }
    }
  }
  return null
}

function placeOf({ fleet }: Simulation, { pool }: DrainTarget): number {
  return fleet.pools.findIndex(({ id }) => id === pool)
}
