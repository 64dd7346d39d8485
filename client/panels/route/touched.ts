import { computed } from 'vue'
import { useDraft } from '../../stores/draft'
import { touchedPools } from '../../stores/matrix'
import { mirroredPools } from '../../stores/mirrors'
import { toRevisions } from '../../stores/revisions'
import { useRun } from '../../stores/run'
import { familySlot, shareOf } from '../../stores/shares'
import type { Routing } from '../../../simulation/index'

/** What the draft touches; the newest change, and pools that get copies, while there is no draft. Pools and families by index. */
export function useTouched() {
  const run = useRun()
  const draft = useDraft()
  return computed(() => {
    const newest = run.inForce ? toRevisions(run.changes, run.inForce.routing)[0] : undefined
    const change = draft.edited ? null : (newest?.change ?? null)
    const [before, after]: [Routing, Routing] = change
      ? [change.before, newest?.routing ?? {}]
      : [draft.base?.routing ?? {}, draft.routing]
    const fleet = run.fleet
    const moved = fleet ? touchedPools(fleet, before, after) : []
    // those that get copies are there to be judged
    const mirrored = fleet && !draft.edited ? mirroredPools(fleet, run.inForce?.mirrors ?? {}) : []
    const pools = [...new Set([...moved, ...mirrored])].sort((a, b) => a - b)
    const families = [...new Set(pools.flatMap(pool => fleet?.pools[pool]?.family ?? []))].sort((a, b) => a - b)
    const shares = fleet
      ? Object.keys(after).reduce((count, workload) => {
          const slots = new Set(fleet.pools.map(pool => familySlot(fleet, pool.id)))
          const [from, to] = [before[workload] ?? [], after[workload] ?? []]
          return count + [...slots].filter(slot => shareOf(fleet, from, slot) !== shareOf(fleet, to, slot)).length
        }, 0)
      : 0
    return { change, pools, families, shares }
  })
}
