import { SAMPLE, type Calibration, type MeasuredRun } from '../../simulation'
import { parseExperiment } from '../experiments/experiment'
import { runExperiment } from '../experiments/run-experiment'

/** The experiment that a measured run is, as a planner would write it. */
export function experimentOf(run: MeasuredRun): unknown {
  const { id, model, precision, tensorParallel, maxSequences, stepTokenBudget, kvBlocks } = run
  return {
    id,
    duration: run.stages.reduce((sum, { duration }) => sum + duration, 0),
    pools: [{ id: 'h100', chip: 'h100', model, precision, tensorParallel, maxSequences, stepTokenBudget, kvBlocks }],
    workloads: [
      {
        id: 'requests',
        model,
        arrivals: { kind: 'poisson', stages: run.stages.map(({ rate, duration }) => ({ rate, duration })) },
        promptTokens: { kind: 'fixed', value: run.prompt },
        outputTokens: { kind: 'fixed', value: run.output },
        sharedPrefix: { groups: 10, tokens: run.systemPrompt },
        sessions: { users: 100, turns: 1, repeat: true },
      },
    ],
    // nothing passes from one replica to another
    tick: SAMPLE,
  }
}

/** Simulated over measured, less 1, of a stage of a run. */
export interface StageErrors {
  model: string
  e2eMean: number
  e2eP90: number
  ttftMean: number
  ttftP90: number
  itl: number
}

/** Runs it in the simulation, with the coefficients given or those of the catalog. */
export function simulateRun(run: MeasuredRun, calibration?: Calibration): StageErrors[] {
  const experiment = parseExperiment(experimentOf(run))
  if (!('scenario' in experiment)) throw new Error(`${run.id}: ${JSON.stringify(experiment)}`)
  const { scenario } = experiment
  const fleet = calibration ? { ...scenario.fleet, calibrations: [calibration] } : scenario.fleet
  const stages = runExperiment({ ...experiment, scenario: { ...scenario, fleet } }).workloads.requests?.stages ?? []
  return run.stages.map(({ times }, index) => {
    const simulated = stages[index]
    const errorOf = (time: number | null | undefined, measured: number): number => {
      if (typeof time !== 'number') throw new Error(`${run.id}: stage ${index} has no figure`)
      return time / measured - 1
    }
    return {
      model: run.model,
      e2eMean: errorOf(simulated?.e2e.mean, times.e2e.mean),
      e2eP90: errorOf(simulated?.e2e.p90, times.e2e.p90),
      ttftMean: errorOf(simulated?.ttft.mean, times.ttft.mean),
      ttftP90: errorOf(simulated?.ttft.p90, times.ttft.p90),
      itl: errorOf(simulated?.itl.mean, times.itl),
    }
  })
}
