/** The routing being edited: based on a revision, applied as a command, brought onto newer revisions. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { describeChange } from '../../simulation/index'
import type { Routing } from '../../simulation/index'
import type { Change, Command, CommandAnswer, Guard, Refusal, RoutingState, Step } from '../../server/protocol'
import { merge, mergeFields, type MergeField, type Side } from './merge'
import { useRun } from './run'
import { changedWorkloads, complete, setShare, toCommand, type Locks, type Slot } from './shares'

export type Outcome =
  | { kind: 'applied'; revision: number; effectiveAt: number }
  /** `nearest` could be, where the shares that were asked for cannot. */
  | { kind: 'refused'; error: Refusal; nearest: Routing | null }
  /** A ramp goes there, or will. */
  | { kind: 'begun' }
  /** A second person has to approve it. */
  | { kind: 'waiting'; radius: number; above: number }
  /** Nothing is lost: the draft stands on an older revision than the one in force. */
  | { kind: 'stale' }

/** A change that is not to come at once: from a simulated time on [s], in steps, watched. */
export interface RampWish {
  at?: number
  steps: Step[]
  guards: Guard[]
}

const noLocks: Locks = new Set()
const keptEdits = 200

export const useDraft = defineStore('draft', () => {
  const run = useRun()
  /** What the draft stands on, every workload complete. */
  const base = shallowRef<RoutingState | null>(null)
  const routing = shallowRef<Routing>({})
  /** The newest state that the server told of, if it is ahead of the base. */
  const ahead = shallowRef<RoutingState | null>(null)
  const past = shallowRef<Routing[]>([])
  const future = shallowRef<Routing[]>([])
  /** What somebody chose of shares that both sides changed, by field. */
  const choices = shallowRef<Record<string, Side>>({})
  const locks = shallowRef<Record<string, Locks>>({})
  const sending = ref(false)
  const outcome = shallowRef<Outcome | null>(null)
  // a slider that is held: what it started from
  let gesture: { workload: string; slot: Slot; from: Routing } | null = null

  const changed = computed(() => (base.value ? changedWorkloads(base.value.routing, routing.value) : []))
  const edited = computed(() => changed.value.length > 0)
  const words = computed(() =>
    run.fleet && base.value ? describeChange(run.fleet, base.value.routing, routing.value) : '',
  )
  const sides = computed(() =>
    base.value && ahead.value ? { base: base.value.routing, mine: routing.value, theirs: ahead.value.routing } : null,
  )
  /** Shares of workloads that both the draft and the revisions ahead of it changed. */
  const fields = computed(() =>
    sides.value ? mergeFields(sides.value.base, sides.value.mine, sides.value.theirs) : [],
  )
  /** What the draft would be on the revision that is ahead. */
  const merged = computed(() => (sides.value ? merge(sides.value, sideOf) : null))
  const canUndo = computed(() => past.value.length > 0)
  const canRedo = computed(() => future.value.length > 0)

  watch(
    () => [run.fleet, run.inForce] as const,
    ([, state]) => state && hear(state),
    { immediate: true, flush: 'sync' },
  )
  watch(edited, dirty => (run.draftDirty = dirty), { immediate: true, flush: 'sync' })

  /** A draft without edits follows the revision in force; one with edits is told that it fell behind. */
  function hear(state: RoutingState) {
    if (!run.fleet || sending.value) return
    const same = base.value !== null && changedWorkloads(base.value.routing, state.routing).length === 0
    // what changed no shares, as a mirror does, leaves a draft as it is
    if (same && (edited.value || base.value?.revision === state.revision)) {
      base.value = completed(state)
      ahead.value = null
    } else if (edited.value) {
      ahead.value = completed(state)
      choices.value = {}
    } else follow(state)
  }

  function follow(state: RoutingState) {
    gesture = null
    base.value = completed(state)
    routing.value = base.value.routing
    ahead.value = null
    choices.value = {}
    past.value = []
    future.value = []
  }

  function move(workload: string, slot: Slot, share: number) {
    if (!run.fleet || sending.value) return
    if (gesture?.workload !== workload || gesture.slot !== slot) settle()
    gesture ??= { workload, slot, from: routing.value }
    const routes = setShare(run.fleet, gesture.from[workload] ?? [], slot, share, locksOf(workload))
    routing.value = { ...routing.value, [workload]: routes }
    outcome.value = null
  }

  /** The slider is let go: what it did becomes one step of undo. */
  function settle() {
    if (gesture && changedWorkloads(gesture.from, routing.value).length > 0) remember(gesture.from)
    gesture = null
  }

  function edit(next: Routing) {
    if (sending.value) return
    settle()
    if (changedWorkloads(routing.value, next).length === 0) return
    remember(routing.value)
    routing.value = next
    outcome.value = null
  }

  function remember(before: Routing) {
    past.value = [...past.value, before].slice(-keptEdits)
    future.value = []
  }

  /** Takes some workloads as they are given. */
  function take(some: Routing) {
    const view = run.fleet
    if (!view) return
    const whole = Object.entries(some).map(([id, routes]) => [id, complete(view, id, routes)] as const)
    edit({ ...routing.value, ...Object.fromEntries(whole) })
  }

  function revert(workload: string) {
    edit({ ...routing.value, [workload]: base.value?.routing[workload] ?? [] })
  }

  function undo() {
    settle()
    const before = past.value.at(-1)
    if (!before || sending.value) return
    past.value = past.value.slice(0, -1)
    future.value = [...future.value, routing.value]
    routing.value = before
  }

  function redo() {
    settle()
    const next = future.value.at(-1)
    if (!next || sending.value) return
    future.value = future.value.slice(0, -1)
    past.value = [...past.value, routing.value]
    routing.value = next
  }

  /** Back to what is in force; undo brings the draft back unless the base moved. */
  function discard() {
    outcome.value = null
    if (ahead.value) follow(ahead.value)
    else if (base.value) edit(base.value.routing)
  }

  function sideOf({ key, usual }: MergeField): Side {
    return choices.value[key] ?? usual
  }

  function choose(chosen: readonly MergeField[], side: Side) {
    choices.value = { ...choices.value, ...Object.fromEntries(chosen.map(({ key }) => [key, side] as const)) }
  }

  /** Brings the edits onto the revision that is ahead, as is chosen where both sides changed a workload. */
  function rebase() {
    settle()
    const [onto, next] = [ahead.value, merged.value]
    if (!onto || !next) return
    follow(onto)
    routing.value = next.routing
    outcome.value = null
  }

  function locksOf(workload: string): Locks {
    return locks.value[workload] ?? noLocks
  }

  function toggleLock(workload: string, slot: Slot) {
    settle()
    const next = new Set(locksOf(workload))
    if (!next.delete(slot)) next.add(slot)
    locks.value = { ...locks.value, [workload]: next }
  }

  /** Puts the draft in force: at once, or as a ramp in steps. */
  async function apply(reason: string, ramp: RampWish | null = null) {
    settle()
    if (!base.value || !edited.value || sending.value) return
    const { revision, routing: before, mirrors } = base.value
    const answer = await command(revision, toCommand(before, routing.value), reason, ramp)
    if (answer.ok && ('pending' in answer || ramp)) {
      // it is with those who approve, or on its way; undo brings it back to this screen
      discard()
    } else if (answer.ok) {
      // what was sent is in force, whether or not the server has told it to everybody yet
      follow({ revision: answer.revision, routing: { ...before, ...routing.value }, mirrors })
      const told = run.inForce
      if (told && told.revision > answer.revision) follow(told)
    } else if (run.inForce) hear(run.inForce)
    conclude(answer, ramp !== null)
  }

  /** Puts an earlier revision in force again, mirrors included, as a new one. A draft stays and falls behind. */
  async function restore(earlier: number, reason: string) {
    const now = run.inForce
    if (!now || sending.value) return
    const answer = await submit({ kind: 'roll-back', to: earlier, baseRevision: now.revision, reason })
    if (run.inForce) hear(run.inForce)
    conclude(answer)
  }

  function undoChange(change: Change) {
    return restore(change.revision - 1, `Undo of r${change.revision}`)
  }

  function command(
    revision: number,
    changes: Routing,
    reason: string,
    ramp: RampWish | null = null,
  ): Promise<CommandAnswer> {
    const said = { baseRevision: revision, routing: changes, reason: reason.trim() || undefined }
    return submit(ramp ? { kind: 'ramp', ...said, ...ramp } : { kind: 'routing', ...said })
  }

  async function submit(wish: Command): Promise<CommandAnswer> {
    sending.value = true
    outcome.value = null
    try {
      return await run.send(wish)
    } finally {
      sending.value = false
    }
  }

  function conclude(answer: CommandAnswer, ramp = false) {
    if (answer.ok && 'pending' in answer)
      outcome.value = { kind: 'waiting', radius: answer.radius, above: answer.above }
    else if (answer.ok && ramp) outcome.value = { kind: 'begun' }
    else if (answer.ok) outcome.value = { kind: 'applied', revision: answer.revision, effectiveAt: answer.effectiveAt }
    else if ('error' in answer)
      outcome.value = { kind: 'refused', error: answer.error, nearest: answer.nearest ?? null }
    else {
      outcome.value = { kind: 'stale' }
      hear(answer.current)
    }
  }

  function completed(state: RoutingState): RoutingState {
    const view = run.fleet
    if (!view) return state
    const entries = Object.entries(state.routing).map(([id, routes]) => [id, complete(view, id, routes)] as const)
    return { ...state, routing: Object.fromEntries(entries) }
  }

  return {
    base,
    routing,
    ahead,
    changed,
    edited,
    words,
    fields,
    merged,
    canUndo,
    canRedo,
    sending,
    outcome,
    move,
    settle,
    edit,
    take,
    revert,
    undo,
    redo,
    discard,
    sideOf,
    choose,
    rebase,
    locksOf,
    toggleLock,
    apply,
    restore,
    undoChange,
  }
})
