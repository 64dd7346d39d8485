import type { Act, Fleet, RouteChange, Routing } from '../../simulation/index'
import type { Foreseen } from './answer'
import type { Decision } from './decide'

/** Present traffic of a workload: output tokens/s and arriving requests/s. */
export interface Rate {
  tokens: number
  requests: number
}

export interface Traffic {
  fleet: Fleet
  /** In force. */
  routing: Routing
  /** By workload; empty before the first frame, when every workload weighs the same. */
  rates: ReadonlyMap<string, Rate>
}

/**
 * Part of the traffic of the fleet that a change sends elsewhere, 0 to 1: of output tokens or of requests, whichever is the
 * greater, as single-shot models have no tokens. What goes wrong and the pace send nothing elsewhere by somebody's wish.
 * Copies count where they go to pools that serve: elsewhere nobody can notice them.
 */
export function radiusOf({ effect, routes, mirrors }: Decision, traffic: Traffic): number {
  const copied = mirrors.filter(({ prefill, decode }) => servesAny(traffic, [prefill, decode]))
  const moved = effect?.kind === 'act' ? takenBy(effect.act, traffic) : movedBy([...routes, ...copied])
  return Math.max(partOf(moved, traffic, 'tokens'), partOf(moved, traffic, 'requests'))
}

/** What mirrors add to pools at present traffic, where it is known. */
export function addedBy(mirrors: readonly RouteChange[], rates: ReadonlyMap<string, Rate>): Foreseen['adds'] {
  const added = new Map<string, { pool: string; requests: number; outputTokens: number }>()
  for (const { workload, prefill, decode, from, to } of mirrors) {
    const { requests, tokens } = rates.get(workload) ?? { requests: 0, tokens: 0 }
    for (const pool of new Set([prefill, decode])) {
      const before = added.get(pool) ?? { pool, requests: 0, outputTokens: 0 }
      added.set(pool, {
        pool,
        requests: before.requests + (to - from) * requests,
        // the first token apart, the decode pool makes them
        outputTokens: before.outputTokens + (pool === decode ? (to - from) * tokens : 0),
      })
    }
  }
  return [...added.values()]
}

function servesAny({ routing }: Traffic, pools: readonly string[]): boolean {
  return Object.values(routing)
    .flat()
    .some(({ prefill, decode, share }) => share > 0 && (pools.includes(prefill) || pools.includes(decode)))
}

/** By workload, the part of its traffic that takes another route. */
function movedBy(routes: readonly RouteChange[]): Map<string, number> {
  const moved = new Map<string, number>()
  for (const { workload, from, to } of routes) moved.set(workload, (moved.get(workload) ?? 0) + Math.max(0, to - from))
  return moved
}

/** By workload, the part of its traffic that loses its place. */
function takenBy(act: Act, { fleet, routing }: Traffic): Map<string, number> {
  const [id, replicas] =
    act.kind === 'drain' || act.kind === 'stop'
      ? [act.pool, act.replica === undefined ? Infinity : 1]
      : act.kind === 'reprovision'
        ? [act.from, act.replicas]
        : ['', 0]
  const pool = fleet.pools.find(each => each.id === id)
  if (!pool) return new Map()
  const part = Math.min(1, replicas / pool.replicas)
  return new Map(
    Object.entries(routing).map(([workload, routes]) => {
      const through = routes.filter(({ prefill, decode }) => prefill === id || decode === id)
      return [workload, part * through.reduce((sum, { share }) => sum + share, 0)]
    }),
  )
}

function partOf(moved: ReadonlyMap<string, number>, { fleet, rates }: Traffic, what: keyof Rate): number {
  let sum = 0
  let total = 0
  for (const { id } of fleet.workloads) {
    const rate = rates.size === 0 ? 1 : (rates.get(id)?.[what] ?? 0)
    sum += rate * (moved.get(id) ?? 0)
    total += rate
  }
  return total > 0 ? sum / total : 0
}
