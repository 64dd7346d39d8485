/** The share matrix: what each cell of a workload's row shows, and what a draft moves. Pure. */
import type { FleetView, Route, Routing } from '../../simulation/index'
import { complete, limitsOf, shareOf, type Limits, type Locks, type Slot } from './shares'

export interface Cell {
  slot: Slot
  name: string
  share: number
  was: number
  limits: Limits
}

export interface PoolCell extends Cell {
  /** Index into the pools of the fleet. */
  pool: number
}

export interface FamilyCell extends Cell {
  /** Index into the families of the fleet. */
  family: number
  /** Why no pool of the family serves the workload; `null` where one does. */
  cause: string | null
  pools: PoolCell[]
}

/** Shares of tokens, of requests, and of the families' tokens, before and after. */
export interface Move {
  tokens: number
  requests: number
  families: { before: number; after: number; rate: number }[]
}

/** The row of a workload; routes must be complete. Its pools are many: they are left out where nobody looks at them. */
export function toCells(
  view: FleetView,
  workload: string,
  routes: Route[],
  before: Route[],
  locked: Locks,
  withPools = true,
): FamilyCell[] {
  const row = view.workloads.findIndex(({ id }) => id === workload)
  const served = new Set(routes.map(({ decode }) => decode))
  // worked out for those alone that are drawn
  const cell = (slot: Slot, name: string): Cell => ({
    slot,
    name,
    get share() {
      return shareOf(view, routes, slot)
    },
    get was() {
      return shareOf(view, before, slot)
    },
    get limits() {
      return limitsOf(view, routes, slot, locked)
    },
  })
  return view.families.map(({ id, name }, family) => {
    const members = [...view.pools.entries()].filter(([, pool]) => pool.family === family && served.has(pool.id))
    const pools = withPools
      ? members.map(([index, { id }]) => Object.assign(cell(`pool:${id}`, id), { pool: index }))
      : []
    const cause = view.impossible.find(entry => entry.workload === row && entry.family === family)?.cause
    return Object.assign(cell(`family:${id}`, name), {
      family,
      pools,
      cause: members.length > 0 ? null : (cause ?? 'No pool of this family serves it'),
    })
  })
}

/** How much traffic a draft moves, weighing each workload by its present rates. */
export function toMove(view: FleetView, before: Routing, after: Routing, rates: Rates): Move {
  const workloads = view.workloads.map(({ id }, index) => ({
    before: complete(view, id, before[id] ?? []),
    after: complete(view, id, after[id] ?? []),
    tokens: rates.tokens[index] ?? 0,
    requests: rates.requests[index] ?? 0,
  }))
  const total = (rate: 'tokens' | 'requests') => workloads.reduce((sum, workload) => sum + workload[rate], 0)
  const moved = (rate: 'tokens' | 'requests') =>
    workloads.reduce((sum, workload) => sum + workload[rate] * distance(view, workload.before, workload.after), 0)
  const tokensOf = (slot: Slot, side: 'before' | 'after') =>
    workloads.reduce((sum, workload) => sum + workload.tokens * shareOf(view, workload[side], slot), 0)
  return {
    tokens: part(moved('tokens'), total('tokens')),
    requests: part(moved('requests'), total('requests')),
    families: view.families.map(({ id }) => {
      const [from, to] = [tokensOf(`family:${id}`, 'before'), tokensOf(`family:${id}`, 'after')]
      return { before: part(from, total('tokens')), after: part(to, total('tokens')), rate: to - from }
    }),
  }
}

/** Present rates of each workload, in the order of the fleet: output tokens/s and arriving requests/s. */
export interface Rates {
  tokens: (number | null)[]
  requests: (number | null)[]
}

/** Pools whose part of some workload differs, by index. */
export function touchedPools(view: FleetView, before: Routing, after: Routing): number[] {
  const touched = new Set<string>()
  for (const id of Object.keys({ ...before, ...after })) {
    const [from, to] = [poolShares(before[id] ?? []), poolShares(after[id] ?? [])]
    for (const pool of new Set([...from.keys(), ...to.keys()]))
      if (shareIn(from, pool) !== shareIn(to, pool)) touched.add(pool)
  }
  return view.pools.flatMap(({ id }, index) => (touched.has(id) ? [index] : []))
}

/** Part of a workload's requests that go to another pool. */
function distance(view: FleetView, before: Route[], after: Route[]): number {
  const [from, to] = [poolShares(before), poolShares(after)]
  return view.pools.reduce((sum, { id }) => sum + Math.max(0, shareIn(to, id) - shareIn(from, id)), 0)
}

/** What decodes in each pool, in thousandths. */
function poolShares(routes: Route[]): Map<string, number> {
  const shares = new Map<string, number>()
  for (const { decode, share } of routes) shares.set(decode, (shares.get(decode) ?? 0) + Math.round(share * 1000))
  return shares
}

function shareIn(shares: ReadonlyMap<string, number>, pool: string): number {
  return (shares.get(pool) ?? 0) / 1000
}

function part(amount: number, total: number): number {
  return total > 0 ? amount / total : 0
}
