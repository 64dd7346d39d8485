import type { Actor } from '../control/actor'
import type { Command, OwnCommand } from '../control/command'
import type { Effect, TracePlan } from '../live/messages'
import type { Around } from '../audit/around'
import type { Score } from '../protocol'
import type { Outlook, Told } from '../../simulation/index'

/** An accepted command, as it is replayed. */
export interface CommandEntry {
  kind: 'command'
  /** Key of the command; given by the server where its sender gave none. */
  id: string
  actor: Actor
  via: string
  /** Wall time, ISO 8601. */
  at: string
  command: Command | OwnCommand
  /** The frame after which it takes effect, and its simulated time [s]. */
  sequence: number
  time: number
  /** Of the routing, from then on. */
  revision: number
  /** Part of the traffic of the fleet that it sends elsewhere by the word of one person alone, 0 to 1; none where absent. */
  radius?: number
  /** What it did to the run; `null` where all was so already. */
  effect: Effect | null
  /** It does nothing yet, but waits for a second approval. */
  wait?: Wait
}

/** What somebody who approves a command has to know of it. */
export interface Wait {
  summary: string
  /** Revision of the routing that it stands on. */
  base: number
  /** Part of the traffic that it and what its sender did of late send elsewhere, and what may be without approval, 0 to 1. */
  radius: number
  above: number
  /** Wall time, ISO 8601. */
  expires: string
}

/** The first of all: what the run is. */
export interface RunEntry {
  kind: 'run'
  version: 2
  id: string
  scenario: string
  seed: number
  speed: number
  trace: TracePlan | null
  /** Wall time, ISO 8601. */
  started: string
  /** Of the fleet and of the code that simulates it: under others the run would not be the same. */
  fleet: string
  code: string
}

/** What lay behind the last good entry when the journal was opened, and is not part of it any more. */
export interface CutEntry {
  kind: 'cut'
  at: string
  bytes: number
  file: string
}

/** What a change was told to do before anybody could know, over some stretches from its time on. */
export interface PredictionEntry {
  kind: 'prediction'
  revision: number
  time: number
  /** Ids of those whose shares changed. */
  workloads: string[]
  outlooks: { seconds: number; fleet: Outlook['fleet']; ttftP95: Told[] }[]
}

/** What was told, held against what came. */
export interface ScoreEntry extends Score {
  kind: 'score'
}

/** What was told of a change is not held against what came, or nothing was told. */
export interface UntoldEntry {
  kind: 'untold'
  revision: number
  why: string
}

/** Figures of the run on both sides of a change. */
export interface AroundEntry extends Around {
  kind: 'around'
  revision: number
  time: number
}

/** What came of changes; it is told of and never replayed. */
export type NoteEntry = PredictionEntry | ScoreEntry | UntoldEntry | AroundEntry

export type Entry = RunEntry | CommandEntry | CutEntry | NoteEntry
