import type { Fleet, Pool } from '../catalog/fleets'
import type { Mirrors } from '../routing/mirrors'
import type { Ends, Routing } from '../routing/routing'

/** How much of a fleet a forecast simulates. */
export interface Thinning {
  /** Most replicas of a pool that serves tokens, and of one that answers queries. */
  tokens: number
  queries: number
}

/** Part of a pool's replicas that is kept. */
export function keptOf(fleet: Fleet, pool: Pool, thinning: Thinning): number {
  const served = fleet.workloads.find(({ model }) => model === pool.model)?.kind
  const most = served === 'single-shot' ? thinning.queries : thinning.tokens
  return pool.replicas === 0 ? 1 : Math.min(pool.replicas, most) / pool.replicas
}

/**
 * The fleet with the kept replicas under a routing, and the part of each workload's requests that goes to them: shares
 * are weighted so that every kept replica gets what it would get in the whole fleet.
 */
export function thinFleet(
  fleet: Fleet,
  routing: Routing,
  thinning: Thinning,
): { fleet: Fleet; parts: Record<string, number> } {
  const parts: Record<string, number> = {}
  const thinned: Routing = {}
  for (const { id } of fleet.workloads) {
    const routes = routing[id] ?? fleet.routing[id] ?? []
    const weights = routes.map(route => route.share * partOf(fleet, route, thinning))
    const part = weights.reduce((sum, weight) => sum + weight, 0)
    parts[id] = part
    thinned[id] = part > 0 ? routes.map((route, i) => ({ ...route, share: (weights[i] ?? 0) / part })) : routes
  }
  const pools = fleet.pools.map(pool => ({
    ...pool,
    replicas: Math.round(pool.replicas * keptOf(fleet, pool, thinning)),
  }))
  return { fleet: { ...fleet, pools, routing: thinned }, parts }
}

/** Mirrors of a thinned fleet: copies of each request that comes there, so many that every kept replica gets what it would get. */
export function thinMirrors(
  fleet: Fleet,
  mirrors: Mirrors,
  parts: Record<string, number>,
  thinning: Thinning,
): Mirrors {
  return Object.fromEntries(
    Object.entries(mirrors).map(([id, routes]) => {
      const part = parts[id] ?? 0
      const thinned = routes.map(route => ({ ...route, part: (route.part * partOf(fleet, route, thinning)) / part }))
      return [id, part > 0 ? thinned : []]
    }),
  )
}

/** Of a route over two pools, the part of the one that decodes. */
function partOf(fleet: Fleet, { decode }: Ends, thinning: Thinning): number {
  const pool = fleet.pools.find(({ id }) => id === decode)
  if (!pool) throw new Error(`route over ${decode}: no such pool in fleet ${fleet.id}`)
  return keptOf(fleet, pool, thinning)
}
