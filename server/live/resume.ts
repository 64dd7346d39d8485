import type { Past } from '../journal/store'
import type { Resumption } from './messages'

/** Where a run goes on that has this behind it: from its snapshot, with what commands did since. */
export function resumptionOf({ commands, snapshot, horizon }: Past): Resumption {
  const last = snapshot?.entry ?? 0
  const effects = commands.flatMap(({ number, entry: { sequence, effect } }) =>
    effect && number > last ? [{ entry: number, sequence, effect }] : [],
  )
  return { snapshot, effects, horizon }
}
