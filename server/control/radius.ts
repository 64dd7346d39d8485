import type { Act, Fleet, RouteChange, Routing } from '../../simulation/index'
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
 */
export function radiusOf({ effect, routes }: Decision, traffic: Traffic): number {
  const moved = effect?.kind === 'act' ? takenBy(effect.act, traffic) : movedBy(routes)
  return Math.max(partOf(moved, traffic, 'tokens'), partOf(moved, traffic, 'requests'))
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
    act.kind === 'drain'
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
