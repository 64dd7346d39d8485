import type { FleetView, Frame } from '../simulation/index'

/** How many replicas of a pool serve, in words, where some are lost or load their weights; else `null`. */
export function replicasLeft(fleet: FleetView | null, frame: Frame | null, index: number): string | null {
  const pool = fleet?.pools[index]
  const available = frame?.pools.available[index] ?? 1
  return pool && available < 1 ? `${Math.round(available * pool.replicas)} of ${pool.replicas} replicas` : null
}
