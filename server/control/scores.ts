import {
  forecastBlocks,
  outlookOf,
  type FleetOutlook,
  type Figure,
  type Outlook,
  type Tally,
} from '../../simulation/index'
import type { PredictionEntry, ScoreEntry } from '../journal/entry'
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
  /** What was told of it. */
  predict(revision: number, time: number, workloads: readonly string[], parts: Tally[][]): PredictionEntry | null
  /** Something that no forecast knew of changed the run: the newest change is judged by what came until now. */
  disturb(): ScoreEntry | null
  /** What came; the score, when the horizon is over. */
  hear(outcome: Outcome): ScoreEntry | null
  /** Takes in an entry of the journal. */
  enter(entry: PredictionEntry | ScoreEntry): void
}

export function createScores(workloadIds: readonly string[]): Scores {
  let scores: Score[] = []
  let open: { revision: number; prediction: PredictionEntry | null; outcome: Outcome | null } | null = null
  return { all: () => scores, begin, predict, disturb: close, hear, enter }

  function begin(revision: number): ScoreEntry | null {
    const score = close()
    open = { revision, prediction: null, outcome: null }
    return score
  }

  function predict(revision: number, time: number, workloads: readonly string[], parts: Tally[][]) {
    if (open?.revision !== revision) return null
    const outlooks = told.map(blocks => {
      const { seconds, fleet, workloads } = outlookOf(parts, { blocks, seconds: blocks * blockSeconds })
      return { seconds, fleet, ttftP95: workloads.ttftP95 }
    })
    const entry: PredictionEntry = { kind: 'prediction', revision, time, workloads: [...workloads], outlooks }
    open.prediction = entry
    return entry
  }

  function hear(outcome: Outcome): ScoreEntry | null {
    if (open?.revision !== outcome.revision) return null
    if (told.includes(outcome.blocks)) open.outcome = outcome
    return outcome.blocks === forecastBlocks ? close() : null
  }

  function close(): ScoreEntry | null {
    const { prediction, outcome } = open ?? {}
    open = null
    const outlook = prediction?.outlooks[told.indexOf(outcome?.blocks ?? -1)]
    if (!prediction || !outcome || !outlook) return null
    const { revision, time, workloads } = prediction
    const { seconds } = outcome
    const figures = [
      ...workloads.flatMap(id => {
        const index = workloadIds.indexOf(id)
        return scored('ttftP95', id, outlook.ttftP95[index], outcome.ttftP95[index])
      }),
      ...Object.entries(outlook.fleet).flatMap(([name, of]) =>
        scored(name as FleetOutlook, null, of, outcome.fleet[name as FleetOutlook]),
      ),
    ]
    const entry: ScoreEntry = { kind: 'score', revision, time, seconds, figures }
    enter(entry)
    return entry
  }

  function enter(entry: PredictionEntry | ScoreEntry): void {
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
