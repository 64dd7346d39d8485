import { families, chips, type Family } from '../catalog/chips'
import type { Fleet, Pool } from '../catalog/fleets'
import { chipOf, findChip, modelOf, residentWeights, usableMemory } from '../catalog/lookup'
import type { Workload } from '../catalog/workloads'
import { GB } from '../units'

/** Where a request is prefilled and where it is decoded, and its part of the workload's requests (0 to 1). */
export interface Route {
  prefill: string
  decode: string
  share: number
}

/** Where a request is prefilled and where it is decoded. */
export type Ends = Pick<Route, 'prefill' | 'decode'>

/** Each workload's routes; their shares add to 1. What operators edit. */
export type Routing = Record<string, Route[]>

/** Why something from outside is not accepted. */
export interface Refusal {
  field: string
  value: unknown
  expected: string
}

/** The names that a change is told with: a fleet, or the view of one. */
export interface Named {
  id: string
  workloads: Pick<Workload, 'id' | 'name'>[]
  pools: Pick<Pool, 'id' | 'chip'>[]
}

/** How far from 1 the shares of a workload may add up: what rounding to a millionth leaves. */
const tolerance = 1e-6

/**
 * Why a routing cannot be applied to a fleet, or `null` if it can. It may leave workloads out: they keep their shares.
 */
export function checkRouting(fleet: Fleet, routing: Routing): Refusal | null {
  const named = Object.entries(routing)
  if (named.length === 0) return { field: 'routing', value: {}, expected: 'at least one workload' }
  for (const [id, routes] of named) {
    const workload = fleet.workloads.find(candidate => candidate.id === id)
    const refusal = workload
      ? checkRoutes(fleet, workload, routes)
      : { field: 'routing', value: id, expected: `one of ${fleet.workloads.map(({ id }) => id).join(', ')}` }
    if (refusal) return refusal
  }
  return null
}

/** Whether a pool serves a workload: the same model, and training apart from inference. */
export function serves(pool: Pool, workload: Workload): boolean {
  return pool.model === workload.model && (pool.role === 'training') === (workload.kind === 'training')
}

/** Why a pool cannot serve a workload, in words for the screen. */
function whyNot(fleet: Fleet, pool: Pool, workload: Workload): string {
  const wanted = modelOf(fleet, workload)
  const memory = usableMemory(fleet, pool)
  const needed = residentWeights(fleet, { ...pool, model: workload.model })
  if (needed > memory) {
    return `${wanted.name} does not fit ${pool.id}: ${gigabytes(needed)} of weights, ${gigabytes(memory)} for a replica`
  }
  if (pool.role === 'training') return `${pool.id} trains and takes no requests`
  return `${pool.id} serves ${modelOf(fleet, pool).name}, not ${wanted.name}`
}

/** The difference between two routings in words: "Chat: Hopper 40 → 20 %, Blackwell 10 → 30 %"; empty if there is none. */
export function describeChange(fleet: Named, before: Routing, after: Routing): string {
  return fleet.workloads
    .map(workload => describeWorkload(fleet, workload, before[workload.id] ?? [], after[workload.id] ?? []))
    .filter(text => text !== '')
    .join('; ')
}

function checkRoutes(fleet: Fleet, workload: Workload, routes: Route[]): Refusal | null {
  const field = `routing.${workload.id}`
  if (routes.length === 0) return { field, value: routes, expected: 'at least one route' }
  for (const [index, route] of routes.entries()) {
    const refusal = checkRoute(fleet, workload, route, `${field}[${index}].`)
    if (refusal) return refusal
    const twin = routes.findIndex(other => other.prefill === route.prefill && other.decode === route.decode)
    if (twin < index) return { field: `${field}[${index}]`, value: route.decode, expected: 'each route once' }
  }
  const sum = routes.reduce((total, route) => total + route.share, 0)
  if (Math.abs(sum - 1) > tolerance) {
    return { field, value: Number(sum.toPrecision(9)), expected: 'shares that add to 1' }
  }
  return null
}

function checkRoute(fleet: Fleet, workload: Workload, route: Route, field: string): Refusal | null {
  const refusal = checkEnds(fleet, workload, route, field)
  if (refusal) return refusal
  if (!Number.isFinite(route.share) || route.share < 0 || route.share > 1) {
    return { field: `${field}share`, value: route.share, expected: 'a number from 0 to 1' }
  }
  return null
}

/** Why requests of a workload cannot be prefilled in one pool and decoded in the other; `field` comes before the names. */
export function checkEnds(fleet: Fleet, workload: Workload, route: Ends, field = ''): Refusal | null {
  for (const end of ['prefill', 'decode'] as const) {
    const pool = fleet.pools.find(candidate => candidate.id === route[end])
    if (!pool) {
      const able = fleet.pools.filter(candidate => serves(candidate, workload)).map(({ id }) => id)
      return { field: `${field}${end}`, value: route[end], expected: `a pool of the fleet: ${able.join(', ')}` }
    }
    if (!serves(pool, workload)) {
      return {
        field: `${field}${end}`,
        value: route[end],
        expected: `a pool for ${workload.name}; ${whyNot(fleet, pool, workload)}`,
      }
    }
  }
  return route.prefill === route.decode ? checkAlone(fleet, route, field) : checkPair(fleet, workload, route, field)
}

/** Why a pool cannot serve by itself: its chip works only beside another. */
function checkAlone(fleet: Fleet, route: Ends, field: string): Refusal | null {
  const pool = fleet.pools.find(({ id }) => id === route.decode)
  const partner = pool && findChip(fleet, pool.chip)?.pairedWith
  if (!partner) return null
  return {
    field: `${field}prefill`,
    value: route.prefill,
    expected: `a pool of ${partner}: ${pool.chip} only decodes`,
  }
}

/** Why prefill in one pool and decode in another cannot work. */
function checkPair(fleet: Fleet, workload: Workload, route: Ends, field: string): Refusal | null {
  if (workload.kind !== 'tokens') {
    return {
      field: `${field}decode`,
      value: route.decode,
      expected: `the prefill pool ${route.prefill}: there is no decode`,
    }
  }
  const [from, to] = [route.prefill, route.decode].map(end => fleet.pools.find(({ id }) => id === end))
  if (!from || !to) return null
  if (from.zone !== to.zone) {
    const expected = `a pool in zone ${from.zone}: KV caches do not cross zones`
    return { field: `${field}decode`, value: to.id, expected }
  }
  const [sender, receiver] = [chipOf(fleet, from), chipOf(fleet, to)]
  if (sender.pairedWith) {
    const expected = `a pool of ${sender.pairedWith}: ${from.chip} only decodes`
    return { field: `${field}prefill`, value: from.id, expected }
  }
  if (sender.scaleOutBandwidth === null && receiver.scaleOutBandwidth === null) {
    const expected = 'a pool whose network bandwidth is known, at one end at least'
    return { field: `${field}decode`, value: to.id, expected }
  }
  return null
}

function describeWorkload(fleet: Named, workload: Named['workloads'][number], before: Route[], after: Route[]): string {
  const byFamily = differences(before, after, route => families[familyOf(fleet, route)])
  const parts = byFamily.length > 0 ? byFamily : differences(before, after, route => route.decode)
  return parts.length > 0 ? `${workload.name}: ${parts.join(', ')}` : ''
}

function differences(before: Route[], after: Route[], nameOf: (route: Route) => string): string[] {
  const names = [...new Set([...before, ...after].map(nameOf))]
  const shareOf = (routes: Route[], name: string): string => {
    const share = routes.filter(route => nameOf(route) === name).reduce((sum, route) => sum + route.share, 0)
    return String(Math.round(share * 1000) / 10)
  }
  return names
    .map(name => ({ name, from: shareOf(before, name), to: shareOf(after, name) }))
    .filter(({ from, to }) => from !== to)
    .map(({ name, from, to }) => `${name} ${from} → ${to} %`)
}

function familyOf(fleet: Named, route: Route): Family {
  const pool = fleet.pools.find(candidate => candidate.id === route.decode)
  const chip = pool && chips[pool.chip]
  if (!chip) throw new Error(`route over ${route.decode}: no such pool in fleet ${fleet.id}`)
  return chip.family
}

function gigabytes(bytes: number): string {
  return `${Math.round(bytes / GB)} GB`
}
