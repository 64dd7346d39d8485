import type { Frame } from '../simulation/index'

/** How many replicas of a pool serve, in words, where some are lost or load their weights; else `null`. */
export function replicasLeft(frame: Frame | null, index: number): string | null {
  const replicas = frame?.pools.replicas[index] ?? 0
  const available = frame?.pools.available[index] ?? 1
  return available < 1 ? `${Math.round(available * replicas)} of ${replicas} replicas` : null
}
