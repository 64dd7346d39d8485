/**
 * The arithmetic of sharing a workload's requests among pools. Pure. Shares move in whole thousandths, the precision of
 * the screen, so that those of a workload add to exactly 1 after every edit.
 */
import type { FleetView, Route, Routing } from '../../simulation/index'

/** What one slider moves: all routes that decode in a family, or in a pool. */
export type Slot = `family:${string}` | `pool:${string}`

/** What the locks leave to a slider, 0 to 1. */
export interface Limits {
  low: number
  high: number
}

export type Locks = ReadonlySet<Slot>

const whole = 1000

/** The routes as an editor needs them: in thousandths, and with a route for every pool that can serve the workload. */
export function complete(view: FleetView, workload: string, routes: Route[]): Route[] {
  const taken = new Set(routes.map(route => route.decode))
  const idle = poolsFor(view, workload)
    .filter(pool => !taken.has(pool))
    .map(pool => ({ prefill: pool, decode: pool, share: 0 }))
  return inThousandths([...routes, ...idle])
}

/** Pools that can serve a workload, by id. */
export function poolsFor(view: FleetView, workload: string): string[] {
  return view.flows
    .filter(flow => view.workloads[flow.workload]?.id === workload)
    .flatMap(flow => view.pools[flow.pool]?.id ?? [])
}

export function familySlot(view: FleetView, pool: string): Slot {
  return placesOf(view).get(pool)?.slot ?? 'family:'
}

/** By pool: the slot of its family, and its chips. Looked up for every pair of a slider and a route, so made once. */
const places = new WeakMap<FleetView, ReadonlyMap<string, { slot: Slot; chips: number }>>()

function placesOf(view: FleetView) {
  const known = places.get(view)
  if (known) return known
  const made = new Map(
    view.pools.map(({ id, family, chips }) => [
      id,
      { slot: `family:${view.families[family]?.id ?? ''}` as const, chips },
    ]),
  )
  places.set(view, made)
  return made
}

export function shareOf(view: FleetView, routes: Route[], slot: Slot): number {
  const units = routes.filter(route => inSlot(view, route, slot)).reduce((sum, route) => sum + toUnits(route), 0)
  return units / whole
}

export function limitsOf(view: FleetView, routes: Route[], slot: Slot, locked: Locks): Limits {
  const { low, high } = divide(view, routes, slot, locked)
  return { low: low / whole, high: high / whole }
}

/**
 * Moves one slider to `value`, or as near as the locks let it. Its own routes keep their proportions, and so do the
 * other unlocked routes, which take what is left; where all of them have nothing, families take equal parts and pools of
 * a family parts by their chips. The pools of a locked family share among themselves.
 */
export function setShare(view: FleetView, routes: Route[], slot: Slot, value: number, locked: Locks): Route[] {
  const { own, others, held, free, low, high } = divide(view, routes, slot, locked)
  if (low === high || !Number.isFinite(value)) return routes
  const wanted = Math.min(high, Math.max(low, Math.round(value * whole)))
  const units = routes.map(toUnits)
  for (const [group, amount] of [
    [own, wanted - held],
    [others, free + held - wanted],
  ] as const) {
    const parts = apportion(amount, weightsOf(view, routes, group))
    group.forEach((index, position) => (units[index] = parts[position] ?? 0))
  }
  return routes.map((route, index) => ({ ...route, share: (units[index] ?? 0) / whole }))
}

/** Whole parts of `total` in proportion to the weights, largest remainders first; adds to `total` if a weight is positive. */
export function apportion(total: number, weights: number[]): number[] {
  const sum = weights.reduce((before, weight) => before + weight, 0)
  if (!(sum > 0)) return weights.map(() => 0)
  const ideal = weights.map(weight => (weight / sum) * total)
  const parts = ideal.map(part => Math.floor(part + 1e-9))
  const left = total - parts.reduce((before, part) => before + part, 0)
  const remainder = (index: number) => (ideal[index] ?? 0) - (parts[index] ?? 0)
  const order = ideal.map((_, index) => index).sort((a, b) => remainder(b) - remainder(a) || a - b)
  for (const index of order.slice(0, left)) parts[index] = (parts[index] ?? 0) + 1
  return parts
}

/** Whether two lists of routes send the same requests to the same places, as the screen shows them. */
export function sameRoutes(one: Route[], other: Route[]): boolean {
  const key = (route: Route) => `${route.prefill} ${route.decode}`
  const table = (routes: Route[]) =>
    new Map(
      inThousandths(routes)
        .filter(route => route.share > 0)
        .map(route => [key(route), route.share]),
    )
  const [left, right] = [table(one), table(other)]
  return left.size === right.size && [...left].every(([route, share]) => right.get(route) === share)
}

export function changedWorkloads(before: Routing, after: Routing): string[] {
  return Object.keys({ ...before, ...after }).filter(id => !sameRoutes(before[id] ?? [], after[id] ?? []))
}

/** The part of a routing that differs from the one in force, without idle routes: what a command carries. */
export function toCommand(before: Routing, after: Routing): Routing {
  const worthSending = (route: Route) => route.share > 0 || route.prefill !== route.decode
  return Object.fromEntries(
    changedWorkloads(before, after).map(id => [id, (after[id] ?? []).filter(worthSending)] as const),
  )
}

export function inThousandths(routes: readonly Route[]): Route[] {
  const weights = routes.map(route => (route.share > 0 ? route.share : 0))
  const parts = apportion(whole, weights)
  return routes.map((route, index) => ({ ...route, share: (parts[index] ?? 0) / whole }))
}

/** Which routes a slider moves, which answer, and in between which bounds; all by index and in thousandths. */
function divide(view: FleetView, routes: Route[], slot: Slot, locked: Locks) {
  const fixed = (route: Route) => locked.has(`pool:${route.decode}`)
  const inLockedFamily = (route: Route) => locked.has(familySlot(view, route.decode))
  const isFamily = slot.startsWith('family:')
  const indexes = routes.map((_, index) => index)
  const pick = (wanted: (route: Route) => boolean) =>
    indexes.filter(index => {
      const route = routes[index]
      return route !== undefined && wanted(route)
    })
  const unitsOf = (group: number[]) => group.reduce((sum, index) => sum + toUnits(routes[index]), 0)

  const mine = pick(route => inSlot(view, route, slot))
  const home = mine.map(index => familySlot(view, routes[index]?.decode ?? ''))[0]
  const within = !isFamily && home !== undefined && locked.has(home)
  const own = locked.has(slot) ? [] : isFamily ? pick(route => inSlot(view, route, slot) && !fixed(route)) : mine
  const others = pick(
    route =>
      !inSlot(view, route, slot) &&
      !fixed(route) &&
      (within ? familySlot(view, route.decode) === home : !inLockedFamily(route)),
  )
  const held = unitsOf(mine) - unitsOf(own)
  const free = unitsOf(own) + unitsOf(others)
  if (own.length === 0) return { own, others, held, free, low: held, high: held }
  return { own, others, held, free, low: others.length === 0 ? held + free : held, high: held + free }
}

function weightsOf(view: FleetView, routes: Route[], group: readonly number[]): number[] {
  const units = group.map(index => toUnits(routes[index]))
  if (units.some(unit => unit > 0)) return units
  const pools = group.map(index => routes[index]?.decode ?? '')
  const chipsOf = (pool: string) => placesOf(view).get(pool)?.chips ?? 0
  const chips = new Map<Slot, number>()
  const times = new Map<string, number>()
  for (const pool of pools) {
    const family = familySlot(view, pool)
    if (!times.has(pool)) chips.set(family, (chips.get(family) ?? 0) + chipsOf(pool))
    times.set(pool, (times.get(pool) ?? 0) + 1)
  }
  return pools.map(pool => chipsOf(pool) / (chips.get(familySlot(view, pool)) ?? 1) / (times.get(pool) ?? 1))
}

function inSlot(view: FleetView, route: Route, slot: Slot): boolean {
  return slot === `pool:${route.decode}` || slot === familySlot(view, route.decode)
}

function toUnits(route: Route | undefined): number {
  return Math.round((route?.share ?? 0) * whole)
}
