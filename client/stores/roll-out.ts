/** How a draft is to be put in force: at once, in steps, or at a time; and what watches it meanwhile. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Step } from '../../server/protocol'
import type { RampWish } from './draft'
import { useDraft } from './draft'
import { useRun } from './run'
import { guardOf, watchesFor, type Watch } from './watches'

export type Way = 'now' | 'ramp' | 'schedule'
export type Hold = 'seconds' | 'requests' | 'approval'

/** Shares of the way, in per cent, as they are typed. */
export const templates = ['1, 5, 25, 50, 100', '10, 25, 50, 100', '10, 50, 100', '50, 100'] as const
const usual: Record<Hold, number> = { seconds: 60, requests: 1000, approval: 1 }

export const useRollOut = defineStore('roll-out', () => {
  const run = useRun()
  const draft = useDraft()
  const way = ref<Way>('now')
  const shares = ref<string>(templates[0])
  const hold = ref<Hold>('seconds')
  const amount = ref(usual.seconds)
  /** From now to the change [min]. */
  const minutes = ref(5)
  /** What an operator set otherwise than it is offered, by key. */
  const limits = shallowRef<Record<string, number>>({})
  const off = shallowRef<ReadonlySet<string>>(new Set())

  const steps = computed(() =>
    way.value === 'ramp' ? parseSteps(shares.value, hold.value, amount.value) : [{ share: 1 }],
  )
  const at = computed(() =>
    way.value === 'schedule' && minutes.value > 0 ? (run.newest?.time ?? 0) + minutes.value * 60 : null,
  )
  const watches = computed<Watch[]>(() => {
    if (!run.fleet || !draft.base) return []
    const offered = watchesFor(run.fleet, draft.changed, gaining.value)
    return offered.map(watch => ({ ...watch, limit: limits.value[watch.key] ?? watch.limit }))
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

  function holdBy(next: Hold) {
    hold.value = next
    amount.value = usual[next]
  }

  function toggle(key: string) {
    const next = new Set(off.value)
    if (!next.delete(key)) next.add(key)
    off.value = next
  }

  function setLimit(key: string, limit: number) {
    limits.value = { ...limits.value, [key]: limit }
  }

  return { way, shares, hold, amount, minutes, off, steps, at, watches, wish, valid, holdBy, toggle, setLimit }
})

/** `null` where they do not grow to 100 %, or have nothing to hold by. */
export function parseSteps(shares: string, hold: Hold, amount: number): Step[] | null {
  const percents = shares
    .split(/[\s,;→]+/)
    .filter(Boolean)
    .map(Number)
  const grows = percents.every((percent, index) => percent > (percents[index - 1] ?? 0))
  if (percents.length === 0 || !grows || percents.at(-1) !== 100) return null
  if (hold !== 'approval' && !(Number.isInteger(amount) && amount >= 1)) return null
  const held = hold === 'approval' ? { approval: true as const } : { [hold]: amount }
  return percents.map((percent): Step => ({ share: percent / 100, ...held }))
}
