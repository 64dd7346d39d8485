import { conditionOf } from '../faults/condition'
import { drawFailure } from '../faults/failures'
import type { Trouble } from '../faults/fault-state'
import { settlePools } from '../faults/settle'
import type { PoolState } from '../serving/pool'
import type { Simulation } from '../simulation'

/**
 * Takes what is wrong with a run over to a fork of it that has its replicas: faults under way, drains, prices and training
 * jobs. What is only scheduled stays behind, and so do moves where not all replicas come along; failures are drawn anew.
 */
export function copyTroubles(from: Simulation, to: Simulation, now: number, pace: number): void {
  const { faults } = to
  const whole = (index: number): boolean => from.fleet.pools[index]?.replicas === to.fleet.pools[index]?.replicas
  const soon = (time: number): number => now + (time - now) / pace
  faults.scheduled = []
  faults.prices = from.faults.prices.map(change => ({ ...change }))
  faults.active = from.faults.active.map(trouble => ({
    ...trouble,
    replicas: kept(from, to, trouble.pool, trouble.replicas),
    end: soon(trouble.end),
  }))
  faults.drained = from.faults.drained.flatMap(each => {
    if (each.replica === null) return [{ ...each }]
    return kept(from, to, each.pool, [each.replica]).map(replica => ({ ...each, replica }))
  })
  faults.moves = from.faults.moves
    .filter(move => whole(move.from) && whole(move.to))
    .map(move => ({ ...move, at: soon(move.at) }))
  faults.rate = from.faults.rate * pace
  for (const pool of to.fleet.pools) drawFailure(faults, pool, now)
  copyHealth(from, to)
  copyTraining(from, to)
  settlePools(to, new Set(to.fleet.pools.keys()), now)
}

/** Where the replicas of a fault lie among those that came along. */
function kept(from: Simulation, to: Simulation, pool: number, replicas: Trouble['replicas']): number[] {
  const [source, target] = [from.fleet.pools[pool], to.fleet.pools[pool]]
  if (!source || !target) return []
  return Array.from({ length: target.replicas }, (_, i) => i).filter(i =>
    replicas.includes(sourceOf(source, target, i)),
  )
}

/** The replica of a pool that a replica of its thinned self stands for, both counted from the first. */
function sourceOf(source: PoolState, target: PoolState, replica: number): number {
  return Math.floor((replica * source.replicas) / target.replicas)
}

function copyHealth(from: Simulation, to: Simulation): void {
  for (const column of ['clock', 'cappedClock', 'computePart'] as const) {
    to.fleet.health[column].set(from.fleet.health[column])
  }
  to.fleet.health.throttled.set(from.fleet.health.throttled)
}

function copyTraining(from: Simulation, to: Simulation): void {
  to.fleet.training = from.fleet.training.map((job, flow) => {
    const copy = to.fleet.training[flow]
    if (!job || !copy) return null
    const index = to.flows[flow]?.pool ?? -1
    const [source, target] = [from.fleet.pools[index], to.fleet.pools[index]]
    if (!source || !target || source.replicas === target.replicas) return { ...job }
    const replicas = target.replicas - conditionOf(to.faults, target).lost.size
    return { ...job, replicas, wanted: replicas }
  })
}
