/** The run as it is now: what the server last said, how old that is, and the history that charts draw. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Frame, Routing } from '../../simulation/index'
import type {
  AlertsView,
  AuditEntry,
  Approvals,
  Change,
  Command,
  CommandAnswer,
  Detail,
  DetailAnswer,
  DetailWish,
  Edit,
  EditAnswer,
  Forecast,
  ForecastAnswer,
  Hello,
  ObjectivesView,
  Pace,
  PoolFigures,
  Presence,
  RampView,
  RoutingState,
  Score,
  WatchAnswer,
} from '../../server/protocol'
import type { Connection, Listener } from '../socket'
import { createElapsed } from './elapsed'
import { createRecorder } from './history'
import { useLatency } from './latency'
import { latestOf } from './latest'
import { createShown } from './shown'

/** `denied`: the server asks for a token. */
export type Line = 'connecting' | 'live' | 'lost' | 'denied'

const frameInterval = 0.25
const missedFrames = 3
/** Age of data that the banner tells of, connected or not [s]. */
const lostAge = 4
/** Until a page that has never been connected is told to have no connection [s]. */
const firstPatience = 3
const keptChanges = 500

export const useRun = defineStore('run', () => {
  const recorder = createRecorder()
  const elapsed = createElapsed()
  const latency = useLatency()
  const line = ref<Line>('connecting')
  const hello = shallowRef<Hello | null>(null)
  /** Whom the server takes this client for. */
  const you = shallowRef<Hello['you'] | null>(null)
  /** Nothing is done to a run while the screen shows what it was. */
  const mayAct = computed(() => you.value !== null && you.value.role !== 'viewer' && shown.live.value)
  const approvals = shallowRef<Approvals>({ above: null, within: 600, waiting: [] })
  const presence = shallowRef<Presence>({ people: [], more: 0, editing: null })
  /** It was let in before. */
  const wasIn = computed(() => hello.value !== null)
  const frame = shallowRef<Frame | null>(null)
  const routing = shallowRef<RoutingState | null>(null)
  const changes = shallowRef<Change[]>([])
  /** The newest thing that was done, of any kind. */
  const entry = shallowRef<AuditEntry | null>(null)
  /** The ramp that is under way, or the newest one that was. */
  const ramp = shallowRef<RampView | null>(null)
  /** What was told of changes against what came, oldest first. */
  const scores = shallowRef<Score[]>([])
  /** The newest whole answer to a preview. */
  const forecast = shallowRef<Forecast | null>(null)
  const alerts = shallowRef<AlertsView>({ alerts: [], silences: [], rules: [], past: [], anomalies: [] })
  const objectives = shallowRef<ObjectivesView>({ objectives: [], values: {} })
  /** The newest figures of the pools that are watched beyond the frame. */
  const poolFigures = shallowRef<PoolFigures | null>(null)
  /** The newest detail of the pool that is looked into. */
  const detail = shallowRef<Detail | null>(null)
  const pace = shallowRef<Pace>({ speed: 1, paused: false, behind: 0, lost: 0 })
  const history = shallowRef(recorder.view())
  /** Wall time since the newest frame [s]; counts four times a second while the next is late. */
  const age = ref<number | null>(null)
  /** Wall clock when the last frame was taken, for "since" in the banner; may be wrong by as much as the clock of the machine [ms]. */
  const seenAt = ref<number | null>(null)
  /** Why the run ended by itself; `null` while it goes on. */
  const failure = ref<string | null>(null)
  /** Set by the page that edits the routing: there is a draft that is not in force. */
  const draftDirty = ref(false)

  let connection: Connection | null = null
  // one pool at a time: of who closes one and who opens another, the later is heard
  const lookInto = latestOf((wish: DetailWish | null): Promise<DetailAnswer> => {
    if (connection) return connection.detail(wish)
    return Promise.resolve({ ok: false, error: { field: 'connection', value: null, expected: 'an open connection' } })
  })
  let lastInterval = frameInterval
  let downSince: number | null = elapsed()
  // of the last frame or good sign of life, as `elapsed` counts
  let heardAt = 0
  // frames that wait for those before them
  let filling: Frame[] | null = null

  const fleet = computed(() => hello.value?.fleet ?? null)
  const shown = createShown({
    hello,
    newest: frame,
    inForce: routing,
    recorded: history,
    speed: () => pace.value.speed,
    connection: () => connection,
  })
  const time = computed(() => shown.frame.value?.time ?? shown.at.value)
  // a run that cannot keep up sends frames late; they are then awaited at the pace at which they come
  const expectedInterval = () => (pace.value.behind > 0.5 ? Math.max(frameInterval, lastInterval) : frameInterval)
  const resting = computed(() => pace.value.paused && line.value === 'live')
  const stale = computed(() => {
    if (frame.value === null || age.value === null || resting.value || !shown.live.value) return false
    return line.value === 'lost' ? age.value > frameInterval * missedFrames : age.value > staleAge.value
  })
  const staleAge = computed(() => expectedInterval() * missedFrames + 0.15)
  /** The connection is gone, or nothing comes over it. */
  const lost = ref(false)

  function start(connect: (listener: Listener) => Connection) {
    connection = connect({
      up,
      down,
      denied,
      hello: greet,
      frame: receive,
      pools: next => (poolFigures.value = next),
      detail: next => (detail.value = next),
      told: latency.hear,
      routing: change,
      pace: setPace,
      entry: next => (entry.value = next),
      ramp: next => (ramp.value = next),
      presence: setPresence,
      score,
      forecast: told => (forecast.value = told),
      approvals: setApprovals,
      alerts: next => (alerts.value = next),
      objectives: next => (objectives.value = next),
      failure: fail,
    })
    const clock = setInterval(wait, frameInterval * 1000)
    return () => {
      clearInterval(clock)
      connection?.close()
    }
  }

  function send(command: Command): Promise<CommandAnswer> {
    if (connection) return connection.command(command)
    return Promise.resolve({ ok: false, error: { field: 'connection', value: null, expected: 'an open connection' } })
  }

  function look(place: string) {
    connection?.look(place)
  }

  /** `null` where the server does not answer, or does not let this client edit. */
  async function edit(wish: Edit): Promise<(EditAnswer & { ok: true }) | null> {
    const answer = await connection?.edit(wish)
    return answer?.ok ? answer : null
  }

  function preview(routing: Routing): Promise<ForecastAnswer> {
    if (connection) return connection.preview(routing)
    return Promise.resolve({ ok: false, error: { field: 'connection', value: null, expected: 'an open connection' } })
  }

  function watchPools(pools: number[]): Promise<WatchAnswer> {
    if (connection) return connection.watch(pools)
    return Promise.resolve({ ok: false, error: { field: 'connection', value: null, expected: 'an open connection' } })
  }

  function up() {
    downSince = null
    latency.begin()
  }

  function down() {
    downSince ??= elapsed()
    line.value = 'lost'
    tick()
  }

  function denied() {
    downSince = null
    you.value = null
    line.value = 'denied'
    tick()
  }

  function reconnect() {
    line.value = 'connecting'
    downSince = elapsed()
    connection?.reconnect()
  }

  function greet(next: Hello) {
    const before = frame.value
    const sameRun = hello.value?.run.id === next.run.id && before !== null
    hello.value = next
    you.value = next.you
    presence.value = next.presence
    approvals.value = next.approvals
    failure.value = null
    routing.value = next.routing
    changes.value = next.changes
    scores.value = next.scores
    ramp.value = next.ramp
    pace.value = next.pace
    alerts.value = next.alerts
    objectives.value = next.objectives
    line.value = 'live'
    if (sameRun && next.frame && next.frame.sequence >= before.sequence) {
      receive(next.frame, next.taken)
      return
    }
    filling = null
    recorder.load(next.history)
    frame.value = null
    seenAt.value = null
    poolFigures.value = null
    detail.value = null
    if (next.frame) receive(next.frame, next.taken)
    else history.value = recorder.view()
    tick()
  }

  function receive(next: Frame, taken: number | null) {
    const before = frame.value
    if (before && next.sequence <= before.sequence) return
    const now = elapsed()
    if (seenAt.value !== null) lastInterval = Math.min(5, (now - heardAt) / 1000)
    line.value = 'live'
    frame.value = next
    shown.hear(next)
    const delay = performance.now() - latency.arrive(next.sequence, taken)
    seenAt.value = Date.now() - delay
    heardAt = now - delay
    if (filling) filling.push(next)
    else if (before && next.sequence > before.sequence + 1) void fill(before.sequence, next)
    else if (recorder.add(next)) history.value = recorder.view()
    tick()
  }

  /** Asks for the frames after `since`; what is no longer kept stays a gap. */
  async function fill(since: number, next: Frame) {
    const waiting = [next]
    filling = waiting
    const answer = await connection?.frames(since)
    if (filling !== waiting) return
    filling = null
    const missed = answer?.ok ? answer.frames.filter(missing => missing.sequence < next.sequence) : []
    if (!answer?.ok || answer.from > since + 1) recorder.gap()
    for (const late of [...missed, ...waiting]) recorder.add(late)
    history.value = recorder.view()
  }

  function change(next: RoutingState & { change: Change }) {
    routing.value = { revision: next.revision, routing: next.routing, mirrors: next.mirrors }
    changes.value = [...changes.value, next.change].slice(-keptChanges)
  }

  function score(next: Score) {
    scores.value = [...scores.value.filter(({ revision }) => revision !== next.revision), next].slice(-keptChanges)
  }

  function setPace(next: Pace) {
    // after a rest the age counts from now on
    if (pace.value.paused && !next.paused) {
      seenAt.value = Date.now()
      heardAt = elapsed()
    }
    pace.value = next
    tick()
  }

  function setApprovals(next: Approvals) {
    approvals.value = next
  }

  function setPresence(next: Presence) {
    presence.value = next
  }

  function fail({ message }: { message: string }) {
    failure.value = message
  }

  /** Each frame tells its age when it comes; in between only one that is late does, lest the page be painted for a tenth of a second. */
  function wait() {
    if (elapsed() - heardAt >= 1.5 * frameInterval * 1000) tick()
  }

  function tick() {
    const now = elapsed()
    age.value = seenAt.value === null ? null : (now - heardAt) / 1000
    const down = downSince === null ? 0 : (now - downSince) / 1000
    const silent =
      line.value !== 'denied' &&
      age.value !== null &&
      !resting.value &&
      age.value > Math.max(lostAge, expectedInterval() * 4)
    lost.value = down > (hello.value ? 1 : firstPatience) || silent
  }

  return {
    line,
    hello,
    you,
    wasIn,
    mayAct,
    presence,
    approvals,
    look,
    edit,
    fleet,
    /** What the screen shows: now, or the moment that it follows. */
    frame: shown.frame,
    time,
    routing: shown.routing,
    history: shown.history,
    live: shown.live,
    resolution: shown.resolution,
    missing: shown.missing,
    follow: shown.follow,
    range: shown.range,
    /** What is, whatever the screen shows. */
    newest: frame,
    inForce: routing,
    recorded: history,
    changes,
    entry,
    ramp,
    scores,
    forecast,
    alerts,
    objectives,
    pace,
    poolFigures,
    detail,
    age,
    seenAt,
    stale,
    lost,
    resting,
    failure,
    draftDirty,
    start,
    reconnect,
    send,
    preview,
    watchPools,
    lookInto,
  }
})
