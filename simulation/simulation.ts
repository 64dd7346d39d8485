import { addF64, f64 } from './columns'
import type { Fleet } from './catalog/fleets'
import { createStream } from './random'
import { createPicker, look, pick, type PickerState } from './routing/picker'
import { createRouter, routeNext, type Router } from './routing/router'
import type { Route, Routing } from './routing/routing'
import { flowsOf, type Flow } from './serving/flows'
import type { FleetState } from './serving/fleet-state'
import { createPoolState, type PoolState } from './serving/pool'
import { send } from './serving/queue'
import { settleLeap, serveTokens, type TokenPool } from './serving/replica'
import { createReplicas } from './serving/replicas'
import { createRequests, takeSlot } from './serving/requests'
import { createRunning } from './serving/running'
import { serveQueries, type QueryPool } from './serving/single-shot'
import { train } from './serving/training'
import { sample } from './telemetry/sample'
import { createTelemetry, SLICE, turnSlice } from './telemetry/telemetry'
import { createSource, knownUntil, nextTime, takeRequest, type RequestSource } from './traffic/source'

/** Seconds of one tick: replicas work apart from each other within it, and pickers see the state at its start. */
export const TICK = 0.05
/** Ticks from one sample of the fleet to the next; frames lie on samples. */
const ticksPerSample = 5
export const SAMPLE = TICK * ticksPerSample

/** A fleet under a seed: with the routing changes and their times, all that a run is. */
export interface Scenario {
  fleet: Fleet
  seed: number
  /** Most decode steps taken as one; 1 steps naively: the same counts and times, only slower. */
  longestLeap?: number
}

/** Requests of one workload: where they come from and where they go. */
interface WorkloadState {
  id: string
  source: RequestSource
  router: Router
  /** Takes no requests: its router says which pools it holds. */
  training: boolean
}

/** The whole state of a run, plain data: `structuredClone` forks it. */
export interface Simulation {
  scenario: Scenario
  /** Ticks done since the start. */
  ticks: number
  revision: number
  routing: Routing
  flows: Flow[]
  workloads: WorkloadState[]
  pickers: PickerState[]
  fleet: FleetState
}

export function createSimulation(scenario: Scenario): Simulation {
  const { fleet, seed } = scenario
  const flows = flowsOf(fleet)
  const pools = createPools(fleet, flows)
  return {
    scenario,
    ticks: 0,
    revision: 1,
    routing: fleet.routing,
    flows,
    workloads: fleet.workloads.map((workload, index) => ({
      id: workload.id,
      source: createSource(workload, seed),
      router: routerOf(fleet, flows, index, fleet.routing[workload.id] ?? []),
      training: workload.kind === 'training',
    })),
    pickers: pools.map(pool => createPicker(pool.picker, pool, createStream(seed, `picker ${pool.id}`))),
    fleet: {
      pools,
      objectives: objectivesOf(fleet, flows),
      requests: createRequests(),
      replicas: createReplicas(pools),
      running: createRunning(pools.reduce((sum, pool) => sum + pool.replicas, 0)),
      telemetry: createTelemetry(flows.length, pools.length),
      longestLeap: scenario.longestLeap ?? Infinity,
    },
  }
}

/** Simulated time [s]. */
export function timeOf(simulation: Simulation): number {
  return simulation.ticks * TICK
}

/** Runs to the last tick at or before a time [s]; the result does not depend on how a run is cut into calls. */
export function advance(simulation: Simulation, time: number): void {
  const last = Math.floor(time / TICK + 1e-6)
  while (simulation.ticks < last) tick(simulation)
}

/** Puts a checked routing in force for requests that arrive from now on; workloads left out keep their shares. */
export function setRouting(simulation: Simulation, routing: Routing, revision: number): void {
  const { scenario, flows } = simulation
  simulation.workloads.forEach((workload, index) => {
    const routes = routing[workload.id]
    if (routes) workload.router = routerOf(scenario.fleet, flows, index, routes)
  })
  simulation.routing = { ...simulation.routing, ...routing }
  simulation.revision = revision
}

/** One tick: snapshot for the pickers → arrivals → every replica apart → count. */
function tick(simulation: Simulation): void {
  const { fleet, pickers } = simulation
  const end = (simulation.ticks + 1) * TICK
  for (const picker of pickers) look(picker, fleet.replicas.outstanding)
  simulation.workloads.forEach(workload => arrive(simulation, workload, end))
  for (const pool of fleet.pools) serve(fleet, pool, end)
  simulation.ticks++
  if (simulation.ticks % ticksPerSample === 0) observe(simulation, end)
}

/** Sends the requests that arrive before a time to their replicas. */
function arrive(simulation: Simulation, workload: WorkloadState, end: number): void {
  const { fleet, pickers, flows } = simulation
  const { requests, telemetry } = fleet
  if (knownUntil(workload.source) < end) {
    const fed = knownUntil(workload.source)
    throw new Error(`workload ${workload.id}: its trace is fed up to ${fed} s, the run cannot go on to ${end} s`)
  }
  while (nextTime(workload.source) < end) {
    const { time, prompt, output } = takeRequest(workload.source)
    const flow = routeNext(workload.router)
    const poolIndex = (flows[flow] as Flow).pool
    const pool = fleet.pools[poolIndex] as PoolState
    const request = takeSlot(requests)
    requests.flow[request] = flow
    requests.prompt[request] = prompt
    requests.output[request] = output
    requests.arrival[request] = time
    requests.ready[request] = time + ingestTime(pool, prompt)
    addF64(telemetry.flow.arrived, flow, 1)
    send(fleet.replicas, requests, pick(pickers[poolIndex] as PickerState), request)
  }
}

/** From arrival until a step may take the request, or it is rejected as longer than the context [s]: tokenising, scheduling. */
function ingestTime({ serving }: PoolState, prompt: number): number {
  if (serving.kind !== 'tokens') return 0
  return serving.step.ingest + serving.step.ingestPerToken * Math.min(prompt, serving.context)
}

function serve(fleet: FleetState, pool: PoolState, end: number): void {
  const { due } = fleet.replicas
  const last = pool.first + pool.replicas
  if (isTokenPool(pool)) {
    for (let i = pool.first; i < last; i++) if (f64(due, i) <= end) serveTokens(fleet, pool, i, end)
  } else if (isQueryPool(pool)) {
    for (let i = pool.first; i < last; i++) if (f64(due, i) <= end) serveQueries(fleet, pool, i, end)
  }
}

/** Brings counters up to the present and samples the fleet; every second a new slice of the window starts. */
function observe(simulation: Simulation, time: number): void {
  const { fleet } = simulation
  for (const pool of fleet.pools) {
    if (isTokenPool(pool)) {
      for (let i = 0; i < pool.replicas; i++) settleLeap(fleet, pool, pool.first + i, time)
    }
  }
  for (const workload of simulation.workloads) {
    if (workload.training) train(fleet, simulation.flows, workload.router, SAMPLE)
  }
  sample(fleet, SAMPLE)
  if (simulation.ticks % Math.round(SLICE / TICK) === 0) turnSlice(fleet.telemetry)
}

function createPools(fleet: Fleet, flows: readonly Flow[]): PoolState[] {
  let first = 0
  return fleet.pools.map((pool, index) => {
    const firstFlow = flows.findIndex(flow => flow.pool === index)
    const state = createPoolState(pool, {
      first,
      firstFlow: Math.max(0, firstFlow),
      flows: flows.filter(flow => flow.pool === index).length,
    })
    first += pool.replicas
    return state
  })
}

function routerOf(fleet: Fleet, flows: readonly Flow[], workload: number, routes: readonly Route[]): Router {
  return createRouter(
    routes.map(({ decode, share }) => ({
      share,
      flow: flows.findIndex(flow => flow.workload === workload && fleet.pools[flow.pool]?.id === decode),
    })),
  )
}

function objectivesOf(fleet: Fleet, flows: readonly Flow[]): FleetState['objectives'] {
  const column = (name: 'ttft' | 'tpot' | 'e2e'): Float64Array =>
    Float64Array.from(flows, flow => fleet.workloads[flow.workload]?.objectives[name] ?? Infinity)
  return { ttft: column('ttft'), tpot: column('tpot'), e2e: column('e2e') }
}

function isTokenPool(pool: PoolState): pool is TokenPool {
  return pool.serving.kind === 'tokens'
}

function isQueryPool(pool: PoolState): pool is QueryPool {
  return pool.serving.kind === 'single-shot'
}
