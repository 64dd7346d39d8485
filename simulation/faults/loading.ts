import { residentWeights } from '../catalog/lookup'
import { loadTime } from '../catalog/storage'
import type { PoolState } from '../serving/pool'
import type { Simulation } from '../simulation'

/** Replicas of a pool load their weights from a time on [s]; a training job reads its checkpoint by itself. */
export function load(simulation: Simulation, pool: PoolState, replicas: number[], id: string, time: number): void {
  const { scenario, faults } = simulation
  const own = scenario.fleet.pools[pool.index]
  if (!own || pool.serving.kind === 'training' || replicas.length === 0) return
  const seconds = loadTime(residentWeights(scenario.fleet, own), pool.chipsPerReplica)
  faults.active.push({
    fault: { kind: 'loading', id: `${id} loading`, pool: pool.id },
    pool: pool.index,
    replicas,
    end: time + seconds,
  })
}
