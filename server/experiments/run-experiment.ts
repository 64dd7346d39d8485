import {
  advance,
  createSimulation,
  summarisePool,
  summariseWorkload,
  takeFrame,
  type PoolSummary,
  type Workload,
  type WorkloadSummary,
} from '../../simulation/index'
import type { Experiment } from './experiment'

export interface Result {
  id: string
  seed: number
  workloads: Record<string, WorkloadSummary>
  pools: Record<string, PoolSummary>
  simulated: { seconds: number; requests: number; steps: number }
  wallSeconds: number
}

/** Longest wait for requests still on their way when the arrivals end [simulated s]. */
const patience = 3600

/** Runs an experiment to the end of its arrivals and until every request has left. */
export function runExperiment({ id, scenario, duration, warmup }: Experiment): Result {
  const started = performance.now()
  const { fleet } = scenario
  const workloads = fleet.workloads.map(workload => withCohort(endingAt(workload, duration), warmup))
  const simulation = createSimulation({ ...scenario, fleet: { ...fleet, workloads } })
  advance(simulation, warmup)
  const warm = structuredClone(simulation)
  advance(simulation, duration)
  let seconds = duration
  while (simulation.fleet.requests.inFlight > 0 && seconds < duration + patience) advance(simulation, (seconds += 1))
  const { steps } = simulation.fleet.telemetry.pool
  return {
    id,
    seed: scenario.seed,
    workloads: Object.fromEntries(
      workloads.map((workload, index) => [
        workload.id,
        summariseWorkload(simulation, index, [workload.cohorts?.length ?? 0], duration - warmup),
      ]),
    ),
    pools: Object.fromEntries(fleet.pools.map((pool, index) => [pool.id, summarisePool(warm, simulation, index)])),
    simulated: {
      seconds,
      requests: takeFrame(simulation, 0).totals.arrived,
      steps: steps.reduce((sum, count) => sum + count, 0),
    },
    wallSeconds: (performance.now() - started) / 1000,
  }
}

/** The requests that arrive after the warm-up as a cohort of their own. */
function withCohort(workload: Workload, warmup: number): Workload {
  return warmup > 0 ? { ...workload, cohorts: [warmup] } : workload
}

/** The workload with its arrivals cut off at a time. */
function endingAt(workload: Workload, duration: number): Workload {
  const { arrivals } = workload
  if (arrivals === null || arrivals.kind === 'trace' || arrivals.kind === 'closed') return workload
  let left = duration
  const stages = arrivals.stages.map(stage => {
    const kept = Math.max(0, Math.min(stage.duration, left))
    left -= kept
    return { ...stage, duration: kept }
  })
  return { ...workload, arrivals: { ...arrivals, stages } }
}
