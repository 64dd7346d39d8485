import type { Fleet } from '../catalog/fleets'
import type { Routing } from '../routing/routing'
import { flowsOf } from '../serving/flows'

/**
 * Pools of a fleet, by index, that have nothing to do with each other under some routings: those of a workload go together,
 * and so do those of a zone that share its network or its training jobs. What a change does not touch has the same future.
 */
export function separateParts(fleet: Fleet, routings: readonly Routing[]): number[][] {
  const group = fleet.pools.map((_, index) => index)
  const join = (pools: readonly number[]): void => {
    const [first, ...rest] = pools.map(pool => group[pool])
    for (const name of rest) group.forEach((of, pool) => of === name && (group[pool] = first ?? of))
  }
  const flows = flowsOf(fleet)
  fleet.workloads.forEach((_, index) => join(flows.flatMap(flow => (flow.workload === index ? [flow.pool] : []))))
  const places = new Set(fleet.pools.map(({ zone }) => zone))
  for (const zone of places) join(networkOf(fleet, routings, zone))
  return [...new Set(group)].map(name => group.flatMap((of, pool) => (of === name ? [pool] : [])))
}

/** Pools of a zone over whose network requests are handed off. */
function networkOf(fleet: Fleet, routings: readonly Routing[], zone: string): number[] {
  const ends = new Set(
    [fleet.routing, ...routings]
      .flatMap(routing => Object.values(routing).flat())
      .flatMap(({ prefill, decode, share }) => (prefill !== decode && share > 0 ? [prefill, decode] : [])),
  )
  return fleet.pools.flatMap((pool, index) => (pool.zone === zone && ends.has(pool.id) ? [index] : []))
}
