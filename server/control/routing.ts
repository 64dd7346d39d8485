import type { Route, Routing } from '../../simulation/index'

/** The routing after a change: workloads that the change leaves out keep their shares. */
export function mergeRouting(before: Routing, change: Routing): Routing {
  return { ...before, ...change }
}

/** Whether two routings send the same shares over the same routes, in whatever order. */
export function sameRouting(one: Routing, other: Routing): boolean {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  return names.every(name => describe(one[name] ?? []) === describe(other[name] ?? []))
}

function describe(routes: readonly Route[]): string {
  return routes
    .filter(route => route.share > 0)
    .map(({ prefill, decode, share }) => JSON.stringify([prefill, decode, share]))
    .sort()
    .join()
}
