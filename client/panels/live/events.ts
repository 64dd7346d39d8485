/** Which of what happened the filter leaves in the list. Pure. */
import { diffRouting, type FleetView, type Routing } from '../../../simulation/index'
import type { Change } from '../../../server/protocol'
import { shownIn, type Filter } from '../../charts/members'
import type { Mark } from '../../stores/marks'
import { toRevisions } from '../../stores/revisions'

/** A change of routing stays where it moves a workload that is left to or from a pool that is; all else stays. */
export function eventsLeft(
  marks: readonly Mark[],
  { fleet, changes, routing, filter }: { fleet: FleetView; changes: Change[]; routing: Routing; filter: Filter },
): Mark[] {
  if (!filter.families && !filter.workloads) return [...marks]
  const shown = shownIn(fleet, filter)
  const isShown = ({ workload, decode }: { workload: string; decode: string }) =>
    shown.workloads.has(fleet.workloads.findIndex(({ id }) => id === workload)) &&
    shown.pools.has(fleet.pools.findIndex(({ id }) => id === decode))
  const out = new Set(
    toRevisions(changes, routing).flatMap(({ revision, routing: after, change }) => {
      // mirrors alone move no share
      const moved = change ? diffRouting(change.before, after) : []
      return moved.length > 0 && !moved.some(isShown) ? [`r${revision}`] : []
    }),
  )
  return marks.filter(({ id }) => !out.has(id))
}
