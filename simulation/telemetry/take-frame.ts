import { families as familyNames, type Family } from '../catalog/chips'
import type { Fleet } from '../catalog/fleets'
import { findChip } from '../catalog/lookup'
import { ownershipPerHour } from '../catalog/prices'
import { f64 } from '../columns'
import type { Flow } from '../serving/flows'
import { efficiencyOf, type PoolState } from '../serving/pool'
import { timeOf, type Simulation } from '../simulation'
import { HOUR, MILLION } from '../units'
import type {
  ChipMetric,
  Columns,
  Figure,
  FleetMetric,
  FlowMetric,
  Frame,
  PoolMetric,
  ServiceMetric,
  Totals,
  WorkloadMetric,
} from './frame'
import { emptyHistogram, merge, quantile, quantileInterval, type Histogram } from './histogram'
import {
  binsOf,
  E2E,
  flowGrowth,
  inFlight,
  ITL,
  poolGrowth,
  TPOT,
  TTFT,
  windowLength,
  windowSamples,
  type FlowCounter,
} from './telemetry'
import type { PoolCounter } from './telemetry'

/** Below so many samples a p99 is withheld. */
const samplesForP99 = 100

/** The frame of a run as of its newest sample. Reads only. */
export function takeFrame(simulation: Simulation, sequence: number): Frame {
  const { fleet } = simulation.scenario
  const { pools, telemetry } = simulation.fleet
  const time = timeOf(simulation)
  const view = createReading(simulation, windowLength(telemetry))
  const all = view.select(() => true)
  const workloads = fleet.workloads.map((_, index) => workloadFigures(view, index))
  return {
    sequence,
    time: Math.round(time * 1000) / 1000,
    window: Math.round(view.window * 1000) / 1000,
    revision: simulation.revision,
    totals: totals(simulation),
    fleet: rounded(fleetFigures(view, all)),
    families: columns(
      familiesOf(fleet).map(family => {
        const selection = view.select(
          flow => familyOf(fleet, flow.pool) === family,
          index => familyOf(fleet, index) === family,
        )
        return { ...serviceFigures(view, selection), ...chipFigures(view, selection) }
      }),
    ),
    workloads: columns(workloads),
    pools: columns(pools.map((pool, index) => poolFigures(view, pool, index))),
    flows: columns(
      simulation.flows.map((_, flow): Record<FlowMetric, Figure> => ({
        requests: view.flowRate('arrived', [flow]),
        outputTokens: view.flowRate('outputTokens', [flow]),
      })),
    ),
  }
}

/** Families that a fleet has, in the order of the catalog. */
export function familiesOf(fleet: Fleet): Family[] {
  const used = new Set(fleet.pools.map(pool => findChip(fleet, pool.chip)?.family))
  return (Object.keys(familyNames) as Family[]).filter(family => used.has(family))
}

/** The flows and pools that a row of figures is about. */
interface Selection {
  flows: number[]
  pools: number[]
}

/** What rows of figures are computed from. */
interface Reading {
  simulation: Simulation
  window: number
  select(flow: (flow: Flow) => boolean, pool?: (index: number) => boolean): Selection
  flowRate(counter: FlowCounter, flows: readonly number[]): number
  poolRate(counter: PoolCounter, pools: readonly number[]): number
  histogram(timing: number, flows: readonly number[]): Histogram
}

function createReading(simulation: Simulation, window: number): Reading {
  const { telemetry, pools } = simulation.fleet
  const rate = (growth: number): number => (window > 0 ? growth / window : 0)
  const sum = (rows: readonly number[], growth: (row: number) => number): number =>
    rate(rows.reduce((total, row) => total + growth(row), 0))
  return {
    simulation,
    window,
    select: (isFlow, isPool = () => true) => ({
      flows: simulation.flows.flatMap((flow, index) => (isFlow(flow) ? [index] : [])),
      pools: pools.flatMap((_, index) => (isPool(index) ? [index] : [])),
    }),
    flowRate: (counter, flows) => sum(flows, flow => flowGrowth(telemetry, counter, flow)),
    poolRate: (counter, rows) => sum(rows, pool => poolGrowth(telemetry, counter, pool)),
    histogram: (timing, flows) => {
      const histogram = emptyHistogram()
      for (const flow of flows) {
        const offset = binsOf(flow, timing)
        merge(histogram, bin => windowSamples(telemetry, offset + bin))
      }
      return histogram
    },
  }
}

function serviceFigures(view: Reading, { flows }: Selection): Record<ServiceMetric, Figure> {
  const { telemetry } = view.simulation.fleet
  const ttft = view.histogram(TTFT, flows)
  const itl = view.histogram(ITL, flows)
  const running = flows.reduce((sum, flow) => sum + f64(telemetry.flowRunning, flow), 0)
  const transferring = flows.reduce((sum, flow) => sum + f64(telemetry.transferring, flow), 0)
  const present = flows.reduce((sum, flow) => sum + inFlight(telemetry, flow), 0)
  return {
    finished: view.flowRate('finished', flows),
    promptTokens: view.flowRate('promptTokens', flows),
    outputTokens: view.flowRate('outputTokens', flows),
    running,
    waiting: present - running - transferring,
    transferring,
    rejected: view.flowRate('rejected', flows),
    cancelled: view.flowRate('cancelled', flows),
    ttftP50: quantile(ttft, 0.5),
    ttftP95: quantile(ttft, 0.95),
    ttftCount: ttft.count,
    itlP50: quantile(itl, 0.5),
    itlP95: quantile(itl, 0.95),
    itlCount: itl.count,
    usedCost: usedCost(view, flows),
    costPerMtok: costPerMtok(view, flows),
  }
}

function chipFigures(view: Reading, { flows, pools }: Selection): Record<ChipMetric, Figure> {
  const replicas = pools.reduce((sum, pool) => sum + poolOf(view, pool).replicas, 0)
  const chipsOf = (pool: number): number => poolOf(view, pool).replicas * poolOf(view, pool).chipsPerReplica
  const serving = pools.flatMap(pool => {
    const value = saturation(view, pool)
    return value === null ? [] : [{ chips: chipsOf(pool), value }]
  })
  const chipCount = serving.reduce((sum, pool) => sum + pool.chips, 0)
  return {
    power: power(view, pools),
    energyPerToken: energyPerToken(view, flows),
    saturation: chipCount > 0 ? serving.reduce((sum, pool) => sum + pool.chips * pool.value, 0) / chipCount : null,
    busy: replicas > 0 ? Math.min(1, view.poolRate('busy', pools) / replicas) : null,
  }
}

function workloadFigures(view: Reading, workload: number): Record<WorkloadMetric, Figure> {
  const selection = view.select(flow => flow.workload === workload)
  const { flows } = selection
  const ttft = view.histogram(TTFT, flows)
  const e2e = view.histogram(E2E, flows)
  return {
    ...serviceFigures(view, selection),
    arrived: view.flowRate('arrived', flows),
    goodput: view.flowRate('good', flows),
    attainment: attainment(view, flows),
    ttftP99: ttft.count >= samplesForP99 ? quantile(ttft, 0.99) : null,
    e2eP50: quantile(e2e, 0.5),
    e2eP95: quantile(e2e, 0.95),
    tpotP95: quantile(view.histogram(TPOT, flows), 0.95),
    revenue: revenue(view, workload, flows),
    trainedTokens: view.flowRate('trainedTokens', flows),
  }
}

function poolFigures(view: Reading, pool: PoolState, index: number): Record<PoolMetric, Figure> {
  const selection = view.select(
    flow => flow.pool === index,
    other => other === index,
  )
  const replicas = pool.replicas
  const kv = pool.serving.kind === 'tokens' ? pool.serving.kvBlocks * replicas : 0
  const looked = view.poolRate('prefixTokens', [index])
  const { mfu, mbu } = efficiencyOf(pool.serving)
  return {
    ...serviceFigures(view, selection),
    ...chipFigures(view, selection),
    batch: view.poolRate('runningTime', [index]) / replicas,
    kvUse: kv > 0 ? view.poolRate('kvTime', [index]) / kv : null,
    computeUtilisation: (mfu * view.poolRate('compute', [index])) / replicas,
    memoryUtilisation: (mbu * view.poolRate('memory', [index])) / replicas,
    prefixHitRate: looked > 0 ? view.poolRate('prefixHits', [index]) / looked : null,
    preemptions: view.poolRate('preempted', [index]),
  }
}

function fleetFigures(view: Reading, all: Selection): Record<FleetMetric, Figure> {
  const { flows, pools } = all
  const output = view.flowRate('outputTokens', flows)
  const part = (known: (pool: number) => boolean): Figure =>
    output > 0
      ? view.flowRate(
          'outputTokens',
          flows.filter(flow => known(poolIndex(view, flow))),
        ) / output
      : null
  const ttft = quantileInterval(view.histogram(TTFT, flows), 0.95)
  const itl = quantileInterval(view.histogram(ITL, flows), 0.95)
  const service = serviceFigures(view, all)
  return {
    ...service,
    ...chipFigures(view, all),
    arrived: view.flowRate('arrived', flows),
    goodput: view.flowRate('good', flows),
    attainment: attainment(view, flows),
    ttftP95Low: ttft && ttft.low,
    ttftP95High: ttft && ttft.high,
    itlP95Low: itl && itl.low,
    itlP95High: itl && itl.high,
    heldCost: pools.reduce((sum, pool) => sum + (replicaPrice(view, pool) ?? 0) * poolOf(view, pool).replicas, 0),
    revenue: view.simulation.scenario.fleet.workloads.reduce((sum, _, workload) => {
      const { flows } = view.select(flow => flow.workload === workload)
      return sum + revenue(view, workload, flows)
    }, 0),
    costCoverage: part(pool => replicaPrice(view, pool) !== null),
    powerCoverage: part(pool => poolOf(view, pool).power !== null),
  }
}

/** What a workload's tenant pays for what it was served [$/s]. */
function revenue(view: Reading, workload: number, flows: readonly number[]): number {
  const {
    promptToken = 0,
    outputToken = 0,
    query = 0,
  } = view.simulation.scenario.fleet.workloads[workload]?.price ?? {}
  return (
    promptToken * view.flowRate('promptTokens', flows) +
    outputToken * view.flowRate('outputTokens', flows) +
    query * view.flowRate('finished', flows)
  )
}

/** Cost of the chip time that flows used [$/s]; `null` if no flow has a pool whose price is known. */
function usedCost(view: Reading, flows: readonly number[]): Figure {
  const priced = flows.filter(flow => replicaPrice(view, poolIndex(view, flow)) !== null)
  if (priced.length === 0) return null
  return priced.reduce(
    (sum, flow) => sum + (replicaPrice(view, poolIndex(view, flow)) ?? 0) * view.flowRate('busy', [flow]),
    0,
  )
}

/** Used cost ÷ output tokens of the flows that make tokens on pools with a known price [$/Mtok]. */
function costPerMtok(view: Reading, flows: readonly number[]): Figure {
  const priced = tokenFlows(view, flows).filter(flow => replicaPrice(view, poolIndex(view, flow)) !== null)
  const tokens = view.flowRate('outputTokens', priced)
  return tokens > 0 ? ((usedCost(view, priced) ?? 0) / tokens) * MILLION : null
}

/** Energy ÷ output tokens of the token pools among the flows whose power is known [J]. */
function energyPerToken(view: Reading, flows: readonly number[]): Figure {
  const known = tokenFlows(view, flows).filter(flow => poolOf(view, poolIndex(view, flow)).power !== null)
  const tokens = view.flowRate('outputTokens', known)
  return tokens > 0 ? view.poolRate('energy', [...new Set(known.map(flow => poolIndex(view, flow)))]) / tokens : null
}

/** Power drawn [W]; `null` if it is known of no pool. */
function power(view: Reading, pools: readonly number[]): Figure {
  const known = pools.filter(pool => poolOf(view, pool).power !== null)
  return known.length > 0 ? view.poolRate('energy', known) : null
}

/**
 * How near a pool is to its limit (0 to 1): the largest of KV cache in use, sequences in use and the share of time that
 * prefill takes; busy time for single-shot pools; `null` for training.
 */
function saturation(view: Reading, index: number): Figure {
  const pool = poolOf(view, index)
  const { serving, replicas } = pool
  if (serving.kind === 'training') return null
  if (serving.kind === 'single-shot') return Math.min(1, view.poolRate('busy', [index]) / replicas)
  return Math.min(
    1,
    Math.max(
      view.poolRate('kvTime', [index]) / (serving.kvBlocks * replicas),
      view.poolRate('runningTime', [index]) / (pool.maxSequences * replicas),
      view.poolRate('prefill', [index]) / replicas,
    ),
  )
}

/** Part of the requests that left, however they did, which met all objectives; `null` if none left. */
function attainment(view: Reading, flows: readonly number[]): Figure {
  const left = view.flowRate('finished', flows) + view.flowRate('rejected', flows) + view.flowRate('cancelled', flows)
  return left > 0 ? view.flowRate('good', flows) / left : null
}

function totals(simulation: Simulation): Totals {
  const { telemetry } = simulation.fleet
  const sum = (column: Float64Array): number => column.reduce((total, value) => total + value, 0)
  const { flow, pool } = telemetry
  const running = sum(telemetry.flowRunning)
  const transferring = sum(telemetry.transferring)
  const present = simulation.flows.reduce((total, _, index) => total + inFlight(telemetry, index), 0)
  return {
    arrived: sum(flow.arrived),
    finished: sum(flow.finished),
    running,
    waiting: present - running - transferring,
    transferring,
    rejected: sum(flow.rejected),
    cancelled: sum(flow.cancelled),
    preempted: sum(pool.preempted),
    promptTokens: sum(flow.promptTokens),
    outputTokens: sum(flow.outputTokens),
    energy: sum(pool.energy),
  }
}

/** Price of a replica [$/s] by the cost of owning its chips; `null` where it is not known. */
function replicaPrice(view: Reading, index: number): number | null {
  const pool = poolOf(view, index)
  const hour = ownershipPerHour(pool.chip)
  return hour && (hour.value * pool.chipsPerReplica) / HOUR
}

function tokenFlows(view: Reading, flows: readonly number[]): number[] {
  return flows.filter(flow => poolOf(view, poolIndex(view, flow)).serving.kind === 'tokens')
}

function poolIndex(view: Reading, flow: number): number {
  return (view.simulation.flows[flow] as Flow).pool
}

function poolOf(view: Reading, index: number): PoolState {
  return view.simulation.fleet.pools[index] as PoolState
}

function familyOf(fleet: Fleet, pool: number): Family | undefined {
  return findChip(fleet, fleet.pools[pool]?.chip ?? '')?.family
}

/** Rows of figures as columns, rounded. */
function columns<Metric extends string>(rows: Record<Metric, Figure>[]): Columns<Metric> {
  const metrics = Object.keys(rows[0] ?? {}) as Metric[]
  return Object.fromEntries(
    metrics.map(metric => [metric, rows.map(row => significant(row[metric]))]),
  ) as Columns<Metric>
}

function rounded<Metric extends string>(row: Record<Metric, Figure>): Record<Metric, Figure> {
  return Object.fromEntries(
    Object.entries<Figure>(row).map(([metric, figure]) => [metric, significant(figure)]),
  ) as Record<Metric, Figure>
}

/** Four significant digits: what a screen can show. */
function significant(figure: Figure): Figure {
  return figure === null ? null : Number(figure.toPrecision(4))
}
