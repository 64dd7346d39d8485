import { f64 } from '../columns'
import { mirrorsOf } from '../serving/pool'
import type { Simulation } from '../simulation'
import { drawOfPools } from '../telemetry/energy'
import { chipFigures } from '../telemetry/chip-figures'
import type { Figure } from '../telemetry/frame'
import { BINS } from '../telemetry/histogram'
import { costOf, usedCost } from '../telemetry/money'
import { poolAt, poolOf, readStretch, tokenFlows, type Reading } from '../telemetry/reading'
import {
  allSamplesOf,
  binsOf,
  ITL,
  sampledPart,
  TTFT,
  type FlowCounter,
  type PoolCounter,
} from '../telemetry/telemetry'

/** What happened over a stretch of time; that of parts of a fleet adds up. Rates by the second. */
export interface Tally {
  /** By workload and by pool; `null` for those of other parts. */
  workloads: (WorkloadTally | null)[]
  pools: (PoolTally | null)[]
  /** Used cost [$/s] and output tokens of the flows whose price is known. */
  cost: Ratio
  /** Power [W] of the token pools whose power is known, and their output tokens. */
  energy: Ratio
}

export interface Ratio {
  over: number
  under: number
}

export interface WorkloadTally {
  good: number
  left: number
  rejected: number
  ttft: Times
  itl: Times
}

/** A histogram: samples by bin from the first one with any, each for as many as it stands for, and how many there are. */
export interface Times {
  first: number
  counts: Float64Array
  samples: number
}

export interface PoolTally {
  saturation: Figure
  power: Figure
}

/** The counters of a run as they stood; times only of some pools, if so asked. */
export interface Mark {
  flow: Record<FlowCounter, Float64Array>
  pool: Record<PoolCounter, Float64Array>
  /** By flow, samples of the TTFT, then of the ITL; `null` where they were not asked for. */
  samples: ([ttft: Float64Array, itl: Float64Array] | null)[]
}

export function markOf({ flows, fleet: { telemetry } }: Simulation, pools: readonly number[] | null = null): Mark {
  const samples = flows.map(({ pool }, flow): Mark['samples'][number] => {
    if (pools && !pools.includes(pool)) return null
    return [allSamplesOf(telemetry, binsOf(flow, TTFT), BINS), allSamplesOf(telemetry, binsOf(flow, ITL), BINS)]
  })
  return { flow: copied(telemetry.flow), pool: copied(telemetry.pool), samples }
}

/** From a mark to now. */
export function tallySince(before: Mark, now: Simulation, plan: TallyPlan): Tally {
  return tallyBetween(before, markOf(now, plan.pools), now, plan)
}

/** From a mark to another one, of now. Of a fork, each replica of a pool stands for so many of the fleet. */
export function tallyBetween(
  before: Mark,
  mark: Mark,
  now: Simulation,
  { seconds, standsFor = [], pools = null }: TallyPlan,
): Tally {
  const reading = readStretch(now, { before, seconds, standsFor })
  const { fleet } = now.scenario
  const own = [...fleet.pools.keys()].filter(pool => !pools || pools.includes(pool))
  const flows = [...now.flows.keys()].filter(flow => own.includes(now.flows[flow]?.pool ?? -1))
  const timesOf = (workload: number, timing: typeof TTFT | typeof ITL): Times => {
    const own = flows.filter(flow => now.flows[flow]?.workload === workload)
    const parts = own.map(flow => sampledPart(now.fleet.telemetry, binsOf(flow, timing), BINS))
    const first = Math.min(...parts.map(([from]) => from))
    const counts = new Float64Array(Math.max(...parts.map(([, to]) => to)) - first)
    let samples = 0
    own.forEach((flow, i) => {
      const [after, past] = [mark.samples[flow]?.[timing], before.samples[flow]?.[timing]]
      const [from, to] = parts[i] ?? [0, 0]
      const weight = standsFor[now.flows[flow]?.pool ?? -1] ?? 1
      for (let bin = from; after && past && bin < to; bin++) {
        const more = f64(after, bin) - f64(past, bin)
        samples += more
        counts[bin - first] = f64(counts, bin - first) + weight * more
      }
    })
    return { first, counts, samples }
  }
  return {
    workloads: fleet.workloads.map((_, workload) => {
      const of = flows.filter(flow => now.flows[flow]?.workload === workload)
      if (of.length === 0) return null
      const rejected = reading.flowRate('rejected', of)
      return {
        good: reading.flowRate('good', of),
        left: reading.flowRate('finished', of) + rejected + reading.flowRate('cancelled', of),
        rejected,
        ttft: timesOf(workload, TTFT),
        itl: timesOf(workload, ITL),
      }
    }),
    pools: fleet.pools.map((_, pool) => {
      if (!own.includes(pool)) return null
      const { saturation, power } = chipFigures(reading, { flows: [], mirrored: [], pools: [pool] })
      return { saturation, power }
    }),
    ...economyOf(reading, flows, own),
  }
}

export interface TallyPlan {
  seconds: number
  standsFor?: readonly number[]
  pools?: readonly number[] | null
}

function economyOf(reading: Reading, flows: readonly number[], own: readonly number[]): Pick<Tally, 'cost' | 'energy'> {
  const makers = tokenFlows(reading, flows)
  const priced = makers.filter(flow => costOf(reading, flow) !== null)
  const copies = tokenFlows(
    reading,
    own.flatMap(pool => mirrorsOf(poolAt(reading.simulation, pool))),
  )
  const powered = makers.filter(flow => poolOf(reading, flow).power !== null)
  const pools = [...new Set(powered.map(flow => poolOf(reading, flow).index))]
  return {
    cost: { over: usedCost(reading, [...priced, ...copies]) ?? 0, under: reading.flowRate('outputTokens', priced) },
    energy: { over: drawOfPools(reading, pools).power ?? 0, under: reading.flowRate('outputTokens', powered) },
  }
}

function copied<Name extends string>(columns: Record<Name, Float64Array>): Record<Name, Float64Array> {
  return Object.fromEntries(
    Object.entries<Float64Array>(columns).map(([name, column]) => [name, column.slice()]),
  ) as Record<Name, Float64Array>
}
