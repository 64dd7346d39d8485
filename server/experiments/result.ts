import {
  summarisePool,
  summariseTraining,
  summariseWorkload,
  timeOf,
  type PoolSummary,
  type TrainingSummary,
  type Simulation,
  type Workload,
  type WorkloadSummary,
} from '../../simulation/index'
import { cohortsBetween, stageCohorts } from './cohorts'
import type { Experiment } from './experiment'
import type { CheckedChoice } from './traces'

/** What an experiment has shown; one line of output. */
export interface Result {
  id: string
  seed: number
  /** Of the requests that arrived after the warm-up, whenever they left. */
  workloads: Record<string, WorkloadSummary & { stages: WorkloadSummary[] }>
  /** Of training jobs, from the start of the run. */
  training: Record<string, TrainingSummary>
  /** From the warm-up until the last request had left. */
  pools: Record<string, PoolSummary>
  simulated: { seconds: number; requests: number; steps: number }
  wallSeconds: number
}

/** A run that is over. */
interface Run {
  simulation: Simulation
  /** Its state when the warm-up ended. */
  warm: Simulation
  /** When the arrivals ended [simulated s]. */
  end: number
  wallSeconds: number
}

export function resultOf(
  { id, scenario, warmup }: Experiment,
  traces: readonly CheckedChoice[],
  { simulation, warm, end, wallSeconds }: Run,
): Result {
  // requests come until the experiment ends, or their file is over
  const endOf = (workload: Workload): number =>
    Math.min(end, ...traces.filter(trace => trace.workload === workload.id).map(({ span }) => span))
  const { pools, workloads } = simulation.scenario.fleet
  const { flow, pool } = simulation.fleet.telemetry
  return {
    id,
    seed: scenario.seed,
    workloads: Object.fromEntries(
      workloads.flatMap((workload, index) => {
        if (workload.kind === 'training') return []
        const [from, to] = workload.arrivals?.kind === 'closed' ? [0, timeOf(simulation)] : [warmup, endOf(workload)]
        return [[workload.id, workloadResult(simulation, index, from, to)]]
      }),
    ),
    training: Object.fromEntries(
      workloads.flatMap((workload, index) =>
        workload.kind === 'training' ? [[workload.id, summariseTraining(simulation, index)]] : [],
      ),
    ),
    pools: Object.fromEntries(pools.map(({ id }, index) => [id, summarisePool(warm, simulation, index)])),
    simulated: { seconds: timeOf(simulation), requests: sum(flow.arrived), steps: sum(pool.steps) },
    wallSeconds,
  }
}

/** Figures of a workload whose requests come, and count, from one time to another [s]. */
function workloadResult(simulation: Simulation, index: number, from: number, to: number): Result['workloads'][string] {
  const workload = simulation.scenario.fleet.workloads[index]
  if (!workload) throw new RangeError(`result: no workload ${index}`)
  return {
    ...summariseWorkload(simulation, index, cohortsBetween(workload, from, Infinity, from), to - from),
    stages: stageCohorts(workload, from).map(({ cohorts, seconds }) =>
      summariseWorkload(simulation, index, cohorts, seconds),
    ),
  }
}

function sum(column: Float64Array): number {
  return column.reduce((all, value) => all + value, 0)
}
