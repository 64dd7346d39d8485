import { createSimulation, finish, keepCounters, timeOf, type Simulation } from '../../simulation/index'
import { cohortsOf } from './cohorts'
import { createAdvance } from './commands'
import type { Experiment } from './experiment'
import { resultOf, type Result } from './result'
import { createFeeds, type CheckedChoice, type ReadyExperiment } from './traces'
import { Unfinished } from './unfinished'

/** Simulated seconds at a time. */
const stride = 1
/** So long a run may do nothing at all while requests are under way [simulated s]. */
const patience = 3600
/** So long requests may take to leave after the last arrival, a closed loop included [simulated s]. */
const longestDrain = 1e6
/** More do not fit into memory. */
const mostInFlight = 10_000_000

/** Runs an experiment without traces to the end of its arrivals and until every request has left. Fails with `Unfinished`. */
export function runExperiment(experiment: Experiment): Result {
  const run = goThrough(experiment, [], createRun(experiment), arrivalsEnd(experiment, []))
  for (;;) {
    const { done, value } = run.next()
    if (done) return value
  }
}

/** The same with traces, which are read while it runs. */
export async function replayExperiment(experiment: ReadyExperiment): Promise<Result> {
  const { traces } = experiment
  const end = arrivalsEnd(experiment, traces)
  const simulation = createRun(experiment)
  const run = goThrough(experiment, traces, simulation, end)
  const feeds = createFeeds(simulation, experiment, end)
  try {
    for (;;) {
      const { done, value } = run.next()
      if (done) return value
      const feeding = feeds.feed(value)
      if (feeding) await feeding
    }
  } finally {
    await feeds.close()
  }
}

function createRun({ scenario, warmup }: Experiment): Simulation {
  const workloads = scenario.fleet.workloads.map(workload => ({ ...workload, cohorts: cohortsOf(workload, warmup) }))
  return createSimulation({ ...scenario, fleet: { ...scenario.fleet, workloads } })
}

/** When the last request comes at the latest that does not follow another [s]; 0 where all workloads are closed loops. */
function arrivalsEnd({ duration, scenario }: Experiment, traces: readonly CheckedChoice[]): number {
  const staged = scenario.fleet.workloads.some(({ arrivals }) => arrivals && 'stages' in arrivals)
  if (staged) return duration ?? 0
  return Math.min(duration ?? Infinity, Math.max(0, ...traces.map(({ span }) => span)))
}

/** The run in stretches; yields the time before which all arrivals must be known [s] before it goes on to there. */
function* goThrough(
  experiment: Experiment,
  traces: readonly CheckedChoice[],
  simulation: Simulation,
  end: number,
): Generator<number, Result, void> {
  const started = performance.now()
  const go = createAdvance(simulation, experiment.commands)
  // pools are sampled by the second
  yield* advanceTo(simulation, go, Math.floor(experiment.warmup))
  const warm = keepCounters(simulation)
  yield* advanceTo(simulation, go, end)
  yield Infinity
  drain(simulation, go, end)
  finish(simulation)
  return resultOf(experiment, traces, { warm, simulation, end, wallSeconds: (performance.now() - started) / 1000 })
}

/** Runs to the first tick at or after a time [s]. */
function* advanceTo(simulation: Simulation, go: (time: number) => void, time: number): Generator<number, void, void> {
  const last = Math.ceil(time * simulation.ticksPerSecond - 1e-6) / simulation.ticksPerSecond
  while (timeOf(simulation) < last) {
    const next = Math.min(Math.floor(timeOf(simulation) / stride + 1) * stride, last)
    yield next
    go(next)
    const { inFlight } = simulation.fleet.requests
    if (inFlight > mostInFlight)
      throw new Unfinished(`${inFlight} requests are under way at ${next} s, expected at most ${mostInFlight}`)
  }
}

/** Runs tick by tick until every request has left. */
function drain(simulation: Simulation, go: (time: number) => void, end: number): void {
  const { ticksPerSecond } = simulation
  const { requests } = simulation.fleet
  let done = workDone(simulation)
  let nextLook = simulation.ticks + patience * ticksPerSecond
  do {
    go((simulation.ticks + 1) / ticksPerSecond)
    if (simulation.ticks < nextLook) continue
    nextLook += patience * ticksPerSecond
    const before = done
    done = workDone(simulation)
    const after = timeOf(simulation) - end
    if (done === before || after > longestDrain)
      throw new Unfinished(`${requests.inFlight} requests are still under way ${after} s after the last arrival`)
  } while (requests.inFlight > 0)
}

/** Grows as long as anything happens. */
function workDone({ fleet: { telemetry } }: Simulation): number {
  const { finished, rejected, cancelled, outputTokens } = telemetry.flow
  return [telemetry.pool.steps, finished, rejected, cancelled, outputTokens].reduce(
    (sum, column) => sum + column.reduce((all, value) => all + value, 0),
    0,
  )
}
