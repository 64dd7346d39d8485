import { f64 } from '../columns'
import { mirrorsOf } from '../serving/pool'
import { timeOf, type Simulation } from '../simulation'
import { batchFigures, chipFigures } from './chip-figures'
import { columns, rounded } from './columns'
import { drawOfFlows, idleDraw, intensityOf, usedEnergyPerToken } from './energy'
import { familiesOf, familyOf } from './families'
import type {
  Columns,
  Figure,
  FleetMetric,
  FlowMetric,
  Frame,
  HealthMetric,
  PoolMetric,
  Totals,
  WorkloadMetric,
} from './frame'
import { quantile, quantileInterval, type Histogram } from './histogram'
import { costOf, margin, revenue } from './money'
import {
  flowsOfPool,
  poolAt,
  poolOf,
  readWindow,
  selectPools,
  selectWorkload,
  type Reading,
  type Selection,
} from './reading'
import { mirrorColumns } from './mirror-figures'
import { attainment, fromWindow, percentiles, serviceFigures } from './service-figures'
import { E2E, inFlight, ITL, TPOT, TTFT } from './telemetry'
import { familyFlows, healthOf, troubledPools } from './wide-figures'

/** Below so many samples a p99 is withheld. */
export const samplesForP99 = 100

/** The pools at the head of a fleet of which a frame has columns; of the others they are asked for. */
export const framedPools = 64

/** The frame of a run as of its newest sample; its figures may tell of fewer whole seconds. Reads only. */
export function takeFrame(simulation: Simulation, sequence: number, seconds?: number): Frame {
  const { fleet } = simulation.scenario
  const reading = readWindow(simulation, seconds)
  const families = fleet.pools.map((_, index) => familyOf(fleet, index))
  return {
    sequence,
    time: Math.round(timeOf(simulation) * 1000) / 1000,
    window: Math.round(reading.seconds * 1000) / 1000,
    revision: simulation.revision,
    totals: totals(simulation),
    fleet: rounded(fleetFigures(reading, selectPools(reading))),
    families: columns(
      familiesOf(fleet).map(family => {
        const selection = selectPools(reading, index => families[index] === family)
        return { ...serviceFigures(reading, selection), ...chipFigures(reading, selection) }
      }),
    ),
    ...(Object.keys(simulation.mirrors).length > 0 && { mirrors: mirrorColumns(reading) }),
    workloads: columns(fleet.workloads.map((_, index) => workloadFigures(reading, index))),
    pools: columns(fleet.pools.slice(0, framedPools).map((_, index) => poolFigures(reading, index))),
    flows: columns(
      // pool by pool, so that they are the head of all flows
      [...simulation.flows.keys()]
        .filter(flow => poolOf(reading, flow).index < framedPools)
        .map((flow): Record<FlowMetric, Figure> => ({
          requests: reading.flowRate('arrived', [flow]),
          outputTokens: reading.flowRate('outputTokens', [flow]),
        })),
    ),
    ...(fleet.pools.length > framedPools && {
      familyFlows: familyFlows(reading),
      troubled: troubledPools(reading, framedPools),
    }),
  }
}

/** The same columns of any pools, in the order given. Reads only. */
export function takePools(simulation: Simulation, pools: readonly number[], seconds?: number): Columns<PoolMetric> {
  const reading = readWindow(simulation, seconds)
  return columns(pools.map(index => poolFigures(reading, index)))
}

/** Of all pools, what tells whether they are well; in the order of the fleet. Reads only. */
export function takeHealth(simulation: Simulation): Columns<HealthMetric> {
  const reading = readWindow(simulation)
  return columns(simulation.fleet.pools.map(({ index }) => healthOf(reading, index)))
}

function workloadFigures(reading: Reading, workload: number): Record<WorkloadMetric, Figure> {
  const selection = selectWorkload(reading, workload)
  const { flows } = selection
  const e2e = fromWindow(reading, E2E, flows, percentiles)
  const { total, perMtok } = margin(reading, workload, flows)
  return {
    ...serviceFigures(reading, selection),
    ...drawOfFlows(reading, flows),
    energyPerToken: usedEnergyPerToken(reading, flows),
    arrived: reading.flowRate('arrived', flows),
    goodput: reading.flowRate('good', flows),
    attainment: attainment(reading, flows),
    ttftP99: fromWindow(reading, TTFT, flows, ttft => (ttft.count >= samplesForP99 ? quantile(ttft, 0.99) : null)),
    e2eP50: e2e.p50,
    e2eP95: e2e.p95,
    tpotP95: fromWindow(reading, TPOT, flows, percentiles).p95,
    revenue: revenue(reading, workload, flows),
    margin: total,
    marginPerMtok: perMtok,
    trainedTokens: reading.flowRate('trainedTokens', flows),
    lostTokens: reading.flowRate('lostTokens', flows),
  }
}

function poolFigures(reading: Reading, index: number): Record<PoolMetric, Figure> {
  const pool = poolAt(reading.simulation, index)
  const selection = { flows: flowsOfPool(pool), mirrored: mirrorsOf(pool), pools: [index] }
  return {
    ...serviceFigures(reading, selection),
    ...chipFigures(reading, selection),
    ...batchFigures(reading, index),
  }
}

function fleetFigures(reading: Reading, all: Selection): Record<FleetMetric, Figure> {
  const { flows, pools } = all
  const { workloads } = reading.simulation.scenario.fleet
  const output = reading.flowRate('outputTokens', flows)
  const part = (known: (flow: number) => boolean): Figure =>
    output > 0 ? reading.flowRate('outputTokens', flows.filter(known)) / output : null
  const interval = (histogram: Histogram) => quantileInterval(histogram, 0.95)
  const ttft = fromWindow(reading, TTFT, flows, interval)
  const itl = fromWindow(reading, ITL, flows, interval)
  const idle = idleDraw(reading, pools)
  return {
    ...serviceFigures(reading, all),
    ...chipFigures(reading, all),
    arrived: reading.flowRate('arrived', flows),
    goodput: reading.flowRate('good', flows),
    attainment: attainment(reading, flows),
    ttftP95Low: ttft && ttft.low,
    ttftP95High: ttft && ttft.high,
    itlP95Low: itl && itl.low,
    itlP95High: itl && itl.high,
    idlePower: idle.power,
    idleCarbon: idle.carbon,
    revenue: workloads.reduce(
      (sum, _, workload) => sum + revenue(reading, workload, selectWorkload(reading, workload).flows),
      0,
    ),
    costCoverage: part(flow => costOf(reading, flow) !== null),
    powerCoverage: part(flow => poolOf(reading, flow).power !== null),
  }
}

function totals(simulation: Simulation): Totals {
  const { fleet, flows } = simulation
  const { flow, pool, flowRunning, transferring } = fleet.telemetry
  const sum = (column: Float64Array): number => column.reduce((total, value) => total + value, 0)
  // of users: copies lie behind
  const sumOfUsers = (column: Float64Array): number => sum(column.subarray(0, flows.length))
  const running = sumOfUsers(flowRunning)
  const onTheirWay = sumOfUsers(transferring)
  const present = flows.reduce((total, _, index) => total + inFlight(fleet.telemetry, index), 0)
  return {
    arrived: sumOfUsers(flow.arrived),
    finished: sumOfUsers(flow.finished),
    running,
    waiting: present - running - onTheirWay,
    transferring: onTheirWay,
    rejected: sumOfUsers(flow.rejected),
    cancelled: sumOfUsers(flow.cancelled),
    preempted: sum(pool.preempted),
    promptTokens: sumOfUsers(flow.promptTokens),
    outputTokens: sumOfUsers(flow.outputTokens),
    energy: sum(pool.energy),
    carbon: fleet.pools.reduce((total, of) => total + f64(pool.energy, of.index) * intensityOf(simulation, of), 0),
  }
}
