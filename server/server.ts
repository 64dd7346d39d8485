import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import type { RequestHandler } from 'express'
import { routingChanges, viewFleet, type FleetView, type Frame } from '../simulation/index'
import { openAccess } from './access/access'
import type { AttemptLimits } from './access/attempts'
import { createAttendance } from './access/presence'
import { createAlertDesk } from './alerts/desk'
import { createSurroundings } from './audit/around'
import { changeOf, createAudit } from './audit/audit'
import { createBook } from './control/book'
import { createControl } from './control/control'
import { createScores } from './control/scores'
import type { Rate } from './control/radius'
import { createFrameRing } from './history/frame-ring'
import { openHistory } from './history/history'
import { createApp } from './http/app'
import { listen } from './http/listen'
import type { NoteEntry } from './journal/entry'
import { openStore } from './journal/store'
import { createCounts, type Board, type Durability } from './live/board'
import { createGate } from './live/gate'
import type { Clock } from './live/run'
import type { Beside, Copy, RunPlan } from './live/messages'
import { createPaceTeller } from './live/pace'
import { createPreviews } from './live/previews'
import { resumptionOf } from './live/resume'
import { startThread } from './live/thread'
import type { Pace, Presence } from './protocol'
import type { FloodLimits } from './sockets/flood'
import { createSockets } from './sockets/sockets'

/** Why nothing was told of a change. */
const noThreads = 'the server has no threads for forecasts'
const spread = 'the run is spread over several threads, where forecasts cannot see it'

export interface ServerPlan extends RunPlan {
  host: string
  /** 0 picks a free one. */
  port: number
  /** Folder of the runs. */
  data: string
  /** Begins a new run even where the last one could go on. */
  fresh?: boolean
  /** Most that the history of the run takes on disk [bytes]. */
  historyBytes: number
  dev: boolean
  /** Threads for forecasts beside that of the run; none without it. */
  forecasts?: number
  /** What answers where nothing else does. */
  page: (server: Server) => Promise<Page>
  limits?: FloodLimits
  attempts?: AttemptLimits
  /** Of presence, leases and proposals. */
  clock?: WallClock
  /** One line for the log. */
  log: (line: string) => void
  /** The run ended by itself; all that is left is to stop. */
  failed: (cause: Error) => void
}

export interface WallClock extends Clock {
  /** Wall time [ms since 1970]. */
  date: () => number
}

export interface Page {
  handle: RequestHandler
  close?: () => Promise<void>
}

export interface RunningServer {
  url: string
  /** The run, whether it was begun before, and its speed. */
  run: string
  resumed: boolean
  speed: number
  /** Not ready → commands under way done → thread ended → files closed → connections closed. */
  stop(): Promise<void>
}

export async function startServer(plan: ServerPlan): Promise<RunningServer> {
  const { fleet, seed, speed, threads, trace, log } = plan
  const runPlan = { fleet, seed, speed, threads, trace }
  const access = await openAccess({ data: plan.data, host: plan.host, log, limits: plan.attempts })
  const store = await openStore(plan.data, { plan: runPlan, fresh: plan.fresh ?? false, tell: log })
  const { run, journal, horizon, snapshots, past } = store

  const book = createBook(fleet, run.speed)
  const audit = createAudit(fleet, book)
  for (const { number, entry } of past?.commands ?? []) {
    book.enter(entry)
    audit.enter(number, entry)
  }
  const frames = createFrameRing()
  const view = viewFleet(fleet)
  const history = await openHistory({
    folder: join(store.folder, 'history'),
    fleet: view,
    bytes: plan.historyBytes,
    horizon: past?.horizon ?? 0,
  })
  const failing: Pick<Durability['failing'], 'frames'> = { frames: null }
  const workloadIds = fleet.workloads.map(({ id }) => id)
  const scores = createScores(workloadIds)
  const surroundings = createSurroundings({ history, workloadIds, changesWithin: audit.changesWithin })
  for (const entry of past?.notes ?? []) {
    scores.enter(entry)
    audit.note(entry)
  }
  for (const change of audit.withoutAround()) surroundings.await(change)
  const forecasting = plan.forecasts ?? 0
  const previews = createPreviews({
    scenario: { fleet, seed },
    threads: forecasting,
    copy: () => thread.copy(),
    now: () => performance.now(),
    failed: missForecast,
  })
  const clock = plan.clock ?? ownClock
  let sayBack = () => {}
  const back = past ? new Promise<void>(resolve => (sayBack = resolve)) : Promise.resolve()
  const control = createControl({
    fleet,
    book,
    alone: access.open,
    date: clock.date,
    after: clock.after,
    rates: () => ratesOf(board.view, frames.newest()),
    approvals: approvals => sockets.approvals(approvals),
    thread: { reserve: effect => thread.reserve(effect), reserveOwn: () => thread.reserveOwn() },
    journal,
    back,
    changed: state => sockets.routing(state),
    entered: (number, entry) => {
      const audited = audit.enter(number, entry)
      const { effect, revision } = entry
      if (effect?.kind === 'routing') {
        surroundings.await(changeOf(audited))
        if (forecasting === 0) audit.note({ kind: 'untold', revision, why: noThreads })
      }
      sockets.entry(audited)
      if (effect) previews.turn()
      tellRamp(effect?.kind === 'ramp' || effect?.kind === 'turn' || effect?.kind === 'routing')
      if (effect?.kind === 'act') scores.disturb().forEach(note)
    },
    paced: change => setPace({ ...board.pace, ...defined(change), ...(change.paused ? { behind: 0 } : {}) }),
  })
  const alerts = createAlertDesk({
    tell: view => sockets.alerts(view),
    tellObjectives: view => sockets.objectives(view),
    now: () => performance.now(),
  })
  const attendance = createAttendance({
    clock,
    tell: presence => {
      sockets.presence(presence)
      warmUp(presence)
    },
  })
  const board: Board = {
    run: { id: run.id, seed, scenario: run.scenario, trace: trace && trace.file, started: run.started },
    view,
    frames,
    taken: null,
    history,
    control,
    audit,
    attendance,
    scores,
    ramps: book.ramps,
    alerts,
    previews,
    pace: { ...book.pace(), behind: 0, lost: 0 },
    ready: false,
    returning: past !== null,
    durability: () => ({
      run: run.id,
      resumed: past !== null,
      entries: journal.state().entries,
      failing: {
        ...failing,
        journal: journal.state().failing,
        snapshots: snapshots.state().failing,
        history: history.failing(),
      },
      cut: past?.cut ?? null,
      snapshot: snapshots.state().newest,
    }),
    count: () => thread.count(),
    detail: async wish => {
      const detail = await thread.detail(wish)
      await new Promise<void>(resolve => gate.after(resolve))
      return detail
    },
    counts: createCounts(),
  }
  const onFailure = (cause: unknown) => log(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
  const http = createServer()
  const page = await plan.page(http)
  // the app first: sockets take their path away from what listens before them
  http.on('request', createApp(board, { dev: plan.dev, access, page: page.handle, onFailure }))
  const sockets = createSockets(http, {
    board,
    access,
    watch: pools => thread.watch(pools),
    onFailure,
    limits: plan.limits,
  })
  access.watch(() => {
    sockets.sift()
    control.review()
  })
  const tellPace = createPaceTeller(
    pace => sockets.pace(pace),
    () => performance.now(),
  )
  const url = await listen(http, plan.host, plan.port).catch(async cause => {
    access.close()
    await page.close?.()
    await history.close()
    await store.discard()
    throw cause
  })
  const gate = createGate({
    horizon,
    noted: past?.horizon ?? 0,
    show,
    failing: cause => (failing.frames = cause),
  })
  const thread = startThread(
    { plan: { ...runPlan, speed: run.speed }, foresees: forecasting > 0, resumption: past && resumptionOf(past) },
    {
      frame: gate.take,
      // what came before a snapshot is not computed again
      snapshot: snapshot => void history.flush().then(() => snapshots.write(snapshot)),
      back: beBack,
      // whoever comes then finds the charts full
      ready: () => gate.after(beReady),
      changed: foresee,
      outcome: outcome => scores.hear(outcome).forEach(note),
      due: () => void control.actOwn().catch(() => {}),
      progress: progress => {
        book.ramps.hear(progress)
        tellRamp(true)
      },
      // no sooner than the frame that it came with
      watched: watched => gate.after(() => alerts.hear(watched, !board.returning)),
      failed: fail,
    },
  )

  const seen = past?.snapshot?.entry ?? 0
  const changes = (past?.commands ?? []).flatMap(({ number, entry: { effect } }) =>
    effect?.kind === 'routing' ? [{ revision: effect.revision, again: forecasting > 0 && number > seen }] : [],
  )
  // what the journal tells anyway is not written to it
  scores.resume(changes, past?.notes ?? []).forEach(entry => void audit.note(entry))

  return { url, run: run.id, resumed: past !== null, speed: book.pace().speed, stop }

  function beBack(): void {
    board.returning = false
    sayBack()
    sockets.open()
  }

  function beReady(): void {
    board.ready = true
    warmUp(attendance.view())
  }

  /** Whoever opens the place of drafts is about to ask what they will do. */
  function warmUp({ people }: Presence): void {
    const drafting = people.some(({ places }) => places.includes('/route'))
    if (drafting && forecasting > 0 && board.ready) void previews.warm()
  }

  /** What a change will do is told as it takes effect; what it did, when that is known. */
  function foresee(revision: number, copy: Copy): void {
    scores.begin(revision).forEach(note)
    const [before, after] = [revision - 1, revision].map(each => book.revision(each)?.routing ?? {})
    if (!before || !after) return
    const workloads = Object.keys(routingChanges(before, after))
    const miss = (why: string) => scores.miss(revision, why).forEach(note)
    previews.predict(copy, after).then(
      told => {
        if (told) scores.predict({ revision, time: copy.time, workloads }, told).forEach(note)
        // what came too late or was called off, the next change or a restart tells of
        else if (!copy.present) miss(spread)
      },
      (cause: unknown) => {
        if (board.ready) miss('its forecast failed')
        missForecast(cause)
      },
    )
  }

  function missForecast(cause: unknown): void {
    if (board.ready) onFailure(cause)
  }

  function note(entry: NoteEntry): void {
    void control.note(entry)
    const audited = audit.note(entry)
    if (audited) sockets.entry(audited)
    if (entry.kind !== 'score') return
    const { kind: _, ...score } = entry
    sockets.score(score)
  }

  function tellRamp(moved: boolean): void {
    const ramp = book.ramps.newest()
    if (ramp && moved && !board.returning) sockets.ramp(ramp)
  }

  function show(frame: Frame, beside: Beside): void {
    frames.add(frame)
    board.taken = beside.taken
    history.add(frame)
    if (board.returning) return
    sockets.frame(frame, beside)
    alerts.late(frame.time, beside.behind)
    for (const entry of surroundings.look(frame.time)) note(entry)
    const { behind, lost } = beside
    if (behind !== board.pace.behind || lost !== board.pace.lost) setPace({ ...board.pace, behind, lost })
    else tellPace(board.pace)
  }

  function setPace(pace: Pace): void {
    board.pace = pace
    tellPace(pace)
  }

  function fail(cause: Error): void {
    board.ready = false
    // those who wait for it are told
    sayBack()
    sockets.failure(cause.message)
    plan.failed(cause)
  }

  async function stop(): Promise<void> {
    board.ready = false
    access.close()
    attendance.close()
    await control.close()
    await previews.stop()
    await thread.stop()
    await history.close()
    await store.close()
    await page.close?.()
    const closed = sockets.close()
    http.closeAllConnections()
    await closed
  }
}

const ownClock: WallClock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}

function ratesOf({ workloads }: FleetView, frame: Frame | null): Map<string, Rate> {
  if (!frame) return new Map()
  const { outputTokens, arrived } = frame.workloads
  return new Map(
    workloads.map(({ id }, index) => [id, { tokens: outputTokens[index] ?? 0, requests: arrived[index] ?? 0 }]),
  )
}

function defined(change: { speed?: number; paused?: boolean }): Partial<Pace> {
  return {
    ...(change.speed === undefined ? {} : { speed: change.speed }),
    ...(change.paused === undefined ? {} : { paused: change.paused }),
  }
}
