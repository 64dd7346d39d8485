/** The socket contract: event names and payload types. The client takes types from here and nothing else. */
import type {
  Columns,
  DetailWish,
  FleetOutlook,
  FleetView,
  Frame,
  Mirrors,
  Outlook,
  PoolDetail,
  PoolMetric,
  Refusal,
  Routing,
} from '../simulation/index'
import type { AuditEntry, AuditFilter, AuditPage } from './audit/entry'
import type { AlertsView, AlertView, ObjectivesView } from './alerts/view'
import type { AlertRule } from './alerts/rule'
import type { AddAnswer, ListAnswer, RevokeAnswer } from './access/desk'
import type { Edit, Presence } from './access/presence'
import type { EditAnswer, LookAnswer } from './access/screen'
import type { Actor, Role } from './control/actor'
import type { CommandAnswer } from './control/answer'
import type { Approvals, Proposal } from './control/approvals'
import type { Command } from './control/command'
import type { Foretold } from './control/foretold'
import type { RampView } from './rollout/log'
import type { Guard, Step } from './rollout/plan'

export type { AddAnswer, ListAnswer, RevokeAnswer }
export type { AlertRule, AlertsView, AlertView, ObjectivesView }
export type { Approvals, Foretold, Proposal }
export type { AuditEntry, AuditFilter, AuditPage, Edit, EditAnswer, Presence }
export type { Guard, RampView, Step }
export type { Actor, Command, CommandAnswer, Refusal, Role }

/** Pace of the run against the wall clock. */
export interface Pace {
  speed: number
  paused: boolean
  /** How late the newest frame is [s of wall time]; 0 when in time. At 5 s the schedule is moved instead. */
  behind: number
  /** What the schedule was moved by since the start [s of wall time]. */
  lost: number
}

/** The routing in force, and the change that brought it. */
export interface RoutingState {
  revision: number
  routing: Routing
  /** What is copied of each workload that is mirrored, and where to. */
  mirrors: Mirrors
}

/** A change of routing as it is marked on charts. */
export interface Change {
  revision: number
  /** Simulated time it took effect [s]. */
  time: number
  /** The difference in words: "Chat: Hopper 40 → 20 %, Blackwell 10 → 30 %". */
  summary: string
  reason: string | null
  /** Who made it. */
  by: string
  /** Who approved it, where it had to wait for that. */
  approvedBy?: string
  /** A ramp made it by itself. */
  automatic?: true
  /** Routing before, for undo. */
  before: Routing
}

/** What a change was to do, and what it did. */
export interface Scored {
  metric: FleetOutlook
  /** Of which workload; `null` for the whole fleet. */
  workload: string | null
  value: number
  low: number
  high: number
  actual: number
}

export interface Score {
  revision: number
  /** When the change took effect, and how long after that is told of [simulated s]. */
  time: number
  seconds: number
  /** Those of the workloads whose shares changed first. */
  figures: Scored[]
}

/** Both futures of the run: under the routing in force, and under a draft. */
export interface Forecast {
  ok: true
  /** False for answers from a part of the replicas: the first, and one that looks longer where a pool may fill up. */
  whole: boolean
  /** Revision in force, and simulated time from which on is told [s]. */
  revision: number
  time: number
  stay: Outlook
  draft: Outlook
}

export type ForecastAnswer =
  | Forecast
  /** Another question of the same asker came before the answer was there. */
  | { ok: true; superseded: true }
  /** `nearest` is a routing near to a refused one that could be. */
  | { ok: false; error: Refusal; nearest?: Routing }

/** Recent frames thinned to the series that charts draw; columns by name, rows by time, oldest first. */
export interface History {
  /** [s], ascending. */
  time: number[]
  /** `fleet` and each family and workload by index: metric → values. */
  fleet: Record<string, (number | null)[]>
  families: Record<string, (number | null)[]>[]
  workloads: Record<string, (number | null)[]>[]
  pools: Record<string, (number | null)[]>[]
}

/** History of a stretch of time; where rows are missing, a point has no figures. */
export interface HistoryRange extends History {
  /** Seconds that a point tells of: means of rates and levels, the highest of percentiles. */
  resolution: number
  /** What is kept at all [s]. */
  oldest: number | null
  newest: number | null
}

/** The whole state that a screen had at a time. */
export interface Moment {
  /** Seconds that the frame tells of. */
  resolution: number
  frame: Frame
  /** Routing that was in force. */
  routing: RoutingState
}

export type RangeAnswer = ({ ok: true } & HistoryRange) | { ok: false; error: Refusal }
export type MomentAnswer = ({ ok: true } & Moment) | { ok: false; error: Refusal }

export interface Hello {
  /** Whom the server takes the client for. */
  you: Actor & { session: number }
  /** Who is here, and who edits. */
  presence: Presence
  /** What waits for a second approval, and what has to. */
  approvals: Approvals
  run: { id: string; seed: number; scenario: string; trace: string | null; started: string }
  fleet: FleetView
  routing: RoutingState
  changes: Change[]
  /** Of the newest changes, oldest first. */
  scores: Score[]
  history: History
  /** The ramp that is under way, or the newest one that was. */
  ramp: RampView | null
  pace: Pace
  /** What fires or is unusual, and how objectives stand. */
  alerts: AlertsView
  objectives: ObjectivesView
  /** Newest frame, and when it was taken by the clock of the server [ms since 1970]; `null` before the first. */
  frame: Frame | null
  taken: number | null
}

export type FramesAnswer =
  /** `from` is the oldest sequence still kept; what lies between `since` and it cannot be had. */
  { ok: true; from: number; frames: Frame[] } | { ok: false; error: Refusal }

/** Figures of pools that this client watches, as of a frame. */
export interface PoolFigures {
  sequence: number
  /** Indices of the pools, in the order of the columns. */
  pools: number[]
  columns: Columns<PoolMetric>
}

/** The pool that this client looks into, as of a frame. */
export type Detail = PoolDetail & { sequence: number }
export type { DetailWish }

export type SeenAnswer =
  /** `now`: the clock by which frames are taken [ms since 1970]; `skipped`: frames that this client was not sent. */
  { ok: true; now: number; skipped: number } | { ok: false; error: Refusal }

export type DetailAnswer = { ok: true; pool: number | null } | { ok: false; error: Refusal }

export type WatchAnswer = { ok: true; pools: number[] } | { ok: false; error: Refusal }

export interface ServerEvents {
  hello: (hello: Hello) => void
  /** `taken`: when, by the clock of the server [ms since 1970]. */
  frame: (frame: Frame, taken: number) => void
  /** With each frame, the pools that this client watches. */
  pools: (figures: PoolFigures) => void
  /** The pool that this client looks into: at once, and once a second. */
  detail: (detail: Detail) => void
  routing: (state: RoutingState & { change: Change }) => void
  pace: (pace: Pace) => void
  /** A ramp began, did something or ended; and after every frame while it is under way. */
  ramp: (ramp: RampView) => void
  /** A command of any kind took effect. */
  entry: (entry: AuditEntry) => void
  /** Somebody came or left, looks elsewhere, or another one edits. */
  presence: (presence: Presence) => void
  /** What came of a change is known. */
  score: (score: Score) => void
  /** The whole answer to this asker's newest `preview`. */
  forecast: (answer: Forecast) => void
  /** A command waits or no longer waits for a second approval, or others have to. */
  approvals: (approvals: Approvals) => void
  /** An alert began, fired, is over, was acknowledged or silenced; or something is unusual. */
  alerts: (alerts: AlertsView) => void
  /** How objectives stand, with the newest figures of alerts; every few seconds. */
  objectives: (objectives: ObjectivesView) => void
  /** The run ended by itself and the server is about to stop. */
  failure: (failure: { message: string }) => void
}

export interface ClientEvents {
  command: (command: Command, acknowledge: (answer: CommandAnswer) => void) => void
  /** What a draft will do; acknowledged with a first answer; a longer look and the whole answer come as `forecast`. The latest one wins. */
  preview: (request: { routing: Routing }, acknowledge: (answer: ForecastAnswer) => void) => void
  /** The client has this frame: to be said after every fourth. Who asks for no answer gets none. */
  seen: (request: { sequence: number }, acknowledge?: (answer: SeenAnswer) => void) => void
  /** Pools, by index, of which this client wants the figures with each frame; none ends it. */
  watch: (request: { pools: number[] }, acknowledge: (answer: WatchAnswer) => void) => void
  /**
   * The pool, by index, of which this client wants the detail, and the part of its replicas that it looks at; another one
   * takes its place, `null` ends it.
   */
  detail: (
    request: { pool: number | null } & Partial<Omit<DetailWish, 'pool'>>,
    acknowledge: (answer: DetailAnswer) => void,
  ) => void
  frames: (request: { since: number }, acknowledge: (answer: FramesAnswer) => void) => void
  /** History of a stretch of time, thinned to so many points; without series, what charts draw. */
  range: (
    request: { from?: number; to?: number; points?: number; series?: string[] },
    acknowledge: (answer: RangeAnswer) => void,
  ) => void
  /** The frame at or before a time [s], and the routing in force then. */
  moment: (request: { time: number }, acknowledge: (answer: MomentAnswer) => void) => void
  look: (request: { place: string }, acknowledge: (answer: LookAnswer) => void) => void
  edit: (request: Edit, acknowledge: (answer: EditAnswer) => void) => void
  tokens: (request: object, acknowledge: (answer: ListAnswer) => void) => void
  'add-token': (request: { name: string; role: Role }, acknowledge: (answer: AddAnswer) => void) => void
  'revoke-token': (request: { name: string }, acknowledge: (answer: RevokeAnswer) => void) => void
}
