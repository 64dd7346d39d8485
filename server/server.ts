import { createServer, type Server } from 'node:http'
import type { RequestHandler } from 'express'
import { viewFleet, type Frame } from '../simulation/index'
import { openAccess } from './access/access'
import type { AttemptLimits } from './access/attempts'
import { createAttendance } from './access/presence'
import { createAudit } from './audit/audit'
import { createBook } from './control/book'
import { createControl } from './control/control'
import { createFrameRing } from './history/frame-ring'
import { createHistory } from './history/history'
import { createApp } from './http/app'
import { listen } from './http/listen'
import { openStore } from './journal/store'
import { createCounts, type Board, type Durability } from './live/board'
import { createGate } from './live/gate'
import type { Clock } from './live/run'
import type { Lateness, RunPlan } from './live/messages'
import { createPaceTeller } from './live/pace'
import { resumptionOf } from './live/resume'
import { startThread } from './live/thread'
import type { Pace } from './protocol'
import type { FloodLimits } from './sockets/flood'
import { createSockets } from './sockets/sockets'

export interface ServerPlan extends RunPlan {
  host: string
  /** 0 picks a free one. */
  port: number
  /** Folder of the runs. */
  data: string
  /** Begins a new run even where the last one could go on. */
  fresh?: boolean
  dev: boolean
  /** What answers where nothing else does. */
  page: (server: Server) => Promise<Page>
  limits?: FloodLimits
  attempts?: AttemptLimits
  /** Of presence and leases. */
  clock?: Clock
  /** One line for the log. */
  log: (line: string) => void
  /** The run ended by itself; all that is left is to stop. */
  failed: (cause: Error) => void
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
  const history = createHistory(past?.snapshot?.history)
  const failing: Durability['failing'] = { journal: null, frames: null, snapshots: null }
  const control = createControl({
    fleet,
    book,
    thread: { reserve: act => thread.reserve(act) },
    journal,
    changed: state => sockets.routing(state),
    entered: (number, entry) => sockets.entry(audit.enter(number, entry)),
    paced: change => setPace({ ...board.pace, ...defined(change), ...(change.paused ? { behind: 0 } : {}) }),
  })
  const attendance = createAttendance({
    clock: plan.clock ?? ownClock,
    tell: presence => sockets.presence(presence),
  })
  const board: Board = {
    run: { id: run.id, seed, scenario: run.scenario, trace: trace && trace.file, started: run.started },
    view: viewFleet(fleet),
    frames,
    history,
    control,
    audit,
    attendance,
    pace: { ...book.pace(), behind: 0, lost: 0 },
    ready: false,
    returning: past !== null,
    durability: () => ({
      run: run.id,
      resumed: past !== null,
      entries: journal.state().entries,
      failing: { ...failing, journal: journal.state().failing, snapshots: snapshots.state().failing },
      cut: past?.cut ?? null,
      snapshot: snapshots.state().newest,
    }),
    count: () => thread.count(),
    counts: createCounts(),
  }
  const onFailure = (cause: unknown) => log(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
  const http = createServer()
  const page = await plan.page(http)
  // the app first: sockets take their path away from what listens before them
  http.on('request', createApp(board, { dev: plan.dev, access, page: page.handle, onFailure }))
  const sockets = createSockets(http, { board, access, onFailure, limits: plan.limits })
  access.watch(sockets.sift)
  const tellPace = createPaceTeller(
    pace => sockets.pace(pace),
    () => performance.now(),
  )
  const url = await listen(http, plan.host, plan.port).catch(async cause => {
    access.close()
    await page.close?.()
    await store.discard()
    throw cause
  })
  const showFrame = createGate({
    horizon,
    noted: past?.horizon ?? 0,
    show,
    failing: cause => (failing.frames = cause),
  })
  const thread = startThread(
    { plan: { ...runPlan, speed: run.speed }, resumption: past && resumptionOf(past) },
    {
      frame: showFrame,
      snapshot: snapshot => void snapshots.write({ ...snapshot, history: history.save() }),
      back: beBack,
      ready: () => (board.ready = true),
      failed: fail,
    },
  )

  return { url, run: run.id, resumed: past !== null, speed: book.pace().speed, stop }

  function beBack(): void {
    board.returning = false
    sockets.open()
  }

  function show(frame: Frame, lateness: Lateness): void {
    frames.add(frame)
    history.add(frame)
    if (board.returning) return
    sockets.frame(frame)
    if (lateness.behind !== board.pace.behind || lateness.lost !== board.pace.lost)
      setPace({ ...board.pace, ...lateness })
    else tellPace(board.pace)
  }

  function setPace(pace: Pace): void {
    board.pace = pace
    tellPace(pace)
  }

  function fail(cause: Error): void {
    board.ready = false
    sockets.failure(cause.message)
    plan.failed(cause)
  }

  async function stop(): Promise<void> {
    board.ready = false
    access.close()
    attendance.close()
    await control.close()
    await thread.stop()
    await store.close()
    await page.close?.()
    const closed = sockets.close()
    http.closeAllConnections()
    await closed
  }
}

const ownClock: Clock = {
  now: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}

function defined(change: { speed?: number; paused?: boolean }): Partial<Pace> {
  return {
    ...(change.speed === undefined ? {} : { speed: change.speed }),
    ...(change.paused === undefined ? {} : { paused: change.paused }),
  }
}
