import type { Route, Routing } from './routing'

/** One route of a workload that two routings give different shares; 0 where a routing leaves it out. */
export interface RouteChange {
  workload: string
  prefill: string
  decode: string
  from: number
  to: number
}

/** A share that both sides changed, and not to the same. */
export interface RouteConflict {
  workload: string
  prefill: string
  decode: string
  base: number
  mine: number
  theirs: number
}

export interface MergedRouting {
  /** Theirs with what is mine alone; conflicts are settled as preferred. Idle routes are left out. */
  routing: Routing
  conflicts: RouteConflict[]
  /** Workloads whose shares no longer add to 1, because each side moved other routes, and what they add to. */
  unbalanced: { workload: string; sum: number }[]
}

/** Shares are told apart to a millionth, as near as those of a workload must add to 1. */
const tolerance = 1e-6

/** What differs between two routings, route by route. */
export function diffRouting(before: Routing, after: Routing): RouteChange[] {
  return workloadsOf(before, after).flatMap(workload =>
    routesOf(before[workload], after[workload]).flatMap(({ prefill, decode }) => {
      const from = shareOf(before[workload], prefill, decode)
      const to = shareOf(after[workload], prefill, decode)
      return same(from, to) ? [] : [{ workload, prefill, decode, from, to }]
    }),
  )
}

/**
 * Brings the changes from `base` to `mine` onto `theirs`, field by field: a field is the share of one route of one
 * workload. What one side left alone, the other decides.
 */
export function mergeRouting(
  base: Routing,
  mine: Routing,
  theirs: Routing,
  prefer: 'mine' | 'theirs' = 'mine',
): MergedRouting {
  const merged: MergedRouting = { routing: {}, conflicts: [], unbalanced: [] }
  for (const workload of workloadsOf(theirs, mine, base)) {
    const sides = { base: base[workload], mine: mine[workload], theirs: theirs[workload] }
    const routes: Route[] = []
    for (const { prefill, decode } of routesOf(sides.theirs, sides.mine, sides.base)) {
      const field = {
        workload,
        prefill,
        decode,
        base: shareOf(sides.base, prefill, decode),
        mine: shareOf(sides.mine, prefill, decode),
        theirs: shareOf(sides.theirs, prefill, decode),
      }
      const conflict =
        !same(field.mine, field.base) && !same(field.theirs, field.base) && !same(field.mine, field.theirs)
      if (conflict) merged.conflicts.push(field)
      const share = same(field.mine, field.base) || (conflict && prefer === 'theirs') ? field.theirs : field.mine
      if (share > 0) routes.push({ prefill, decode, share })
    }
    merged.routing[workload] = routes
    const sum = routes.reduce((total, { share }) => total + share, 0)
    if (Math.abs(sum - 1) > tolerance) merged.unbalanced.push({ workload, sum })
  }
  return merged
}

/** The workloads of a routing whose shares are not those of another: what has to change to come from one to the other. */
export function routingChanges(before: Routing, after: Routing): Routing {
  const changed = new Set(diffRouting(before, after).map(({ workload }) => workload))
  return Object.fromEntries(Object.entries(after).filter(([workload]) => changed.has(workload)))
}

function workloadsOf(...sides: Routing[]): string[] {
  return [...new Set(sides.flatMap(side => Object.keys(side)))]
}

function routesOf(...sides: (Route[] | undefined)[]): Pick<Route, 'prefill' | 'decode'>[] {
  const found = new Map<string, Route>()
  for (const route of sides.flatMap(routes => routes ?? [])) {
    const key = JSON.stringify([route.prefill, route.decode])
    if (!found.has(key)) found.set(key, route)
  }
  return [...found.values()]
}

function shareOf(routes: Route[] | undefined, prefill: string, decode: string): number {
  return routes?.find(route => route.prefill === prefill && route.decode === decode)?.share ?? 0
}

function same(one: number, other: number): boolean {
  return Math.abs(one - other) <= tolerance
}
