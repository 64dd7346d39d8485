import type { Figure, PoolMetric } from '../simulation/index'

/** How many replicas of a pool serve, in words, where some are lost or load their weights; else `null`. */
export function replicasLeft(figure: (metric: PoolMetric) => Figure | undefined): string | null {
  const replicas = figure('replicas') ?? 0
  const available = figure('available') ?? 1
  return available < 1 ? `${Math.round(available * replicas)} of ${replicas} replicas` : null
}
