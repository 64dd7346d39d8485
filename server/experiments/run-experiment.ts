import { advance, createSimulation, summarise, takeFrame, type Summary } from '../../simulation/index'
import type { Experiment } from './experiment'

export interface Result extends Summary {
  id: string
  seed: number
  simulated: { seconds: number; requests: number }
  wallSeconds: number
}

/** Longest wait for requests still on their way when the arrivals end [simulated s]. */
const patience = 3600

/** Runs an experiment to the end of its arrivals and until every request has left. */
export function runExperiment({ id, scenario, duration, warmup }: Experiment): Result {
  const started = performance.now()
  const simulation = createSimulation(endingAt(scenario, duration))
  advance(simulation, warmup)
  const warm = structuredClone(simulation)
  advance(simulation, duration)
  let seconds = duration
  while (simulation.fleet.requests.inFlight > 0 && seconds < duration + patience) advance(simulation, (seconds += 1))
  return {
    id,
    seed: scenario.seed,
    ...summarise(warm, simulation),
    simulated: { seconds, requests: takeFrame(simulation, 0).totals.arrived },
    wallSeconds: (performance.now() - started) / 1000,
  }
}

/** The scenario with its arrivals cut off at a time. */
function endingAt(scenario: Experiment['scenario'], duration: number): Experiment['scenario'] {
  const workloads = scenario.fleet.workloads.map(workload => {
    if (workload.arrivals === null || workload.arrivals.kind === 'trace') return workload
    let left = duration
    const stages = workload.arrivals.stages.map(stage => {
      const kept = Math.max(0, Math.min(stage.duration, left))
      left -= kept
      return { ...stage, duration: kept }
    })
    return { ...workload, arrivals: { ...workload.arrivals, stages } }
  })
  return { ...scenario, fleet: { ...scenario.fleet, workloads } }
}
