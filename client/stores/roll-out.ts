/** How a draft is to be put in force: at once, in steps, or at a time; and what watches it meanwhile. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { RampWish } from './draft'
import { useDraft } from './draft'
import { heldAt, percentsOf, stepsOf, type Held, type TypedSteps } from './ramp-steps'
import { useRun } from './run'
import { guardOf, watchesFor, type Watch } from './watches'

export type Way = 'now' | 'ramp' | 'schedule'

export const useRollOut = defineStore('roll-out', () => {
  const run = useRun()
  const draft = useDraft()
  const way = ref<Way>('now')
  /** Of a ramp, as they are typed. */
  const shares = ref('1, 5, 25, 50, 100')
  const holds = shallowRef<readonly Held[]>([{ seconds: 60 }])
  /** From now to the change [min]. */
  const minutes = ref(5)
  /** Whether what is scheduled comes in steps then. */
  const inSteps = ref(false)
  /** What an operator set otherwise than it is offered, by key. */
  const limits = shallowRef<Record<string, number>>({})
  const off = shallowRef<ReadonlySet<string>>(new Set())
  /** Guards beside those that are offered. */
  const own = shallowRef<readonly Watch[]>([])
  let made = 0

  const ramps = computed(() => way.value === 'ramp' || (way.value === 'schedule' && inSteps.value))
  const typed = computed<TypedSteps>(() => ({ shares: shares.value.trim(), holds: holds.value }))
  const percents = computed(() => percentsOf(shares.value))
  const steps = computed(() => (ramps.value ? stepsOf(typed.value) : [{ share: 1 }]))
  const at = computed(() =>
    way.value === 'schedule' && minutes.value > 0 ? (run.newest?.time ?? 0) + minutes.value * 60 : null,
  )
  const watches = computed<Watch[]>(() => {
    if (!run.fleet || !draft.base) return []
    const offered = watchesFor(run.fleet, draft.changed, gaining.value)
    return [...offered, ...own.value].map(watch => ({ ...watch, limit: limits.value[watch.key] ?? watch.limit }))
  })
  const gaining = computed(() => {
    const before = draft.base?.routing ?? {}
    const gain = new Set<string>()
    for (const id of draft.changed)
      for (const { decode, share } of draft.routing[id] ?? []) {
        const was = before[id]?.find(route => route.decode === decode)?.share ?? 0
        if (share > was + 1e-6) gain.add(decode)
      }
    return [...gain].slice(0, 4)
  })
  /** `null` for at once. */
  const wish = computed<RampWish | null>(() => {
    if (way.value === 'now' || !steps.value) return null
    const guards = watches.value.filter(({ key }) => !off.value.has(key)).map(guardOf)
    return { ...(at.value === null ? {} : { at: at.value }), steps: steps.value, guards }
  })
  const valid = computed(
    () => way.value === 'now' || (wish.value !== null && (way.value === 'ramp' || at.value !== null)),
  )

  function follow(template: TypedSteps) {
    shares.value = template.shares
    holds.value = template.holds
  }

  function holdAll(held: Held) {
    holds.value = [held]
  }

  /** Each step has a hold of its own from now on, at first the one that it had. */
  function holdEach() {
    holds.value = (percents.value ?? []).map((_, index) => heldAt(holds.value, index))
  }

  function holdOne(step: number, held: Held) {
    const count = Math.max(step + 1, holds.value.length)
    holds.value = Array.from({ length: count }, (_, index) => (index === step ? held : heldAt(holds.value, index)))
  }

  function toggle(key: string) {
    const next = new Set(off.value)
    if (!next.delete(key)) next.add(key)
    off.value = next
  }

  function setLimit(key: string, limit: number) {
    limits.value = { ...limits.value, [key]: limit }
  }

  function add(watch: Omit<Watch, 'key'>) {
    own.value = [...own.value, { ...watch, key: `own ${++made}` }]
  }

  function remove(key: string) {
    own.value = own.value.filter(watch => watch.key !== key)
  }

  return {
    way,
    shares,
    holds,
    minutes,
    inSteps,
    off,
    own,
    ramps,
    typed,
    percents,
    steps,
    at,
    watches,
    wish,
    valid,
    follow,
    holdAll,
    holdEach,
    holdOne,
    toggle,
    setLimit,
    add,
    remove,
  }
})
