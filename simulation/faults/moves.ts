import { storage } from '../catalog/storage'
import type { Refusal } from '../routing/routing'
import { lose } from '../serving/health'
import type { PoolState } from '../serving/pool'
import { resize, savingTime } from '../serving/training'
import { timeOf, type Simulation } from '../simulation'
import { checkLess } from './drain'
import { conditionOf } from './condition'
import { drawFailure } from './failures'
import { load } from './loading'
import { settlePools, trainUntil } from './settle'

/**
 * So many replicas of a pool become replicas of another on the same chips: for another model, or to and from a training job.
 * They take no new requests, have a grace [s] to finish those they have, and load the weights of their new pool. A training
 * job writes a checkpoint first, or loses what it has not saved if it `saves` not.
 */
export interface Reprovision {
  from: string
  to: string
  replicas: number
  grace?: number
  saves?: boolean
}

/** Why replicas cannot be re-provisioned, or `null` if they can. */
export function checkReprovision(simulation: Simulation, plan: Reprovision): Refusal | null {
  const { pools } = simulation.fleet
  const names = pools.map(({ id }) => id).join(', ')
  const from = pools.find(({ id }) => id === plan.from)
  if (!from) return { field: 'from', value: plan.from, expected: `one of ${names}` }
  const to = pools.find(({ id }) => id === plan.to)
  if (!to || to === from) return { field: 'to', value: plan.to, expected: `another one of ${names}` }
  if (plan.grace !== undefined && !(plan.grace >= 0 && plan.grace < Infinity)) {
    return { field: 'grace', value: plan.grace, expected: 'seconds, 0 or more' }
  }
  return checkHardware(simulation, from, to) ?? checkCount(simulation, from, to, plan.replicas)
}

/** Begins to re-provision replicas now; throws where that cannot be. */
export function reprovision(simulation: Simulation, plan: Reprovision): void {
  const refusal = checkReprovision(simulation, plan)
  if (refusal) {
    throw new Error(`re-provision: ${refusal.field}: ${String(refusal.value)}, expected ${refusal.expected}`)
  }
  const { fleet, faults } = simulation
  const time = timeOf(simulation)
  const from = fleet.pools.find(({ id }) => id === plan.from) as PoolState
  const to = fleet.pools.find(({ id }) => id === plan.to) as PoolState
  const grace = from.serving.kind === 'training' ? yieldTime(simulation, from, plan, time) : plan.grace
  faults.moves.push({
    from: from.index,
    to: to.index,
    leaving: plan.replicas,
    coming: (plan.replicas * from.chipsPerReplica) / to.chipsPerReplica,
    at: time + (grace ?? storage.grace.value),
  })
  settlePools(simulation, new Set([from.index]), time)
}

/** Replicas whose grace is over by a time [s] leave their pool, and load the weights of the other; returns the requests they had. */
export function arriveMoves(simulation: Simulation, time: number, changed: Set<number>): number[] {
  const { fleet, faults } = simulation
  const evacuated: number[] = []
  for (const move of faults.moves.filter(({ at }) => at <= time)) {
    faults.moves = faults.moves.filter(other => other !== move)
    const [from, to] = [fleet.pools[move.from] as PoolState, fleet.pools[move.to] as PoolState]
    from.replicas -= move.leaving
    // what befell the replicas that leave is mended with that
    for (const trouble of faults.active) {
      if (trouble.pool === from.index) trouble.replicas = trouble.replicas.filter(replica => replica < from.replicas)
    }
    if (from.own) {
      for (let i = from.replicas; i < from.replicas + move.leaving; i++) {
        evacuated.push(...lose(fleet, from, from.first + i, time))
      }
    }
    fleet.health.moved[from.index] = 1
    fleet.health.moved[to.index] = 1
    const coming = Array.from({ length: move.coming }, (_, i) => to.replicas + i)
    to.replicas += move.coming
    load(simulation, to, coming, `${from.id} to ${to.id} at ${move.at}`, time)
    for (const pool of [from, to]) {
      drawFailure(faults, pool, time)
      changed.add(pool.index)
    }
  }
  return evacuated
}

/** Time until a training job has yielded replicas [s]: it writes a checkpoint, or nothing. */
function yieldTime(
  simulation: Simulation,
  pool: PoolState,
  { replicas, saves = true }: Reprovision,
  time: number,
): number {
  const { fleet } = simulation
  let longest = 0
  trainUntil(simulation, pool, time)
  for (let flow = pool.firstFlow; flow < pool.firstFlow + pool.flows; flow++) {
    const job = fleet.training[flow]
    if (!job) continue
    if (saves && job.replicas > 0) longest = Math.max(longest, savingTime(pool, job))
    else resize(fleet, flow, Math.max(0, job.wanted - replicas), time, false)
  }
  return longest
}

function checkHardware({ scenario }: Simulation, from: PoolState, to: PoolState): Refusal | null {
  const [old, future] = [scenario.fleet.pools[from.index], scenario.fleet.pools[to.index]]
  if (old?.chip !== future?.chip) {
    return { field: 'to', value: to.id, expected: `a pool on ${old?.chip}: chips stay what they are` }
  }
  if (old?.zone !== future?.zone) {
    return { field: 'to', value: to.id, expected: `a pool in zone ${old?.zone}: chips stay where they are` }
  }
  return null
}

function checkCount(simulation: Simulation, from: PoolState, to: PoolState, count: number): Refusal | null {
  const { moves } = simulation.faults
  for (const [field, pool] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (moves.some(move => move.from === pool.index || (move.to === pool.index && field === 'from'))) {
      return { field, value: pool.id, expected: 'a pool that no replicas are leaving or joining' }
    }
  }
  if (!Number.isInteger(count) || count < 1 || count > from.replicas) {
    return { field: 'replicas', value: count, expected: `a whole number from 1 to ${from.replicas}` }
  }
  if ((count * from.chipsPerReplica) % to.chipsPerReplica !== 0) {
    const expected = `replicas of ${from.chipsPerReplica} chips that make whole ones of ${to.chipsPerReplica}`
    return { field: 'replicas', value: count, expected }
  }
  const coming = moves.reduce((sum, move) => sum + (move.to === to.index ? move.coming : 0), 0)
  const room = to.slots - to.replicas - coming
  if ((count * from.chipsPerReplica) / to.chipsPerReplica > room) {
    return { field: 'replicas', value: count, expected: `no more than ${to.id} has room for: ${room}` }
  }
  const leaving = Array.from({ length: count }, (_, i) => from.replicas - 1 - i)
  const { lost } = conditionOf(simulation.faults, from)
  if (leaving.some(replica => lost.has(replica))) {
    return { field: 'replicas', value: count, expected: `replicas that serve: one of the last ${count} is lost` }
  }
  return from.serving.kind === 'training' ? null : checkLess(simulation, from, new Set(leaving))
}
