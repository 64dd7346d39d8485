/** How a draft is to be put in force: at once, in steps, or at a time; and what watches it meanwhile. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Step } from '../../server/protocol'
import type { RampWish } from './draft'
import { useDraft } from './draft'
import type { Hold, RampTemplate } from './ramp-templates'
import { useRun } from './run'
import { guardOf, watchesFor, type Watch } from './watches'

export type Way = 'now' | 'ramp' | 'schedule'
const usual: Record<Hold, number> = { seconds: 60, requests: 1000, approval: 1 }

export const useRollOut = defineStore('roll-out', () => {
  const run = useRun()
  const draft = useDraft()
  const way = ref<Way>('now')
  /** Shares of the way, in per cent, as they are typed. */
  const shares = ref('1, 5, 25, 50, 100')
  const hold = ref<Hold>('seconds')
  const amount = ref(usual.seconds)
  /** From now to the change [min]. */
  const minutes = ref(5)
  /** What an operator set otherwise than it is offered, by key. */
  const limits = shallowRef<Record<string, number>>({})
  const off = shallowRef<ReadonlySet<string>>(new Set())
  /** Guards beside those that are offered. */
  const own = shallowRef<readonly Watch[]>([])
  let made = 0

  const steps = computed(() =>
    way.value === 'ramp' ? parseSteps(shares.value, hold.value, amount.value) : [{ share: 1 }],
  )
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

  function follow(template: RampTemplate) {
    shares.value = template.shares
    hold.value = template.hold
    amount.value = template.amount
  }

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

  function add(watch: Omit<Watch, 'key'>) {
    own.value = [...own.value, { ...watch, key: `own ${++made}` }]
  }

  function remove(key: string) {
    own.value = own.value.filter(watch => watch.key !== key)
  }

  return {
    way,
    shares,
    hold,
    amount,
    minutes,
    off,
    own,
    steps,
    at,
    watches,
    wish,
    valid,
    follow,
    holdBy,
    toggle,
    setLimit,
    add,
    remove,
  }
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
