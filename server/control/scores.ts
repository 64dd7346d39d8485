import {
  fleetOutlook,
  forecastBlocks,
  outlookOf,
  type FleetOutlook,
  type Figure,
  type Outlook,
  type Tally,
} from '../../simulation/index'
import type { NoteEntry, PredictionEntry, ScoreEntry } from '../journal/entry'
import { blockSeconds, type Outcome } from '../live/outcomes'
import type { Score, Scored } from '../protocol'

/** A change may be cut short by the next one: what it was to do is told for as many blocks as may be over by then. */
const told = [1, 2, 5, forecastBlocks]
const keptScores = 200

/** What was told of changes, held against what then came. */
export interface Scores {
  /** The newest, oldest first. */
  all(): Score[]
  /** A change took effect: the one before is judged by what came until now. */
  begin(revision: number): ScoreEntry | null
  /** What was told of it, from the moment of the change; at a high speed the horizon may be over by now. */
  predict(change: Predicted, parts: Tally[][]): (PredictionEntry | ScoreEntry)[]
  /** Something that no forecast knew of changed the run: the newest change is judged by what came until now. */
  disturb(): ScoreEntry | null
  /** What came; the score, when the horizon is over. */
  hear(outcome: Outcome): ScoreEntry | null
  /** Takes in an entry of the journal. */
  enter(entry: NoteEntry): void
}

/** A change of routing, and the ids of the workloads whose shares it changed. */
export type Predicted = Pick<PredictionEntry, 'revision' | 'time' | 'workloads'>

interface Judged {
  revision: number
  prediction: PredictionEntry | null
  outcome: Outcome | null
  /** Nothing more comes of it. */
  over: boolean
}

export function createScores(workloadIds: readonly string[]): Scores {
  let scores: Score[] = []
  let newest: Judged | null = null
  return { all: () => scores, begin, predict, disturb: end, hear, enter }

  function begin(revision: number): ScoreEntry | null {
    const score = end()
    newest = { revision, prediction: null, outcome: null, over: false }
    return score
  }

  function predict(change: Predicted, parts: Tally[][]): (PredictionEntry | ScoreEntry)[] {
    if (newest?.revision !== change.revision) return []
    const outlooks = told.map(blocks => {
      const { seconds, fleet, workloads } = outlookOf(parts, { blocks, seconds: blocks * blockSeconds })
      return { seconds, fleet, ttftP95: workloads.ttftP95 }
    })
    const entry: PredictionEntry = { kind: 'prediction', ...change, outlooks }
    newest.prediction = entry
    const score = judge()
    return score ? [entry, score] : [entry]
  }

  function hear(outcome: Outcome): ScoreEntry | null {
    if (newest?.revision !== outcome.revision || newest.over) return null
    if (told.includes(outcome.blocks)) newest.outcome = outcome
    return outcome.blocks === forecastBlocks ? end() : null
  }

  function end(): ScoreEntry | null {
    if (newest) newest.over = true
    return judge()
  }

  /** Once, when both sides are known. */
  function judge(): ScoreEntry | null {
    const { prediction, outcome, over } = newest ?? {}
    const outlook = prediction?.outlooks[told.indexOf(outcome?.blocks ?? -1)]
    if (!over || !prediction || !outcome || !outlook) return null
    newest = null
    const { revision, time, workloads } = prediction
    const figures = [
      ...workloads.flatMap(id => {
        const index = workloadIds.indexOf(id)
        return scored('ttftP95', id, outlook.ttftP95[index], outcome.ttftP95[index])
      }),
      ...fleetOutlook.flatMap(name => scored(name, null, outlook.fleet[name], outcome.fleet[name])),
    ]
    const entry: ScoreEntry = { kind: 'score', revision, time, seconds: outcome.seconds, figures }
    enter(entry)
    return entry
  }

  function enter(entry: NoteEntry): void {
    if (entry.kind !== 'score') return
    const { kind: _, ...score } = entry
    scores = [...scores.filter(({ revision }) => revision !== score.revision), score].slice(-keptScores)
  }
}

/** Nothing where one of the two is not known. */
function scored(
  metric: FleetOutlook,
  workload: string | null,
  of: Outlook['fleet'][FleetOutlook] | undefined,
  actual: Figure | undefined,
): Scored[] {
  if (!of || of.value === null || of.low === null || of.high === null || actual == null) return []
  return [{ metric, workload, value: of.value, low: of.low, high: of.high, actual }]
}
