import { computed } from 'vue'
import { useDraft } from '../../stores/draft'
import { toMove } from '../../stores/matrix'
import { useRun } from '../../stores/run'

/** What the draft moves at the present rates; `null` before the first frame. */
export function useMove() {
  const run = useRun()
  const draft = useDraft()
  return computed(() => {
    const { fleet, frame } = run
    if (!fleet || !frame || !draft.base) return null
    const { outputTokens, arrived } = frame.workloads
    return toMove(fleet, draft.base.routing, draft.routing, { tokens: outputTokens, requests: arrived })
  })
}
