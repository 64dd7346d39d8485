import type { Past } from '../journal/store'
import type { Resumption } from './messages'

/** Where a run goes on that has this behind it: from its snapshot, with what commands did since. */
export function resumptionOf({ commands, snapshot, horizon }: Past): Resumption {
  const last = snapshot?.entry ?? 0
  const effects = commands.flatMap(({ number, entry: { sequence, effect } }) =>
    effect && number > last ? [{ entry: number, sequence, effect }] : [],
  )
  if (!snapshot) return { snapshot, effects, horizon }
  const { history: _, ...state } = snapshot
  return { snapshot: state, effects, horizon }
}
