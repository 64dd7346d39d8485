import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RequestHandler } from 'express'
import { viewFleet, type Fleet, type Frame } from '../simulation/index'
import { createControl } from './control/control'
import { createFrameRing } from './history/frame-ring'
import { createHistory } from './history/history'
import { createApp } from './http/app'
import { openJournal } from './journal/journal'
import { createCounts, timeOf, type Board } from './live/board'
import type { Lateness, RunPlan } from './live/messages'
import { createPaceTeller } from './live/pace'
import { startThread } from './live/thread'
import { createSockets, type Sockets } from './sockets/sockets'
import type { FloodLimits } from './sockets/flood'

export interface ServerPlan {
  fleet: Fleet
  seed: number
  speed: number
  trace: RunPlan['trace']
  host: string
  port: number
  /** Folder of the journal. */
  data: string
  dev: boolean
  /** What answers when no other path does: the page. */
  page: (server: ReturnType<typeof createServer>) => Promise<{ handle: RequestHandler; close?: () => Promise<void> }>
  /** One line for the log. */
  log: (line: string) => void
  /** The run ended by itself; the server is of no more use and should be stopped. */
  failed: (cause: Error) => void
  limits?: FloodLimits
}

export interface RunningServer {
  url: string
  /** No longer ready → commands under way done → journal closed → connections closed → thread ended. */
  stop(): Promise<void>
}
