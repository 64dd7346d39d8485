import { createArrivals, nextArrival, restartArrivals } from '../traffic/arrivals'
import { createStream } from '../random'
import { mirrorRequests } from '../routing/open-mirrors'
import type { Routing } from '../routing/routing'
import { createSimulation, timeOf, type Shard, type Simulation } from '../simulation'
import { createTelemetry, flowGrowth, windowLength } from '../telemetry/telemetry'
import { createSampler } from '../traffic/lengths'
import type { RequestSource } from '../traffic/source'
import { NONE } from '../serving/requests'
import type { Sessions } from '../traffic/sessions'
import type { Fleet } from '../catalog/fleets'
import { copyReplicas } from './copy-replicas'
import { copyTroubles } from './copy-troubles'
import { thinFleet, thinMirrors, type Thinning } from './thin-fleet'

/** What a forecast looks at. */
export interface ForkPlan {
  routing: Routing
  /** Of the forecast's own draws: it must not see the future of the run. Two routings on one seed see the same requests. */
  seed: number
  thinning: Thinning
  /** Simulated seconds told by one second of the fork: rates change that much faster, queues do not. */
  pace: number
  /** By index, the pools that are simulated, with the workloads that they serve; all without it. See `separateParts`. */
  pools?: readonly number[]
}

/** The whole fleet, second by second. */
export const whole: Pick<ForkPlan, 'thinning' | 'pace'> = { thinning: { tokens: Infinity, queries: Infinity }, pace: 1 }

/** Some replicas of each pool, a twentieth of the seconds: a first answer while one waits for it. */
export const thinned: Pick<ForkPlan, 'thinning' | 'pace'> = { thinning: { tokens: 16, queries: 1 }, pace: 20 }

/** Two replicas of each pool, every second: queues that take minutes to build up are seen, though few replicas balance less. */
export const narrow: Pick<ForkPlan, 'thinning' | 'pace'> = { thinning: { tokens: 2, queries: 1 }, pace: 1 }

/**
 * A run of its own from the present state of another, which stays as it is: the same requests under way on the kept
 * replicas, from now on requests drawn anew and routed as the plan says. Its figures count from now on.
 */
export function fork(simulation: Simulation, { routing, seed, thinning, pace, pools }: ForkPlan): Simulation {
  const { scenario, revision } = simulation
  const { fleet, parts } = thinFleet(presentFleet(simulation), { ...simulation.routing, ...routing }, thinning)
  const rows = simulation.flows.length + simulation.mirrored.length
  const telemetry = createTelemetry(rows, fleet.pools.length, { window: false })
  const shard: Shard = { pools: [...(pools ?? fleet.pools.keys())], telemetry, unfed: true }
  const copy = createSimulation({ ...scenario, fleet, seed }, shard)
  const now = timeOf(simulation)
  copy.ticks = simulation.ticks
  copy.revision = revision
  copy.fleet.now = simulation.fleet.now
  copy.fleet.workloads.forEach((workload, index) => {
    const original = simulation.fleet.workloads[index]
    if (!original) throw new RangeError(`fork: no workload ${index}`)
    workload.sessions = sessionsFrom(original.sessions)
    workload.cohort = original.cohort
    workload.nextCohort = Infinity
    const told = !pools || simulation.flows.some(flow => flow.workload === index && pools.includes(flow.pool))
    if (told) workload.source = sourceFrom(simulation, index, { seed, now, part: parts[workload.id] ?? 1, pace })
  })
  copy.mirrors = simulation.mirrors
  mirrorRequests(copy, thinMirrors(presentFleet(simulation), simulation.mirrors, parts, thinning))
  copyReplicas(simulation.fleet, copy.fleet)
  copyTroubles(simulation, copy, now, pace)
  return copy
}

/** The fleet of a run with the replicas that its pools have now. */
function presentFleet({ scenario, fleet }: Simulation): Fleet {
  const pools = scenario.fleet.pools.map((pool, index) => {
    const replicas = fleet.pools[index]?.replicas ?? pool.replicas
    return replicas === pool.replicas ? pool : { ...pool, replicas, capacity: pool.capacity ?? pool.replicas }
  })
  return { ...scenario.fleet, pools }
}

/** What users have said so far; they ask anew, and are busy only with requests that come along. */
function sessionsFrom(sessions: Sessions | null): Sessions | null {
  if (sessions === null) return null
  const { said, taken, home } = sessions
  return {
    ...sessions,
    said: said.slice(),
    taken: taken.slice(),
    waiting: sessions.waiting.map(() => []),
    busy: new Uint8Array(said.length),
    home: new Int32Array(home.length).fill(NONE),
  }
}

interface Restart {
  seed: number
  now: number
  /** Of the requests. */
  part: number
  pace: number
}

/** Requests of a workload from now on, drawn anew: from its statistics, or as many as came of late. */
function sourceFrom(simulation: Simulation, index: number, { seed, now, part, pace }: Restart): RequestSource {
  const workload = simulation.scenario.fleet.workloads[index]
  const source = simulation.fleet.workloads[index]?.source
  if (!workload || !source || source.kind === 'none') return { kind: 'none' }
  const lengths = createStream(seed, `forecast lengths ${workload.id}`)
  const gaps = createStream(seed, `forecast arrivals ${workload.id}`)
  const { prompt, output } =
    source.kind === 'trace'
      ? { prompt: createSampler(workload.promptTokens), output: createSampler(workload.outputTokens) }
      : source
  const samplers = { prompt, output, lengths }
  if (source.kind === 'closed') return { ...source, ...samplers, starting: 0 }
  const arrivals =
    source.kind === 'drawn'
      ? restartArrivals(source.arrivals, now, part, pace)
      : createArrivals(
          { kind: 'poisson', stages: [{ duration: Infinity, rate: part * recentRate(simulation, index) }] },
          now,
        )
  return { kind: 'drawn', next: nextArrival(arrivals, gaps), arrivals, gaps, ...samplers }
}

/** Requests of a workload that came over the window [1/s]. */
function recentRate({ fleet: { telemetry }, flows }: Simulation, workload: number): number {
  const window = windowLength(telemetry)
  if (window === 0) return 0
  return flows.reduce(
    (sum, flow, index) => (flow.workload === workload ? sum + flowGrowth(telemetry, 'arrived', index) / window : sum),
    0,
  )
}
