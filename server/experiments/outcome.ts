import type { Result } from './result'
import { replayExperiment } from './run-experiment'
import { BadTrace } from '../live/trace-file'
import type { ReadyExperiment } from './traces'
import { Unfinished } from './unfinished'

/** What came of an experiment, or why nothing did. */
export type Outcome = { result: Result } | { failure: string }

/** Runs an experiment; what may go wrong with one that is right comes back as a failure. */
export async function attempt(experiment: ReadyExperiment): Promise<Outcome> {
  try {
    return { result: await replayExperiment(experiment) }
  } catch (error) {
    if (error instanceof Unfinished || error instanceof BadTrace) return { failure: error.message }
    // not foreseen: the whole story is worth a look
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
