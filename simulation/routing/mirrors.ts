import type { Fleet } from '../catalog/fleets'
import { diffRouting, type RouteChange } from './merge'
import { checkEnds, type Ends, type Named, type Refusal, type Routing } from './routing'

/** A route that gets copies of a part (0 to 1) of a workload's requests; their answers go to nobody. */
export interface Mirror extends Ends {
  part: number
}

/** What is mirrored of each workload; those without a mirror are left out. */
export type Mirrors = Record<string, Mirror[]>

/** Why a part of a workload's requests cannot be copied to a route, or `null` if it can. */
export function checkMirror(fleet: Fleet, mirrors: Mirrors, id: string, mirror: Mirror): Refusal | null {
  const able = fleet.workloads.filter(({ kind }) => kind !== 'training')
  const workload = able.find(each => each.id === id)
  if (!workload) {
    const expected = `a workload with requests: ${able.map(({ id }) => id).join(', ')}`
    return { field: 'workload', value: id, expected }
  }
  const refusal = checkEnds(fleet, workload, mirror)
  if (refusal) return refusal
  if (!Number.isFinite(mirror.part) || mirror.part < 0 || mirror.part > 1) {
    return { field: 'part', value: mirror.part, expected: 'a number from 0 to 1' }
  }
  const others = (mirrors[id] ?? []).filter(other => !isSame(other, mirror))
  for (const end of ['prefill', 'decode'] as const) {
    const twin = others.find(({ prefill, decode }) => prefill === mirror[end] || decode === mirror[end])
    if (twin) {
      const expected = `a pool that gets no copies of ${workload.name} yet: ${nameOf(twin)} does; end that mirror first`
      return { field: end, value: mirror[end], expected }
    }
  }
  return null
}

/** Mirrors with one of a workload set; part 0 ends it. */
export function withMirror(mirrors: Mirrors, workload: string, mirror: Mirror): Mirrors {
  const before = mirrors[workload] ?? []
  const known = before.some(other => isSame(other, mirror))
  const after = known ? before.map(other => (isSame(other, mirror) ? mirror : other)) : [...before, mirror]
  return { ...mirrors, [workload]: after }
}

/** Mirrors without those of no part, and without workloads that have none. */
export function activeMirrors(mirrors: Mirrors): Mirrors {
  return Object.fromEntries(
    Object.entries(mirrors).flatMap(([id, routes]) => {
      const active = routes.filter(({ part }) => part > 0)
      return active.length > 0 ? [[id, active]] : []
    }),
  )
}

/** What differs between two sets of mirrors, route by route. */
export function diffMirrors(before: Mirrors, after: Mirrors): RouteChange[] {
  return diffRouting(routesOf(before), routesOf(after))
}

/** The workloads whose mirrors another set has otherwise, as that set has them. */
export function mirrorChanges(before: Mirrors, after: Mirrors): Mirrors {
  const ids = new Set(diffMirrors(before, after).map(({ workload }) => workload))
  return Object.fromEntries([...ids].map(id => [id, (after[id] ?? []).filter(({ part }) => part > 0)]))
}

/** Mirrors as routes, their parts as shares, which need not add to 1. */
export function routesOf(mirrors: Mirrors): Routing {
  return Object.fromEntries(
    Object.entries(mirrors).map(([id, routes]) => [
      id,
      routes.map(({ prefill, decode, part }) => ({ prefill, decode, share: part })),
    ]),
  )
}

/** The difference in words: "Chat: mirror 0 → 20 % to h200-chat"; empty if there is none. */
export function describeMirrors(fleet: Named, before: Mirrors, after: Mirrors): string {
  const percent = (part: number): string => String(Number((100 * part).toPrecision(4)))
  return diffMirrors(before, after)
    .map(change => {
      const name = fleet.workloads.find(({ id }) => id === change.workload)?.name ?? change.workload
      return `${name}: mirror ${percent(change.from)} → ${percent(change.to)} % to ${nameOf(change)}`
    })
    .join('; ')
}

function isSame(one: Ends, other: Ends): boolean {
  return one.prefill === other.prefill && one.decode === other.decode
}

function nameOf({ prefill, decode }: Ends): string {
  return prefill === decode ? decode : `${prefill} and ${decode}`
}
