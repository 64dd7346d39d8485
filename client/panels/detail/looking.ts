/** Looks into a pool while a panel is there: asks for the part of its replicas on the screen, and keeps its latency over time. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Detail } from '../../../server/protocol'
import type { ReplicaOrder } from '../../../simulation/index'
import { recordHeat, type HeatRecord } from '../../charts/heat'
import { useRun } from '../../stores/run'
import { useView } from '../../stores/view'

/** Replicas are asked for so many at a time, from a multiple of half as many on: equal wishes are sent as one. */
export const page = 128
/** So many frames without a detail, and what is shown is said to be old: five seconds of them. */
const lateFrames = 20

/** In setup. */
export function useLooking(pool: number) {
  const run = useRun()
  const view = useView()
  const order = ref<ReplicaOrder>('number')
  const from = ref(0)
  const heat = shallowRef<HeatRecord | null>(null)
  /** Why the server does not tell it. */
  const refused = ref<string | null>(null)

  const wish = computed(() =>
    run.live ? { pool, from: from.value, count: page, order: order.value, replica: view.replica } : null,
  )
  const detail = computed<Detail | null>(() => (run.live && run.detail?.pool === pool ? run.detail : null))
  const late = computed(
    () => detail.value !== null && !run.resting && (run.newest?.sequence ?? 0) > detail.value.sequence + lateFrames,
  )

  // each connection is told anew
  watch([() => JSON.stringify(wish.value), () => run.you], tell, { immediate: true })
  watch(detail, record, { immediate: true })
  watch(
    () => run.hello?.run.id,
    () => (heat.value = null),
  )
  onScopeDispose(() => {
    run.detail = null
    void run.lookInto(null)
  })

  return { detail, late, refused, heat, order, from, scroll }

  async function tell() {
    if (!run.you) return
    const answer = await run.lookInto(wish.value)
    if (answer) refused.value = answer.ok ? null : answer.error.expected
  }

  function record(next: Detail | null) {
    if (next) heat.value = recordHeat(heat.value, next.heat, run.pace.speed)
  }

  /** The rows from a place in the order on are on the screen. */
  function scroll(place: number) {
    const half = page / 2
    from.value = Math.max(0, Math.floor((place - half / 2) / half) * half)
  }
}
