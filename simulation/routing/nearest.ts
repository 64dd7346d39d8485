import type { Fleet } from '../catalog/fleets'
import { checkRouting, type Route, type Routing } from './routing'

/**
 * The routing nearest to a refused one that a fleet can take: routes that cannot be are left out, the shares of the others
 * moved by as little as makes them add to 1. Workloads that are not there, or that no named route can serve, are left out.
 */
export function nearestRouting(fleet: Fleet, wanted: Routing): Routing {
  return Object.fromEntries(
    Object.entries(wanted).flatMap(([id, routes]) => {
      if (!fleet.workloads.some(workload => workload.id === id)) return []
      const possible = routes.filter(
        (route, index) =>
          routes.findIndex(other => other.prefill === route.prefill && other.decode === route.decode) === index &&
          checkRouting(fleet, { [id]: [{ ...route, share: 1 }] }) === null,
      )
      return possible.length > 0 ? [[id, nearestShares(possible)] as const] : []
    }),
  )
}

/** The nearest shares that are none below 0 and add to 1 (projection on the simplex), in thousandths of a percent. */
function nearestShares(routes: readonly Route[]): Route[] {
  const wanted = routes.map(({ share }) => (Number.isFinite(share) ? share : 0))
  const sorted = wanted.toSorted((a, b) => b - a)
  let sum = 0
  let offset = 0
  sorted.forEach((share, index) => {
    sum += share
    const candidate = (sum - 1) / (index + 1)
    if (share > candidate) offset = candidate
  })
  const shares = wanted.map(share => Math.round(Math.max(0, share - offset) * 1e5))
  const largest = shares.indexOf(Math.max(...shares))
  shares[largest] = (shares[largest] ?? 0) + 1e5 - shares.reduce((total, share) => total + share, 0)
  return routes.map((route, index) => ({ ...route, share: (shares[index] ?? 0) / 1e5 }))
}
