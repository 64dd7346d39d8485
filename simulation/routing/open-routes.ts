import type { Fleet } from '../catalog/fleets'
import type { Flow } from '../serving/flows'
import type { Health } from '../serving/health'
import { createRouter, type Router } from './router'
import type { Route } from './routing'

/**
 * Spreads the requests of a workload over its routes between open pools, by their shares; over all its routes, to fail
 * there, where none is open. A training job holds the pools of its routes whether they are open or not.
 */
export function openRouter(
  fleet: Fleet,
  flows: readonly Flow[],
  health: Health,
  workload: number,
  routes: readonly Route[],
): Router {
  const used = openRoutes(fleet, health, routes)
  const trains = fleet.workloads[workload]?.kind === 'training'
  const flowTo = (id: string): number =>
    flows.findIndex(flow => flow.workload === workload && fleet.pools[flow.pool]?.id === id)
  return createRouter(
    (trains || used.length === 0 ? routes : used).map(({ prefill, decode, share }) => ({
      prefill: flowTo(prefill),
      decode: flowTo(decode),
      share,
    })),
  )
}

/** The routes with a share of which both pools are open. */
export function openRoutes(fleet: Fleet, health: Health, routes: readonly Route[]): Route[] {
  const isOpen = (id: string): boolean => health.open[fleet.pools.findIndex(pool => pool.id === id)] === 1
  return routes.filter(({ prefill, decode, share }) => share > 0 && isOpen(prefill) && isOpen(decode))
}
