import { f64 } from './columns'
import type { Fleet } from './catalog/fleets'
import { createFaults, type FaultState } from './faults/fault-state'
import { passTime } from './faults/faults'
import { rebuildRouters, trainUntil } from './faults/settle'
import { createStream } from './random'
import { createPicker, look, type PickerState } from './routing/picker'
import { openRouter } from './routing/open-routes'
import { activeMirrors, type Mirrors } from './routing/mirrors'
import { mirrorRequests } from './routing/open-mirrors'
import type { Routing } from './routing/routing'
import { createFlowTable, flowsOf, mirrorFlowsOf, type Flow } from './serving/flows'
import type { FleetState } from './serving/fleet-state'
import { createHealth, endFailed } from './serving/health'
import { endTransfers, retryTurnedAway, sendHandOffs } from './serving/hand-off'
import { createNetwork } from './serving/network'
import { createPools, type PoolState } from './serving/pool'
import { isQueryPool, isTokenPool } from './serving/pool-kinds'
import { createPrefixCache } from './serving/prefix-cache'
import { settle, serveTokens } from './serving/replica'
import { createReplicas } from './serving/replicas'
import { createRequests } from './serving/requests'
import { createRunning } from './serving/running'
import { serveQueries } from './serving/single-shot'
import { createTraining } from './serving/training'
import { state } from './state'
import { sample } from './telemetry/sample'
import { adoptTelemetry, createTelemetry, SLICE, turnSlice, type Telemetry } from './telemetry/telemetry'
import { arriveNext } from './traffic/arrive'
import { createSource, knownUntil, nextTime } from './traffic/source'
import { createWorkload, type WorkloadState } from './traffic/workload-state'

/**
 * Seconds of one tick, where the fleet does not say: replicas work apart from each other within it, and what one sends
 * another comes when it is over.
 */
export const TICK = 0.05

/** More steps than a request takes. */
const anyLeap = 1073741824
/** Age that the pickers' snapshot of the replicas reaches [s]: real ones scrape every 50 to 100 ms. */
const snapshotAge = 0.05
/** Seconds from one frame to the next possible one. */
export const SAMPLE = 0.25

/** A fleet under a seed: with the routing changes and their times, all that a run is. */
export interface Scenario {
  fleet: Fleet
  seed: number
  /** Most decode steps taken as one; 1 steps naively: the same counts and times, only slower. */
  longestLeap?: number
}

/** Pools that one thread simulates apart from the others, and the telemetry that all share. */
export interface Shard {
  pools: number[]
  telemetry: Telemetry
  /** Its requests are supplied afterwards. */
  unfed?: true
}

/** The whole state of a run, plain data: `structuredClone` forks it. */
export interface Simulation {
  scenario: Scenario
  /** Ticks done since the start, and how many make a second. */
  ticks: number
  ticksPerSecond: number
  revision: number
  routing: Routing
  mirrors: Mirrors
  flows: Flow[]
  /** Those of copies, which lie behind the others in the columns. */
  mirrored: Flow[]
  fleet: FleetState
  faults: FaultState
}

/** A run at time 0, of the whole fleet or of one shard of it. */
export function createSimulation(scenario: Scenario, shard?: Shard): Simulation {
  const { fleet, seed } = scenario
  const flows = flowsOf(fleet)
  const mirrored = mirrorFlowsOf(fleet)
  const pools = createPools(fleet, flows, mirrored, pool => !shard || shard.pools.includes(pool))
  const own = pools.filter(pool => pool.own)
  const health = createHealth(pools, seed)
  return {
    scenario,
    ticks: 0,
    ticksPerSecond: Math.round(1 / (fleet.tick ?? TICK)),
    revision: 1,
    routing: fleet.routing,
    mirrors: {},
    flows,
    mirrored,
    fleet: state({
      now: 0,
      workloads: fleet.workloads.map((workload, index) =>
        createWorkload(fleet, workload, {
          source: shard?.unfed ? { kind: 'none' } : createSource(workload, seed),
          router: openRouter(fleet, flows, health, index, fleet.routing[workload.id] ?? []),
          seed,
        }),
      ),
      pools,
      own,
      pickers: pools.map(pool => createPicker(pool.picker, pool, createStream(seed, `picker ${pool.id}`))),
      flows: createFlowTable(fleet, flows, mirrored),
      requests: createRequests(),
      replicas: createReplicas(own),
      running: createRunning(own.reduce((sum, pool) => sum + pool.slots, 0)),
      prefixes: createPrefixCache(fleet, own),
      network: createNetwork(fleet, own),
      health,
      training: createTraining(fleet, flows),
      telemetry: shard
        ? adoptTelemetry(shard.telemetry)
        : createTelemetry(flows.length + mirrored.length, pools.length),
      longestLeap: Math.min(scenario.longestLeap ?? anyLeap, anyLeap),
    }),
    faults: createFaults(fleet, pools, seed),
  }
}

/** Simulated time [s]. */
export function timeOf(simulation: Simulation): number {
  return simulation.ticks / simulation.ticksPerSecond
}

/** Runs to the last tick at or before a time [s]; the result does not depend on how a run is cut into calls. */
export function advance(simulation: Simulation, time: number): void {
  const last = Math.floor(time * simulation.ticksPerSecond + 1e-6)
  while (simulation.ticks < last) tick(simulation)
}

/** Brings all figures of a run that goes no further up to the present. */
export function finish(simulation: Simulation): void {
  const { ticks, ticksPerSecond } = simulation
  const rest = (ticks % Math.round(SLICE * ticksPerSecond)) / ticksPerSecond
  if (rest > 0) settleAll(simulation, ticks / ticksPerSecond, rest)
}

/**
 * Puts a checked routing in force for requests that arrive from now on, and checked mirrors; workloads left out keep their
 * shares and mirrors.
 */
export function setRouting(simulation: Simulation, routing: Routing, revision: number, mirrors: Mirrors = {}): void {
  simulation.routing = { ...simulation.routing, ...routing }
  simulation.mirrors = activeMirrors({ ...simulation.mirrors, ...mirrors })
  rebuildRouters(simulation, Object.keys(routing))
  mirrorRequests(simulation, simulation.mirrors)
  simulation.revision = revision
}

/** One tick: what goes wrong → snapshot for the pickers → arrivals → every replica apart → what goes from one to another → count. */
function tick(simulation: Simulation): void {
  const { fleet, ticksPerSecond } = simulation
  const { replicas } = fleet
  if (simulation.faults.due <= timeOf(simulation)) passTime(simulation, timeOf(simulation))
  const every = (seconds: number): number => Math.max(1, Math.round(seconds * ticksPerSecond))
  if (simulation.ticks % every(snapshotAge) === 0)
    for (const { index } of fleet.own) look(fleet.pickers[index] as PickerState, replicas.outstanding)
  simulation.ticks++
  const end = timeOf(simulation)
  fleet.now = end
  fleet.workloads.forEach((workload, index) => arriveUntil(fleet, index, workload, end))
  for (const pool of fleet.own) serve(fleet, pool, end)
  retryTurnedAway(fleet)
  sendHandOffs(fleet)
  endTransfers(fleet, end)
  endFailed(fleet)
  if (simulation.ticks % every(SLICE) === 0) observe(simulation, end)
}

/** Sends the requests that arrive before a time to their replicas. */
function arriveUntil(fleet: FleetState, index: number, workload: WorkloadState, end: number): void {
  if (knownUntil(workload.source) < end) {
    const fed = knownUntil(workload.source)
    throw new Error(`workload ${workload.id}: its trace is fed up to ${fed} s, the run cannot go on to ${end} s`)
  }
  while (nextTime(workload.source) < end) arriveNext(fleet, index, workload)
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

/** Brings counters up to the present, samples the fleet and turns to the next slice of the window. */
function observe(simulation: Simulation, time: number): void {
  const { fleet } = simulation
  settleAll(simulation, time, SLICE)
  turnSlice(fleet.telemetry, fleet.own)
}

/** Counts what is under way up to a time [s], and samples the `seconds` since the last sample. */
function settleAll(simulation: Simulation, time: number, seconds: number): void {
  const { fleet } = simulation
  for (const pool of fleet.own) {
    if (isTokenPool(pool)) settle(fleet, pool, time)
    else if (pool.serving.kind === 'training') trainUntil(simulation, pool, time)
  }
  sample(fleet, seconds)
}
