import { openRoutes } from '../routing/open-routes'
import type { Routing } from '../routing/routing'
import type { Simulation } from '../simulation'
import type { Act } from './act'
import { conditionOf } from './condition'
import type { DrainTarget } from './drain'

/** Where requests go while a routing leads to closed pools: each workload's open routes, in proportion. */
export interface Diversion {
  before: Routing
  after: Routing
}

/** What draining or stopping a pool, or one of its replicas, changes in where requests go, or taking it up again; `null` for other acts. */
export function diversionOf(simulation: Simulation, act: Act): Diversion | null {
  if (act.kind !== 'drain' && act.kind !== 'stop' && act.kind !== 'resume') return null
  const { health } = simulation.fleet
  const place = simulation.scenario.fleet.pools.findIndex(({ id }) => id === act.pool)
  const open = health.open.slice()
  open[place] = opens(simulation, place, act) ? 1 : 0
  return { before: inForce(simulation, health.open), after: inForce(simulation, open) }
}

/** Whether a pool is open when it is done. */
function opens({ fleet, faults }: Simulation, place: number, act: Act & DrainTarget): boolean {
  const pool = fleet.pools[place]
  if (!pool) return false
  const closes = act.kind !== 'resume'
  const { closed, drained, lost } = conditionOf(faults, pool)
  if (act.replica === undefined ? closes : closed) return false
  for (let replica = 0; replica < pool.replicas; replica++) {
    const out = replica === act.replica ? closes : drained.has(replica)
    if (!out && !lost.has(replica)) return true
  }
  return false
}

function inForce({ scenario, routing, fleet }: Simulation, open: Uint8Array): Routing {
  const health = { ...fleet.health, open }
  return Object.fromEntries(
    scenario.fleet.workloads.map(({ id }) => {
      const used = openRoutes(scenario.fleet, health, routing[id] ?? [])
      const sum = used.reduce((total, { share }) => total + share, 0)
      return [id, used.map(route => ({ ...route, share: route.share / sum }))]
    }),
  )
}
