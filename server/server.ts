import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { RequestHandler } from 'express'
import { viewFleet, type Frame } from '../simulation/index'
import { createBook } from './control/book'
import { createControl } from './control/control'
import { createFrameRing } from './history/frame-ring'
import { createHistory } from './history/history'
import { createApp } from './http/app'
import { listen } from './http/listen'
import { openJournal } from './journal/journal'
import { createCounts, type Board } from './live/board'
import type { Lateness, RunPlan } from './live/messages'
import { createPaceTeller } from './live/pace'
import { startThread } from './live/thread'
import type { Pace } from './protocol'
import type { FloodLimits } from './sockets/flood'
import { createSockets } from './sockets/sockets'

export interface ServerPlan extends RunPlan {
  host: string
  /** 0 picks a free one. */
  port: number
  /** Folder of the journal. */
  data: string
  dev: boolean
  /** What answers where nothing else does. */
  page: (server: Server) => Promise<Page>
  limits?: FloodLimits
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
  /** Not ready → commands under way done → journal closed → connections closed → thread ended. */
  stop(): Promise<void>
}

export async function startServer(plan: ServerPlan): Promise<RunningServer> {
  const { fleet, seed, speed, threads, trace, log } = plan
  const started = new Date()
  const id = `${started.toISOString().replace(/[:.]/g, '-')}-${randomBytes(3).toString('hex')}`
  const run = { id, seed, scenario: fleet.id, trace: trace && trace.file, started: started.toISOString() }
  const journal = await openJournal(plan.data, id, { kind: 'run', version: 1, ...run, speed, trace })

  const frames = createFrameRing()
  const history = createHistory()
  const control = createControl({
    fleet,
    book: createBook(fleet, speed),
    thread: { reserve: act => thread.reserve(act) },
    journal,
    changed: state => sockets.routing(state),
    paced: change => setPace({ ...board.pace, ...defined(change), ...(change.paused ? { behind: 0 } : {}) }),
  })
  const board: Board = {
    run,
    view: viewFleet(fleet),
    frames,
    history,
    control,
    pace: { speed, paused: false, behind: 0, lost: 0 },
    ready: false,
    count: () => thread.count(),
    counts: createCounts(),
  }
  const onFailure = (cause: unknown) => log(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
  const http = createServer()
  const page = await plan.page(http)
  // the app first: sockets take their path away from what listens before them
  http.on('request', createApp(board, { dev: plan.dev, page: page.handle, onFailure }))
  const sockets = createSockets(http, { board, onFailure, limits: plan.limits })
  const tellPace = createPaceTeller(
    pace => sockets.pace(pace),
    () => performance.now(),
  )
  const url = await listen(http, plan.host, plan.port).catch(async cause => {
    await page.close?.()
    await journal.discard()
    throw cause
  })
  const thread = startThread(
    { fleet, seed, speed, threads, trace },
    { frame: takeFrame, ready: () => (board.ready = true), failed: fail },
  )

  return { url, stop }

  function takeFrame(frame: Frame, lateness: Lateness): void {
    frames.add(frame)
    history.add(frame)
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
    await control.close()
    await journal.close()
    await page.close?.()
    const closed = sockets.close()
    http.closeAllConnections()
    await closed
    await thread.stop()
  }
}

function defined(change: { speed?: number; paused?: boolean }): Partial<Pace> {
  return {
    ...(change.speed === undefined ? {} : { speed: change.speed }),
    ...(change.paused === undefined ? {} : { paused: change.paused }),
  }
}
