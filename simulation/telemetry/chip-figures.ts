import { i32 } from '../columns'
import { conditionOf } from '../faults/condition'
import { efficiencyOf } from '../serving/pool'
import { drawOfPools, energyPerToken } from './energy'
import type { ChipMetric, Figure, PoolMetric, ServiceMetric } from './frame'
import { heldCost, idleCost } from './money'
import { poolAt, type Reading, type Selection } from './reading'

/** What the chips of pools do, draw and cost. */
export function chipFigures(reading: Reading, { flows, pools }: Selection): Record<ChipMetric, Figure> {
  const all = pools.map(pool => poolAt(reading.simulation, pool))
  const countOf = (index: number): number => reading.replicas[index] ?? 0
  const replicas = pools.reduce((sum, pool) => sum + countOf(pool), 0)
  const serving = all.flatMap(pool => {
    const value = saturation(reading, pool.index)
    return value === null ? [] : [{ chips: countOf(pool.index) * pool.chipsPerReplica, value }]
  })
  const chips = serving.reduce((sum, pool) => sum + pool.chips, 0)
  const { power, carbon } = drawOfPools(reading, pools)
  return {
    power,
    carbon,
    energyPerToken: energyPerToken(reading, flows),
    saturation: chips > 0 ? serving.reduce((sum, pool) => sum + pool.chips * pool.value, 0) / chips : null,
    busy: replicas > 0 ? Math.min(1, reading.poolRate('busy', pools) / replicas) : null,
    heldCost: heldCost(reading, pools),
    idleCost: idleCost(reading, pools),
  }
}

/** What only a pool has: batches, caches and traffic. */
export function batchFigures(
  { simulation, poolRate, replicas: counts }: Reading,
  index: number,
): Record<Exclude<PoolMetric, ServiceMetric | ChipMetric>, Figure> {
  const { serving, replicas: present } = poolAt(simulation, index)
  const { lost } = simulation.fleet.health
  const replicas = counts[index] ?? 0
  const perReplica = (figure: number): Figure => (replicas > 0 ? figure / replicas : null)
  const kv = serving.kind === 'tokens' ? serving.kvBlocks * replicas : 0
  const looked = poolRate('prefixTokens', [index])
  const { mfu, mbu } = efficiencyOf(serving)
  return {
    replicas: present,
    available: present > 0 ? 1 - i32(lost, index) / present : null,
    drained: drainedPart(simulation, index),
    batch: perReplica(poolRate('runningTime', [index])),
    kvUse: kv > 0 ? poolRate('kvTime', [index]) / kv : null,
    computeUtilisation: perReplica(mfu * poolRate('compute', [index])),
    memoryUtilisation: perReplica(mbu * poolRate('memory', [index])),
    prefixHitRate: looked > 0 ? poolRate('prefixHits', [index]) / looked : null,
    preemptions: poolRate('preempted', [index]),
    transferred: poolRate('transferred', [index]),
  }
}

function drainedPart({ faults, fleet }: Reading['simulation'], index: number): Figure {
  const pool = fleet.pools[index]
  if (!pool || pool.replicas === 0) return null
  const { closed, drained } = conditionOf(faults, pool)
  return closed ? 1 : drained.size / pool.replicas
}

/**
 * How near a pool is to its limit (0 to 1): the largest of KV cache in use, sequences in use and the share of time that
 * prefill takes; busy time for single-shot pools; `null` for training.
 */
export function saturation({ simulation, poolRate, replicas: counts }: Reading, index: number): Figure {
  const { serving, maxSequences } = poolAt(simulation, index)
  const replicas = counts[index] ?? 0
  if (serving.kind === 'training' || replicas === 0) return null
  if (serving.kind === 'single-shot') return Math.min(1, poolRate('busy', [index]) / replicas)
  return Math.min(
    1,
    Math.max(
      poolRate('kvTime', [index]) / (serving.kvBlocks * replicas),
      poolRate('runningTime', [index]) / (maxSequences * replicas),
      poolRate('prefill', [index]) / replicas,
    ),
  )
}
