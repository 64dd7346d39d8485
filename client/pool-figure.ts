/** What a frame tells of single pools: of the first ones everything, of others whether they are well where they are not. Pure. */
import type { Columns, Figure, Frame, PoolMetric } from '../simulation/index'

export function toldPools({ pools, troubled }: Frame): number[] {
  return [...pools.replicas.keys(), ...(troubled?.pool ?? [])]
}

/** `undefined` where the frame says nothing of it. */
export function toldFigure({ pools, troubled }: Frame, index: number, metric: PoolMetric): Figure | undefined {
  if (index < pools.replicas.length) return pools[metric][index]
  const columns: Partial<Columns<PoolMetric>> = troubled ?? {}
  return columns[metric]?.[troubled?.pool.indexOf(index) ?? -1]
}
