import { f64 } from '../columns'

/** Spreads the requests of one workload over its routes. Plain data. */
export interface Router {
  /** Flows in which the requests of each route with a share above 0 are prefilled and decoded, its share, and the requests it has had. */
  prefill: Int32Array
  decode: Int32Array
  shares: Float64Array
  sent: Float64Array
  /** Requests of all routes. */
  total: number
  /** How many pools the routes are prefilled in. */
  pools: number
}

export function createRouter(routes: readonly { prefill: number; decode: number; share: number }[]): Router {
  const used = routes.filter(route => route.share > 0)
  const sum = used.reduce((total, route) => total + route.share, 0)
  return {
    prefill: Int32Array.from(used, route => route.prefill),
    decode: Int32Array.from(used, route => route.decode),
    shares: Float64Array.from(used, route => route.share / sum),
    sent: new Float64Array(used.length),
    total: 0,
    pools: new Set(used.map(route => route.prefill)).size,
  }
}

/**
 * Route of the next request. After n requests every route has had its share of n within one request, always: the
 * chairman assignment (Tijdeman, 1980) takes, among the routes that are owed something, the one whose due time is next.
 */
export function routeNext(router: Router): number {
  const routes = router.shares.length
  const n = ++router.total
  let chosen = 0
  if (routes > 1) {
    const slack = 1 / (2 * routes - 2)
    let earliest = Infinity
    for (let route = 0; route < routes; route++) {
      const share = f64(router.shares, route)
      const owed = share * n - f64(router.sent, route)
      const due = (1 - slack - owed) / share
      if (owed >= slack - 1e-9 && due < earliest) {
        earliest = due
        chosen = route
      }
    }
  }
  router.sent[chosen] = f64(router.sent, chosen) + 1
  return chosen
}
