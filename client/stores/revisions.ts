/** The routing at each revision of the run, read from the changes between them. Pure. */
import type { Routing } from '../../simulation/index'
import type { Change } from '../../server/protocol'

export interface Revision {
  revision: number
  routing: Routing
  /** What brought it; `null` for the routing that the list of changes begins with. */
  change: Change | null
}

/** Newest first; `current` is the routing after the last change. */
export function toRevisions(changes: Change[], current: Routing): Revision[] {
  const revisions = changes.map((change, index) => ({
    revision: change.revision,
    routing: changes[index + 1]?.before ?? current,
    change,
  }))
  const first = changes[0]
  const beginning = first ? [{ revision: first.revision - 1, routing: first.before, change: null }] : []
  return [...beginning, ...revisions].reverse()
}
