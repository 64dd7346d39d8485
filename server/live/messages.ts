import type {
  Act,
  Columns,
  DetailWish,
  Diversion,
  Fleet,
  Frame,
  Mirrors,
  PoolDetail,
  PoolMetric,
  PoolTotals,
  Present,
  Refusal,
  Routing,
} from '../../simulation/index'
import type { RampPlan } from '../rollout/plan'
import type { Due, Ramp, Turn } from '../rollout/ramp'
import type { AlertEffect } from '../alerts/act'
import type { Watch } from '../alerts/watch'
import type { Watched } from '../alerts/watcher'
import type { Outcome } from './outcomes'
import type { CheckedTrace } from './trace-file'

/** What a run is made of. */
export interface RunPlan {
  fleet: Fleet
  seed: number
  speed: number
  /** Threads that the run may spread over. */
  threads: number
  trace: TracePlan | null
}

/** A checked file of requests, the workload that it drives and how many times its rate. */
export interface TracePlan {
  file: string
  checked: CheckedTrace
  workload: string
  scale: number
}

/** What a command does to a run. */
export type Effect =
  /** New shares or mirrors of some workloads, under a new revision; and what that is to the ramp that is under way. */
  | { kind: 'routing'; routing: Routing; mirrors?: Mirrors; revision: number; ramp?: Turn }
  /** A ramp begins, or goes another way. */
  | { kind: 'ramp'; plan: RampPlan }
  | { kind: 'turn'; turn: Turn }
  | { kind: 'pace'; speed?: number; paused?: boolean }
  | { kind: 'act'; act: Act }
  /** Nothing to the run itself, but to what is watched and told of it. */
  | AlertEffect

/** The whole state of a run after a frame. */
export interface Snapshot {
  sequence: number
  /** Simulated [s]. */
  time: number
  speed: number
  paused: boolean
  /** Number of the last entry of the journal that it has in it; 0 for none. */
  entry: number
  ramp: Ramp | null
  watch: Watch
  /** Pools of each shard; one for a run in one piece. */
  shards: number[][]
  /** State of each shard, packed. */
  parts: ArrayBuffer[]
}

/** A run that was begun before: where it goes on. */
export interface Resumption {
  /** `null` to go through all of it again. */
  snapshot: Snapshot | null
  /** What commands did since, in the order of the journal. */
  effects: { entry: number; sequence: number; effect: Effect }[]
  /** It is back at this frame: none after it was shown to anybody. */
  horizon: number
}

/** What the thread of a run is started with. */
export interface RunStart {
  plan: RunPlan
  /** Whether changes are to be told with the present in which they take effect, for forecasts. */
  foresees: boolean
  resumption: Resumption | null
}

/**
 * Into the thread. A boundary is reserved, written to the journal by the other side, then committed or released; `own` is for
 * what the run does by itself, which it does on its way back too.
 */
export type ToRun =
  | { kind: 'reserve'; id: number; effect?: Effect | null; own?: boolean }
  | { kind: 'commit'; id: number; effect: Effect; entry: number }
  | { kind: 'release'; id: number }
  /** From now on, frames come with the figures of these pools. */
  | { kind: 'watch'; pools: number[] }
  /** Asks for the totals and figures of all pools. */
  | { kind: 'count'; id: number }
  /** Asks for the detail of a pool. */
  | { kind: 'detail'; id: number; wish: DetailWish }
  /** Asks for the present of the run. */
  | { kind: 'copy'; id: number }

/** The present of a run after a frame, its columns in memory that threads share; `null` of a run in several shards. */
export interface Copy {
  sequence: number
  time: number
  present: Present | null
}

/** A pool after a frame. */
export type Detail = PoolDetail & { sequence: number }

/** All pools, in the order of the fleet: what they did since the start of the run, and their figures now. */
export interface PoolCount {
  totals: PoolTotals[]
  figures: Columns<PoolMetric>
}

/** Lateness of a frame against the wall clock [s]: now, and what the schedule was moved by since the start. */
export interface Lateness {
  behind: number
  lost: number
}

/** What goes with a frame and is not of the simulation. */
export interface Beside extends Lateness {
  /** When it was taken, by a clock that never goes back [ms since 1970]. */
  taken: number
  /** Figures of the pools that somebody watches beyond the frame. */
  watched: PoolColumns | null
}

export interface PoolColumns {
  /** Indices of the pools, in the order of the columns. */
  pools: number[]
  columns: Columns<PoolMetric>
}

/** What is known of a ramp by its frames alone. */
export interface Progress extends Pick<Ramp, 'held' | 'verdicts' | 'before'> {
  id: string
  /** Finished since the newest step, where the ramp leads to. */
  requests: number
}

/** Out of the thread. */
export type FromRun =
  | { kind: 'frame'; frame: Frame; beside: Beside }
  | { kind: 'snapshot'; snapshot: Snapshot }
  /** A run that was begun before is past every frame that anybody has seen. */
  | { kind: 'back' }
  /** The warm-up is done; from here on frames follow the wall clock. */
  | { kind: 'ready' }
  /** The run stands after this frame until the commit or the release; why the act cannot be done then, if it cannot. */
  | {
      kind: 'reserved'
      id: number
      sequence: number
      time: number
      refusal: Refusal | null
      due: Due | null
      diversion: Diversion | null
    }
  /** `applied` is false if the commit came so late that the run had gone on. */
  | { kind: 'committed'; id: number; applied: boolean }
  | ({ kind: 'counted'; id: number } & PoolCount)
  | { kind: 'detailed'; id: number; detail: Detail }
  | ({ kind: 'copied'; id: number } & Copy)
  /** A change of routing took effect, in this present; and what came of the newest one since. */
  | ({ kind: 'changed'; revision: number } & Copy)
  | { kind: 'outcome'; outcome: Outcome }
  /** The run stands, for some seconds at most, until the ramp has done what is due. */
  | { kind: 'due' }
  /** Where the ramp stands after a frame. */
  | { kind: 'progress'; progress: Progress }
  /** How alerts and objectives stand after a frame or a command. */
  | { kind: 'watched'; watched: Watched }
