import { forecastBlocks, outlookOf, type Tally } from '../../simulation/index'
import type { NoteEntry, PredictionEntry, ScoreEntry } from '../journal/entry'
import { blockSeconds, type Outcome } from '../live/outcomes'
import type { Score } from '../protocol'
import { foretoldFigures } from './foretold'

/** A change may be cut short by the next one: what it was to do is told for as many blocks as may be over by then. */
const told = [1, 2, 5, forecastBlocks]
const keptScores = 200
/** Why nothing can be told of a change from before a restart. */
const restarted = 'the server was restarted in between'
const lost = 'the server had no threads for forecasts then, or was restarted before its forecast was done'

/** What was told of changes, held against what then came; each gives what is to be written down of it. */
export interface Scores {
  /** The newest, oldest first. */
  all(): Score[]
  /** A change took effect: the one before is judged by what came until now. */
  begin(revision: number): NoteEntry[]
  /** What was told of it, from the moment of the change; at a high speed the horizon may be over by now. */
  predict(change: Predicted, parts: Tally[][]): NoteEntry[]
  /** Nothing will be told of it. */
  miss(revision: number, why: string): NoteEntry[]
  /** Something that no forecast knew of changed the run: the newest change is judged by what came until now. */
  disturb(): NoteEntry[]
  /** What came; the score, when the horizon is over. */
  hear(outcome: Outcome): NoteEntry[]
  /** Takes in an entry of the journal. */
  enter(entry: NoteEntry): void
  /** A run comes back: its changes, oldest first, and whether what came of them will be computed again. */
  resume(changes: readonly { revision: number; again: boolean }[], notes: readonly NoteEntry[]): NoteEntry[]
}

/** A change of routing, and the ids of the workloads whose shares it changed. */
export type Predicted = Pick<PredictionEntry, 'revision' | 'time' | 'workloads'>

interface Judged {
  revision: number
  prediction: PredictionEntry | null
  outcome: Outcome | null
  /** Nothing more comes of it; what cut it short. */
  over: string | null
}

export function createScores(workloadIds: readonly string[]): Scores {
  let scores: Score[] = []
  let judged: Judged | null = null
  return { all: () => scores, begin, predict, miss, disturb, hear, enter, resume }

  function begin(revision: number): NoteEntry[] {
    const notes = end('the next change came within a minute')
    // what is told of it from now on is told too late
    const late = judged ? miss(judged.revision, 'the next change came before its forecast was done') : []
    judged = { revision, prediction: null, outcome: null, over: null }
    return [...notes, ...late]
  }

  function predict(change: Predicted, parts: Tally[][]): NoteEntry[] {
    if (judged?.revision !== change.revision) return []
    const outlooks = told.map(blocks => {
      const { seconds, fleet, workloads } = outlookOf(parts, { blocks, seconds: blocks * blockSeconds })
      return { seconds, fleet, ttftP95: workloads.ttftP95 }
    })
    const entry: PredictionEntry = { kind: 'prediction', ...change, outlooks }
    judged.prediction = entry
    return [entry, ...judge()]
  }

  function miss(revision: number, why: string): NoteEntry[] {
    if (judged?.revision !== revision) return []
    judged = null
    return [{ kind: 'untold', revision, why }]
  }

  function disturb(): NoteEntry[] {
    return end('something else was done to the run within a minute')
  }

  function hear(outcome: Outcome): NoteEntry[] {
    if (judged?.revision !== outcome.revision || judged.over !== null) return []
    if (told.includes(outcome.blocks)) judged.outcome = outcome
    return outcome.blocks === forecastBlocks ? end('the horizon is over') : []
  }

  function end(why: string): NoteEntry[] {
    if (judged) judged.over ??= why
    return judge()
  }

  /** Once, when what was told is known and nothing more comes. */
  function judge(): NoteEntry[] {
    if (!judged?.prediction || judged.over === null) return []
    const { revision, prediction, outcome, over } = judged
    const outlook = prediction.outlooks[told.indexOf(outcome?.blocks ?? -1)]
    if (!outcome || !outlook) return miss(revision, over)
    judged = null
    const figures = foretoldFigures(prediction.workloads, outlook, workloadIds).flatMap(figure => {
      const { metric, workload } = figure
      const came = workload === null ? outcome.fleet[metric] : outcome.ttftP95[workloadIds.indexOf(workload)]
      return came == null ? [] : [{ ...figure, actual: came }]
    })
    const { time } = prediction
    const entry: ScoreEntry = { kind: 'score', revision, time, seconds: outcome.seconds, figures }
    enter(entry)
    return [entry]
  }

  function enter(entry: NoteEntry): void {
    if (entry.kind !== 'score') return
    const { kind: _, ...score } = entry
    scores = [...scores.filter(({ revision }) => revision !== score.revision), score].slice(-keptScores)
  }

  function resume(changes: readonly { revision: number; again: boolean }[], notes: readonly NoteEntry[]): NoteEntry[] {
    const settled = new Set(
      notes.flatMap(({ kind, revision }) => (kind === 'score' || kind === 'untold' ? revision : [])),
    )
    const predictions = new Map(notes.flatMap(note => (note.kind === 'prediction' ? [[note.revision, note]] : [])))
    const last = changes.at(-1)
    return changes.flatMap(({ revision, again }): NoteEntry[] => {
      if (settled.has(revision)) return []
      const prediction = predictions.get(revision)
      if (prediction && again && revision === last?.revision) {
        judged = { revision, prediction, outcome: null, over: null }
        return []
      }
      return [{ kind: 'untold', revision, why: prediction ? restarted : lost }]
    })
  }
}
