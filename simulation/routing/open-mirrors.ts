import { takeCopies } from '../serving/pool'
import type { Simulation } from '../simulation'
import type { Mirrors } from './mirrors'

/** Copies requests that arrive from now on as mirrors say; in a fork, a part may stand for several copies of each. */
export function mirrorRequests({ flows, mirrored, fleet }: Simulation, mirrors: Mirrors): void {
  const { pools, workloads } = fleet
  const placeOf = (id: string): number => pools.findIndex(pool => pool.id === id)
  workloads.forEach((workload, index) => {
    const flowTo = (id: string): number =>
      flows.length + mirrored.findIndex(flow => flow.workload === index && flow.pool === placeOf(id))
    const routes = (mirrors[workload.id] ?? []).map(({ prefill, decode, part }) => {
      for (const pool of pools) if (pool.id === prefill || pool.id === decode) takeCopies(pool)
      return { prefill: flowTo(prefill), decode: flowTo(decode), copies: part }
    })
    workload.mirrors = routes.length > 0 ? routes : null
  })
}
