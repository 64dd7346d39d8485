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

/** The row of a workload; routes must be complete. */
export function toCells(
  view: FleetView,
  workload: string,
  routes: Route[],
  before: Route[],
  locked: Locks,
): FamilyCell[] {
  const row = view.workloads.findIndex(({ id }) => id === workload)
  const cell = (slot: Slot, name: string): Cell => ({
    slot,
    name,
    share: shareOf(view, routes, slot),
    was: shareOf(view, before, slot),
    limits: limitsOf(view, routes, slot, locked),
  })
  return view.families.map(({ id, name }, family) => {
    const pools = view.pools.flatMap((pool, index) =>
      pool.family === family && routes.some(route => route.decode === pool.id)
        ? [{ ...cell(`pool:${pool.id}`, pool.id), pool: index }]
        : [],
    )
    const cause = view.impossible.find(entry => entry.workload === row && entry.family === family)?.cause
    return {
      ...cell(`family:${id}`, name),
      family,
      pools,
      cause: pools.length > 0 ? null : (cause ?? 'No pool of this family serves it'),
    }
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
  const ids = Object.keys({ ...before, ...after })
  return view.pools.flatMap(({ id: pool }, index) =>
    ids.some(id => shareOf(view, before[id] ?? [], `pool:${pool}`) !== shareOf(view, after[id] ?? [], `pool:${pool}`))
      ? [index]
      : [],
  )
}

/** Part of a workload's requests that go to another pool. */
function distance(view: FleetView, before: Route[], after: Route[]): number {
  const change = view.pools.map(({ id }) => shareOf(view, after, `pool:${id}`) - shareOf(view, before, `pool:${id}`))
  return change.reduce((sum, difference) => sum + Math.max(0, difference), 0)
}

function part(amount: number, total: number): number {
  return total > 0 ? amount / total : 0
}
