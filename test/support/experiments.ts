import { parseExperiment } from '../../server/experiments/experiment'
import type { Result } from '../../server/experiments/result'
import { runExperiment } from '../../server/experiments/run-experiment'

/** A pool of one H100 with Llama 3.1 8B, as an experiment says it. */
export const pool = { id: 'p', chip: 'h100', model: 'llama-3.1-8b', precision: 'fp8' }

/** Two requests a second, as an experiment says it. */
export const workload = {
  id: 'w',
  model: 'llama-3.1-8b',
  arrivals: { kind: 'poisson', stages: [{ duration: 60, rate: 2 }] },
  promptTokens: { kind: 'fixed', value: 100 },
  outputTokens: { kind: 'fixed', value: 20 },
}

/** Four seconds of one workload on one pool; say only what matters. */
export const experiment = { id: 'a', duration: 4, pools: [pool], workloads: [workload] }

export const withPool = (change: object) => ({ pools: [{ ...pool, ...change }] })
export const withWorkload = (change: object) => ({ workloads: [{ ...workload, ...change }] })

/** Runs an experiment that is right and names no file. */
export function run(change: object = {}): Result {
  const parsed = parseExperiment({ ...experiment, ...change })
  if ('expected' in parsed)
    throw new Error(`${parsed.field}: ${JSON.stringify(parsed.value)}, expected ${parsed.expected}`)
  return runExperiment(parsed)
}

/** What is the same in every run of an experiment. */
export function steady({ wallSeconds: _, ...result }: Result): Omit<Result, 'wallSeconds'> {
  return result
}
