/** Brings a draft onto a newer routing, field by field: a field is the share of one route of one workload. Pure. */
import type { Route, RouteConflict, Routing } from '../../simulation/index'
import { changedWorkloads, inThousandths, sameRoutes } from './shares'

export type Side = 'mine' | 'theirs'

/** A share that differs between a draft and what is in force by now, of a workload that both changed. */
export interface MergeField extends RouteConflict {
  key: string
  /** What decides unless somebody says otherwise: who alone changed it; where both did, the draft. */
  usual: Side
  /** Both changed it. */
  both: boolean
}

/** Workloads that both sides changed, and not to the same. */
export function overlapsOf(base: Routing, mine: Routing, theirs: Routing): string[] {
  return changedWorkloads(base, mine).filter(
    id => !sameRoutes(base[id] ?? [], theirs[id] ?? []) && !sameRoutes(mine[id] ?? [], theirs[id] ?? []),
  )
}

export function mergeFields(base: Routing, mine: Routing, theirs: Routing): MergeField[] {
  return overlapsOf(base, mine, theirs).flatMap(workload => {
    const sides = { base: sharesOf(base[workload]), mine: sharesOf(mine[workload]), theirs: sharesOf(theirs[workload]) }
    return routesIn(mine[workload], theirs[workload]).flatMap(({ prefill, decode }): MergeField[] => {
      const route = keyOf({ prefill, decode })
      const [was, own, other] = [sides.base, sides.mine, sides.theirs].map(shares => shares.get(route) ?? 0)
      if (was === undefined || own === undefined || other === undefined || own === other) return []
      const both = own !== was && other !== was
      const usual = own === was ? 'theirs' : 'mine'
      return [
        { key: `${workload} ${route}`, workload, prefill, decode, base: was, mine: own, theirs: other, usual, both },
      ]
    })
  })
}

export interface Merged {
  routing: Routing
  /** Workloads whose chosen shares do not add to 1, and what they add to: they are scaled; with nothing chosen theirs stay. */
  scaled: { workload: string; sum: number }[]
}

/** Theirs with what the draft changed; where both changed a workload, share by share as it is chosen. */
export function merge(
  { base, mine, theirs }: Record<'base' | Side, Routing>,
  sideOf: (field: MergeField) => Side,
): Merged {
  const overlaps = overlapsOf(base, mine, theirs)
  const fields = new Map(mergeFields(base, mine, theirs).map(field => [field.key, field]))
  const merged: Merged = { routing: { ...theirs }, scaled: [] }
  for (const id of changedWorkloads(base, mine)) {
    if (!overlaps.includes(id)) {
      merged.routing[id] = mine[id] ?? []
      continue
    }
    const chosen = routesIn(theirs[id], mine[id]).map(route => {
      const field = fields.get(`${id} ${keyOf(route)}`)
      return field ? { ...route, share: field[sideOf(field)] } : route
    })
    const sum = Math.round(chosen.reduce((total, { share }) => total + share, 0) * 1000) / 1000
    if (sum > 0) merged.routing[id] = inThousandths(chosen)
    if (sum !== 1) merged.scaled.push({ workload: id, sum })
  }
  return merged
}

function sharesOf(routes: readonly Route[] = []): ReadonlyMap<string, number> {
  return new Map(inThousandths(routes).map(route => [keyOf(route), route.share]))
}

/** Each route once, as the first list that has it says. */
function routesIn(...sides: (readonly Route[] | undefined)[]): Route[] {
  const all = sides.flatMap(routes => inThousandths(routes ?? []))
  return [...new Map(all.toReversed().map(route => [keyOf(route), route])).values()].toReversed()
}

function keyOf({ prefill, decode }: Pick<Route, 'prefill' | 'decode'>): string {
  return prefill === decode ? decode : `${prefill} → ${decode}`
}
