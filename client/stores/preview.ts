/** What the draft will do: asked of the server as the draft changes, the latest question only. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { Routing } from '../../simulation/index'
import type { Forecast, Refusal } from '../../server/protocol'
import { useDraft } from './draft'
import { useRun } from './run'
import { toCommand } from './shares'

/** Drafts are asked about at most so often while a slider moves [ms]. */
const restMs = 80
/** A whole answer is asked for anew when the run has gone on for so long [simulated s]. */
const stalesAfter = 120

export const usePreview = defineStore('preview', () => {
  const run = useRun()
  const draft = useDraft()
  const answer = shallowRef<Forecast | null>(null)
  const refusal = shallowRef<{ error: Refusal; nearest: Routing | null } | null>(null)
  /** The draft has changed since the answer. */
  const behind = ref(false)
  /** Simulated seconds since the present that the answer starts from. */
  const age = computed(() => (answer.value && run.newest ? Math.max(0, run.newest.time - answer.value.time) : null))
  let asking = false
  let again = false
  let timer: ReturnType<typeof setTimeout> | undefined

  watch(
    () => [draft.routing, draft.base?.revision, run.line] as const,
    () => (draft.edited && run.line === 'live' ? soon() : draft.edited || clear()),
    { immediate: true },
  )
  watch(
    () => run.forecast,
    told => {
      if (told && !asking && answer.value) answer.value = told
    },
  )
  watch(age, seconds => {
    if (answer.value?.whole && seconds !== null && seconds > stalesAfter * run.pace.speed) soon()
  })

  function clear() {
    clearTimeout(timer)
    timer = undefined
    answer.value = null
    refusal.value = null
    behind.value = false
    again = false
  }

  function soon() {
    behind.value = true
    again = true
    if (!asking) timer ??= setTimeout(() => void ask(), 0)
  }

  async function ask() {
    timer = undefined
    if (!draft.base || !draft.edited) return
    again = false
    asking = true
    const asked = draft.routing
    const told = await run.preview(toCommand(draft.base.routing, asked))
    asking = false
    if (!draft.edited) return clear()
    if (!told.ok) {
      refusal.value = { error: told.error, nearest: ('nearest' in told && told.nearest) || null }
      answer.value = null
    } else if (!('superseded' in told)) {
      refusal.value = null
      answer.value = told
    }
    behind.value = again || asked !== draft.routing
    if (behind.value) timer ??= setTimeout(() => void ask(), restMs)
  }

  return { answer, refusal, behind, age, ask: soon }
})
