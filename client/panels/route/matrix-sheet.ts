import type { FleetView, Routing } from '../../../simulation/index'
import type { Sheet } from '../../export'

/** Every route of every workload, with its share in force and in the draft. Pure. */
export function matrixSheet(fleet: FleetView | null, inForce: Routing, draft: Routing): Sheet {
  const share = { unit: 'share of its requests, 0 to 1' }
  return {
    title: 'Routing',
    columns: [
      { name: 'workload' },
      { name: 'prefill pool' },
      { name: 'decode pool' },
      { name: 'family' },
      { name: 'in force', ...share },
      { name: 'draft', ...share },
    ],
    rows: (fleet?.workloads ?? []).flatMap(({ id, name }) => {
      const routes = new Map([...(inForce[id] ?? []), ...(draft[id] ?? [])].map(route => [keyOf(route), route]))
      return [...routes.values()].map(({ prefill, decode }) => {
        const pool = fleet?.pools.find(each => each.id === decode)
        const family = fleet?.families[pool?.family ?? -1]?.name ?? null
        const shares = [inForce, draft].map(
          routing => routing[id]?.find(route => route.prefill === prefill && route.decode === decode)?.share ?? 0,
        )
        return [name, prefill, decode, family, ...shares]
      })
    }),
  }
}

function keyOf({ prefill, decode }: { prefill: string; decode: string }): string {
  return `${prefill} ${decode}`
}
