import { fleets, type Fleet, type Pool, type Routing, type Workload } from '../../simulation/index'

/** So many pools: those of the default fleet over and over, of one replica each, with its traffic in proportion. */
export function wideFleet(count = 1000): Fleet {
  const { default: region } = fleets
  if (!region) throw new Error('there is no default fleet')
  const pools = Array.from({ length: count }, (_, index) => copyOf(region.pools, index))
  const copies = (id: string): string[] => pools.flatMap(pool => (nameOf(pool) === id ? [pool.id] : []))
  const replicas = region.pools.reduce((sum, pool) => sum + pool.replicas, 0)
  return {
    ...region,
    id: 'wide',
    pools,
    workloads: region.workloads.map(workload => ({
      ...workload,
      arrivals: scaled(workload.arrivals, count / replicas),
    })),
    routing: Object.fromEntries(
      Object.entries(region.routing).map(([workload, routes]): [string, Routing[string]] => [
        workload,
        routes.flatMap(route => {
          const decodes = copies(route.decode)
          return copies(route.prefill)
            .slice(0, decodes.length)
            .map((prefill, copy) => ({ ...route, prefill, decode: decodes[copy] ?? prefill }))
            .map((copied, _, all) => ({ ...copied, share: route.share / all.length }))
        }),
      ]),
    ),
  }
}

function copyOf(pools: readonly Pool[], index: number): Pool {
  const pool = pools[index % pools.length]
  if (!pool) throw new Error('there are no pools to copy')
  return { ...pool, id: `${pool.id}.${Math.floor(index / pools.length) + 1}`, replicas: 1 }
}

function nameOf({ id }: Pool): string {
  return id.slice(0, id.lastIndexOf('.'))
}

function scaled(arrivals: Workload['arrivals'], factor: number): Workload['arrivals'] {
  if (!arrivals || !('stages' in arrivals)) return arrivals
  return { ...arrivals, stages: arrivals.stages.map(stage => ({ ...stage, rate: stage.rate * factor })) }
}
