/** What screen readers are told without being asked: the connection, and what was done to the run. */
import { watch } from 'vue'
import { useNotices } from './stores/notices'
import { useRun } from './stores/run'

/** Call it once. The banner says itself that the connection is lost. */
export function useAnnouncements(): void {
  const run = useRun()
  const { announce } = useNotices()

  watch(
    () => run.lost,
    lost => lost || announce('The connection is back. The figures are current.'),
  )
  watch(
    () => run.entry,
    entry => entry && announce(`${entry.by}: ${entry.summary || entry.kind}`),
  )
}
