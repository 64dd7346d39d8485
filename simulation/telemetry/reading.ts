import { f64, i32 } from '../columns'
import { meanChipHour } from '../faults/prices'
import type { Flow } from '../serving/flows'
import { mirrorsOf, range, rowsOf, type PoolState } from '../serving/pool'
import { timeOf, type Simulation } from '../simulation'
import { HOUR } from '../units'
import type { Figure } from './frame'
import { emptyHistogram, type Histogram } from './histogram'
import {
  flowGrowth,
  newestBins,
  poolGrowth,
  WINDOW,
  windowLength,
  type FlowCounter,
  type PoolCounter,
  type Telemetry,
} from './telemetry'

/** How the counters of a run grew over a stretch of time: what rates, costs and energies are computed from. */
export interface Reading {
  simulation: Simulation
  /** Length of the stretch [s]. */
  seconds: number
  /** Growth of a counter by the second, of flows or pools together. */
  flowRate(counter: FlowCounter, flows: readonly number[]): number
  poolRate(counter: PoolCounter, pools: readonly number[]): number
  /**
   * Part of the time of its pool's replicas that each flow used (0 to 1). A step is counted as it starts, so that a full
   * pool may seem to use more time than there is: then its flows share all of it.
   */
  shares: Float64Array
  /** Mean number of replicas that each pool had. */
  replicas: number[]
  /** What all replicas of each pool cost [$/s]; `null` where no price is public. */
  costs: Figure[]
  /** Times of the window by bin; and those of a flow and timing as pairs of bin and samples, once they have been looked at. */
  samples: Int32Array
  sparse: (Int32Array | undefined)[]
  /** Empty, to merge samples in. */
  histogram: Histogram
}

/** The flows and pools that a row of figures is about; `mirrored` are the flows of copies that are a load of these pools. */
export interface Selection {
  flows: number[]
  mirrored: number[]
  pools: number[]
}

/** Over the window of the newest frame, or over its newest whole seconds. */
export function readWindow(simulation: Simulation, seconds = WINDOW): Reading {
  const { telemetry } = simulation.fleet
  const reading = createReading(
    simulation,
    windowLength(telemetry, seconds),
    (counter, flow) => flowGrowth(telemetry, counter, flow, seconds),
    (counter, pool) => poolGrowth(telemetry, counter, pool, seconds),
  )
  return seconds === WINDOW ? reading : { ...reading, samples: newestBins(telemetry, seconds) }
}

/** From an earlier state of a run, or its start, to now. */
export function readSince(before: Simulation | null, now: Simulation): Reading {
  const { flow, pool } = now.fleet.telemetry
  const past = before?.fleet.telemetry
  return createReading(
    now,
    timeOf(now) - (before ? timeOf(before) : 0),
    (counter, row) => f64(flow[counter], row) - (past ? f64(past.flow[counter], row) : 0),
    (counter, row) => f64(pool[counter], row) - (past ? f64(past.pool[counter], row) : 0),
  )
}

/** Where counters stand, and over how many seconds of how much of the fleet they grew since. */
export interface Stretch {
  before: Pick<Telemetry, 'flow' | 'pool'>
  seconds: number
  /** Replicas of the fleet that each replica of a pool stands for. */
  standsFor: readonly number[]
}

/** From earlier counters of a run to now, of a fleet of which the run simulates a part. */
export function readStretch(now: Simulation, { before, seconds, standsFor }: Stretch): Reading {
  const { flow, pool } = now.fleet.telemetry
  const weightOf = (index: number): number => standsFor[index] ?? 1
  return createReading(
    now,
    seconds,
    (counter, row) =>
      weightOf(i32(now.fleet.flows.pool, row)) * (f64(flow[counter], row) - f64(before.flow[counter], row)),
    (counter, row) => weightOf(row) * (f64(pool[counter], row) - f64(before.pool[counter], row)),
    weightOf,
  )
}

/** Pools of some kind, and what they serve. */
export function selectPools({ simulation }: Reading, isPool: (index: number) => boolean = () => true): Selection {
  const { flows, fleet } = simulation
  const pools = fleet.pools.filter(({ index }) => isPool(index))
  return {
    flows: [...flows.keys()].filter(index => isPool((flows[index] as Flow).pool)),
    mirrored: pools.flatMap(mirrorsOf),
    pools: pools.map(({ index }) => index),
  }
}

/** Flows of a workload, on all pools. */
export function selectWorkload({ simulation }: Reading, workload: number): Selection {
  const { flows, fleet } = simulation
  return {
    flows: [...flows.keys()].filter(index => (flows[index] as Flow).workload === workload),
    mirrored: [],
    pools: [...fleet.pools.keys()],
  }
}

/** Flows of a pool. */
export function flowsOfPool({ firstFlow, flows }: PoolState): number[] {
  return range(firstFlow, flows)
}

export function poolOf({ simulation }: Reading, flow: number): PoolState {
  return poolAt(simulation, i32(simulation.fleet.flows.pool, flow))
}

export function poolAt(simulation: Simulation, index: number): PoolState {
  return simulation.fleet.pools[index] as PoolState
}

/** The flows of pools that make tokens. */
export function tokenFlows(reading: Reading, flows: readonly number[]): number[] {
  return flows.filter(flow => poolOf(reading, flow).serving.kind === 'tokens')
}

function createReading(
  simulation: Simulation,
  seconds: number,
  flowGrown: (counter: FlowCounter, flow: number) => number,
  poolGrown: (counter: PoolCounter, pool: number) => number,
  standsFor: (pool: number) => number = () => 1,
): Reading {
  const flowRows = simulation.fleet.flows.pool.length
  const flowColumn = keepColumns(flowRows, flowGrown)
  const poolColumn = keepColumns(simulation.fleet.pools.length, poolGrown)
  const rate = (rows: readonly number[], column: Float64Array): number =>
    seconds > 0 ? rows.reduce((sum, row) => sum + f64(column, row), 0) / seconds : 0
  const shares = new Float64Array(flowRows)
  const { pools, health } = simulation.fleet
  const replicas = pools.map(({ index, replicas }) =>
    health.moved[index] === 1 && seconds > 0 ? poolGrown('provisioned', index) / seconds : standsFor(index) * replicas,
  )
  for (const pool of pools) {
    const own = rowsOf(pool)
    const busy = own.reduce((sum, flow) => sum + flowGrown('busy', flow), 0)
    const time = Math.max((replicas[pool.index] ?? 0) * seconds, busy)
    if (time > 0) for (const flow of own) shares[flow] = flowGrown('busy', flow) / time
  }
  return {
    simulation,
    seconds,
    flowRate: (counter, flows) => rate(flows, flowColumn(counter)),
    poolRate: (counter, pools) => rate(pools, poolColumn(counter)),
    shares,
    replicas,
    costs: pools.map(pool => poolCost(simulation, pool, replicas[pool.index] ?? 0, seconds)),
    samples: simulation.fleet.telemetry.windowBins,
    sparse: [],
    histogram: emptyHistogram(),
  }
}

/** How each row of a counter grew, found out once. */
function keepColumns<Counter>(
  rows: number,
  grown: (counter: Counter, row: number) => number,
): (counter: Counter) => Float64Array {
  const columns = new Map<Counter, Float64Array>()
  return counter => {
    const known = columns.get(counter)
    if (known) return known
    const column = new Float64Array(rows)
    for (let row = 0; row < rows; row++) column[row] = grown(counter, row)
    columns.set(counter, column)
    return column
  }
}

function poolCost(simulation: Simulation, pool: PoolState, replicas: number, seconds: number): Figure {
  const now = timeOf(simulation)
  const hour = meanChipHour(simulation.faults, pool.chip, simulation.scenario.fleet.pricing, [now - seconds, now])
  return hour === null ? null : (hour * pool.chipsPerReplica * replicas) / HOUR
}
