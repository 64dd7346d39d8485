import type { Fleet } from './catalog/fleets'
import { flowsOf, mirrorFlowsOf } from './serving/flows'
import type { Shard, Simulation } from './simulation'
import { createTelemetry, type Telemetry } from './telemetry/telemetry'

/**
 * Pools that can be simulated apart from each other, by index, spread evenly over at most `count` shards. A zone stays
 * whole, and so do zones between which requests move: those of a workload that spills, or whose next request waits for
 * one to leave. A run in shards gives the same frames as a run in one piece.
 */
export function shardsOf(fleet: Fleet, count: number): number[][] {
  const zones = [...new Set(fleet.pools.map(({ zone }) => zone))]
  const group = new Map(zones.map(zone => [zone, zone]))
  const flows = flowsOf(fleet)
  fleet.workloads.forEach((workload, index) => {
    const follows = workload.arrivals?.kind === 'closed' || workload.sessions !== undefined
    if (!workload.spill && !follows) return
    const [first, ...rest] = flows.flatMap(flow =>
      flow.workload === index ? (fleet.pools[flow.pool]?.zone ?? []) : [],
    )
    for (const zone of rest) join(group, zone, first ?? zone)
  })
  const groups = [...new Set(group.values())].map(name => {
    const pools = fleet.pools.flatMap(({ zone }, index) => (group.get(zone) === name ? [index] : []))
    return { pools, replicas: pools.reduce((sum, pool) => sum + (fleet.pools[pool]?.replicas ?? 0), 0) }
  })
  return spread(groups, count)
}

/** The shards of a run, for threads of their own; they share telemetry, so that each of them has the frames of the whole fleet. */
export function planShards(fleet: Fleet, shards: readonly number[][]): Shard[] {
  const rows = flowsOf(fleet).length + mirrorFlowsOf(fleet).length
  const telemetry = createTelemetry(rows, fleet.pools.length, { shared: true })
  return shards.map(pools => ({ pools, telemetry }))
}

/** Moves the telemetry of a run into that which it shares with the other shards. */
export function shareTelemetry(simulation: Simulation, shared: Telemetry): void {
  copyInto(simulation.fleet.telemetry, shared)
  simulation.fleet.telemetry = shared
}

function copyInto(from: object, to: object): void {
  for (const [name, value] of Object.entries(from)) {
    const place: unknown = Reflect.get(to, name)
    if (typeof value === 'number') Reflect.set(to, name, value)
    else if (ArrayBuffer.isView(place)) Reflect.apply(Reflect.get(place, 'set'), place, [value])
    else if (typeof place === 'object' && place !== null) copyInto(value, place)
  }
}

function join(group: Map<string, string>, zone: string, other: string): void {
  const [from, to] = [group.get(zone), group.get(other) ?? other]
  for (const [member, name] of group) if (name === from) group.set(member, to)
}

/** Largest first, each into the shard that has least so far. */
function spread(groups: { pools: number[]; replicas: number }[], count: number): number[][] {
  const shards = Array.from({ length: Math.min(count, groups.length) }, () => ({ pools: [] as number[], replicas: 0 }))
  for (const { pools, replicas } of [...groups].sort((a, b) => b.replicas - a.replicas)) {
    const least = shards.reduce((best, shard) => (shard.replicas < best.replicas ? shard : best))
    least.pools.push(...pools)
    least.replicas += replicas
  }
  return shards.map(({ pools }) => pools)
}
