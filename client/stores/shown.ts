/** What the screen shows of the run: now, or the frame, the history and the routing of the moment that it follows. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import type { Frame } from '../../simulation/index'
import type { Hello, RangeAnswer, RoutingState } from '../../server/protocol'
import type { Connection } from '../socket'
import { createRecorder, cutHistory, joinHistory, type RunHistory } from './history'
import { latestOf } from './latest'
import type { Span } from './view'

export interface ShownPorts {
  hello: Ref<Hello | null>
  newest: Ref<Frame | null>
  inForce: Ref<RoutingState | null>
  /** What this screen has recorded itself. */
  recorded: Ref<RunHistory>
  speed: () => number
  connection: () => Connection | null
}

/** Where the moment and the span of the charts come from. */
export interface Followed {
  at: number | null
  span: Span | null
}

/** Frames that came while the screen showed another moment: a minute of them at speed 1. */
const buffered = 240
const remembered = 200
/** Seconds before a moment that are shown, at least. */
const shortestWindow = 1800
const rangePoints = 900
/** A run has a history from its first second on. */
const startOfRun = 1.5

interface Past {
  frame: Frame
  routing: RoutingState | null
  resolution: number
}

export function createShown({ hello, newest, inForce, recorded, speed, connection }: ShownPorts) {
  const source = shallowRef<Followed>({ at: null, span: null })
  const buffer: Frame[] = []
  const moments = new Map<string, Past>()
  const routings = new Map<number, RoutingState>()
  const past = shallowRef<Past | null>(null)
  const older = shallowRef<RunHistory | null>(null)
  /** Why nothing is known of the moment; `null` where it is. */
  const missing = ref<string | null>(null)

  const at = computed(() => source.value.at)
  const live = computed(() => at.value === null)
  const frame = computed(() => (live.value ? newest.value : (past.value?.frame ?? null)))
  const routing = computed(() => (live.value ? inForce.value : (past.value?.routing ?? null)))
  /** Seconds that the figures tell of: 1, or more where only coarser ones are kept. */
  const resolution = computed(() => (live.value ? 1 : (past.value?.resolution ?? 1)))
  /** What charts need; `null` where that is what was recorded. */
  const wanted = computed((): Span | null => {
    const { span } = source.value
    if (at.value === null) return span && { from: span.from, to: Infinity }
    const from = at.value - Math.max(shortestWindow, speed() * 120)
    return { from: Math.max(0, Math.min(from, span?.from ?? from)), to: Math.max(at.value, span?.to ?? at.value) }
  })
  const history = computed(() => {
    if (!wanted.value) return recorded.value
    const whole = isRecorded(wanted.value) || !older.value ? recorded.value : joinHistory(older.value, recorded.value)
    return cutHistory(whole, wanted.value)
  })

  const askMoment = latestOf((time: number) => connection()?.moment(time) ?? Promise.resolve(null))
  const askRange = latestOf((span: Span) =>
    range({ from: Math.max(0, span.from - 600), to: Math.min(span.to + 600, 1e12), points: rangePoints }),
  )

  watch(at, show)
  watch(wanted, load)
  watch(
    () => hello.value?.run.id,
    () => {
      moments.clear()
      routings.clear()
      buffer.length = 0
      older.value = null
      if (at.value !== null) show(at.value)
      load()
    },
    // before its first frame is heard
    { flush: 'sync' },
  )
  watch(inForce, next => next && routings.set(next.revision, next))

  return { at, frame, routing, history, live, resolution, missing, hear, follow, range }

  /** Shows what a store says from now on. */
  function follow(followed: () => Followed) {
    watch(followed, next => (source.value = next), { immediate: true })
  }

  function hear(next: Frame) {
    // while live, the newest alone: where a screen stops, it goes on from there
    if (live.value) buffer.length = 0
    buffer.push(next)
    if (buffer.length > buffered) buffer.shift()
  }

  function show(time: number | null) {
    missing.value = null
    if (time === null) {
      past.value = null
      return
    }
    const known = inBuffer(time) ?? moments.get(keyOf(time))
    if (known) past.value = known
    else void ask(time)
  }

  async function ask(time: number) {
    const answer = await askMoment(time)
    // a later question, or a return to now
    if (answer === undefined || at.value === null) return
    if (answer?.ok) {
      const { frame, routing, resolution } = answer
      routings.set(routing.revision, routing)
      moments.set(keyOf(time), { frame, routing, resolution })
      if (moments.size > remembered) moments.delete(moments.keys().next().value ?? '')
      if (at.value === time) past.value = { frame, routing, resolution }
      return
    }
    past.value = null
    missing.value = answer ? `expected ${answer.error.expected}` : 'no connection'
  }

  function inBuffer(time: number): Past | null {
    const [first] = buffer
    if (!first || time < first.time - 1e-6) return null
    const frame = buffer.findLast(each => each.time <= time + 1e-6) ?? first
    const now = inForce.value
    const routing = now?.revision === frame.revision ? now : routings.get(frame.revision)
    return routing ? { frame, routing, resolution: 1 } : null
  }

  function isRecorded({ from }: Span): boolean {
    const start = recorded.value.time[0] ?? Infinity
    return start <= Math.max(from, startOfRun)
  }

  function load() {
    const span = wanted.value
    if (!span || isRecorded(span) || isLoaded(span)) return
    void askRange(span).then(answer => {
      if (!answer?.ok) return
      const recorder = createRecorder(2000)
      recorder.load(answer)
      older.value = recorder.view()
    })
  }

  /** Whether what was loaded reaches over a span, as far as it was not recorded here. */
  function isLoaded({ from, to }: Span): boolean {
    const time = older.value?.time ?? []
    const [first = Infinity, last = -Infinity] = [time[0], time[time.length - 1]]
    return first <= Math.max(from, startOfRun) + 1 && last >= Math.min(to, recorded.value.time[0] ?? Infinity) - 1
  }

  async function range(asked: Parameters<Connection['range']>[0]): Promise<RangeAnswer | null> {
    return (await connection()?.range(asked)) ?? null
  }
}

function keyOf(time: number): string {
  return time.toFixed(2)
}
