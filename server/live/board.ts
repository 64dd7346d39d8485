import type { DetailWish, FleetView } from '../../simulation/index'
import type { FrameRing } from '../history/frame-ring'
import type { HistoryRecord } from '../history/history'
import type { AlertDesk } from '../alerts/desk'
import type { Attendance } from '../access/presence'
import type { Audit } from '../audit/audit'
import type { Control } from '../control/control'
import type { Hello, Pace } from '../protocol'
import type { RampLog } from '../rollout/log'
import type { Scores } from '../control/scores'
import type { Detail, PoolCount } from './messages'
import type { Previews } from './previews'

/** What the server knows of its run; everything that answers a client reads this. */
export interface Board {
  run: Hello['run']
  view: FleetView
  frames: FrameRing
  /** When the newest frame was taken [ms since 1970]. */
  taken: number | null
  history: HistoryRecord
  control: Control
  audit: Audit
  attendance: Attendance
  scores: Pick<Scores, 'all'>
  ramps: Pick<RampLog, 'newest'>
  alerts: Pick<AlertDesk, 'view' | 'brief' | 'objectives'>
  previews: Pick<Previews, 'ask' | 'leave'>
  pace: Pace
  /** Warmed up, and neither stopping nor failed. */
  ready: boolean
  /** A run that was begun before is on its way back to where it was; until then nothing of it is shown. */
  returning: boolean
  durability: () => Durability
  /** Fails when the run has. */
  count: () => Promise<PoolCount>
  /** A pool as it is after the newest frame that is shown. Fails when the run has. */
  detail: (wish: DetailWish) => Promise<Detail>
  counts: Counts
}

/** How it stands with what survives a crash. */
export interface Durability {
  run: string
  /** The run was begun by a server before this one. */
  resumed: boolean
  /** Lines of the journal that are on disk. */
  entries: number
  /** Why the journal, the frames shown, the snapshots or the history cannot be written at present. */
  failing: { journal: string | null; frames: string | null; snapshots: string | null; history: string | null }
  /** What was torn or corrupt at the end of the journal when it was opened, and the file that keeps it. */
  cut: { bytes: number; file: string } | null
  /** The newest one of this start. */
  snapshot: { sequence: number; time: number; bytes: number } | null
}

/** Counted since the start, for operators. */
export interface Counts {
  /** Connected clients now. */
  clients: number
  commands: number
  refused: number
  /** Events that came without a way to answer them. */
  unanswerable: number
  /** Handlers that failed. */
  failures: number
  /** Frames not sent to clients that had not said or taken enough of those before, and clients that the newest left out. */
  skippedFrames: number
  lagging: number
  /** Connections ended for sending too much or reading too little, and those refused afterwards or for their origin. */
  floods: number
  turnedAway: number
  /** Requests, events and connections without a right token or with too little of a role. */
  denied: number
}

export function createCounts(): Counts {
  return {
    clients: 0,
    commands: 0,
    refused: 0,
    unanswerable: 0,
    failures: 0,
    skippedFrames: 0,
    lagging: 0,
    floods: 0,
    turnedAway: 0,
    denied: 0,
  }
}

export function helloOf(
  { run, view, control, attendance, scores, ramps, history, frames, taken, pace, alerts }: Board,
  you: Hello['you'],
): Hello {
  return {
    you,
    presence: attendance.view(),
    approvals: control.approvals(),
    run,
    fleet: view,
    routing: control.routing(),
    changes: control.changes(),
    scores: scores.all(),
    history: history.view(),
    ramp: ramps.newest(),
    pace,
    alerts: alerts.brief(),
    objectives: alerts.objectives(),
    frame: frames.newest(),
    taken,
  }
}
