import { f64 } from '../columns'
import { rowsOf } from '../serving/pool'
import { MILLION } from '../units'
import type { Figure } from './frame'
import { poolAt, poolOf, tokenFlows, type Reading } from './reading'

/** Cost of all replicas of pools [$/s]; of those whose price is known, `null` if there is none. */
export function heldCost({ costs }: Reading, pools: readonly number[]): Figure {
  return sumKnown(pools.map(pool => costs[pool] ?? null))
}

/** Cost of the time that flows used [$/s]; of the pools whose price is known, `null` if there is none. */
export function usedCost(reading: Reading, flows: readonly number[]): Figure {
  return sumKnown(
    flows.map(flow => {
      const cost = costOf(reading, flow)
      return cost && cost * f64(reading.shares, flow)
    }),
  )
}

/** What pools cost beyond what their flows used [$/s]: held cost is used cost and idle cost. */
export function idleCost(reading: Reading, pools: readonly number[]): Figure {
  const held = heldCost(reading, pools)
  const flows = pools.flatMap(pool => rowsOf(poolAt(reading.simulation, pool)))
  return held && held - (usedCost(reading, flows) ?? 0)
}

/** Used cost, that of copies included, ÷ output tokens, of the flows that make tokens on pools with a known price [$/Mtok]. */
export function costPerMtok(reading: Reading, flows: readonly number[], mirrored: readonly number[] = []): Figure {
  const priced = tokenFlows(reading, pricedFlows(reading, flows))
  const copies = tokenFlows(reading, pricedFlows(reading, mirrored))
  return perMtok(reading, priced, usedCost(reading, [...priced, ...copies]))
}

/** What the tenant of a workload pays for what flows served it [$/s]. */
export function revenue({ simulation, flowRate }: Reading, workload: number, flows: readonly number[]): number {
  const { promptToken = 0, outputToken = 0, query = 0 } = simulation.scenario.fleet.workloads[workload]?.price ?? {}
  return (
    promptToken * flowRate('promptTokens', flows) +
    outputToken * flowRate('outputTokens', flows) +
    query * flowRate('finished', flows)
  )
}

/**
 * Revenue of a workload less its used cost [$/s], and by the million output tokens; both of what pools with a known price
 * served. `null` where the tenant pays nothing, or no price is known.
 */
export function margin(
  reading: Reading,
  workload: number,
  flows: readonly number[],
): { total: Figure; perMtok: Figure } {
  const priced = pricedFlows(reading, flows)
  const used = usedCost(reading, priced)
  const { promptToken, outputToken, query } = reading.simulation.scenario.fleet.workloads[workload]?.price ?? {}
  if (used === null || (promptToken ?? outputToken ?? query) === undefined) return { total: null, perMtok: null }
  const total = revenue(reading, workload, priced) - used
  return { total, perMtok: perMtok(reading, tokenFlows(reading, priced), total) }
}

/** Cost of all replicas of a flow's pool [$/s]; `null` where no price is public. */
export function costOf(reading: Reading, flow: number): Figure {
  return reading.costs[poolOf(reading, flow).index] ?? null
}

function perMtok(reading: Reading, flows: readonly number[], cost: Figure): Figure {
  const tokens = reading.flowRate('outputTokens', flows)
  return tokens > 0 && cost !== null ? (cost / tokens) * MILLION : null
}

function pricedFlows(reading: Reading, flows: readonly number[]): number[] {
  return flows.filter(flow => costOf(reading, flow) !== null)
}

/** Sum of the figures that are known; `null` if none is. */
export function sumKnown(figures: readonly Figure[]): Figure {
  return figures.reduce((sum, figure) => (figure === null ? sum : (sum ?? 0) + figure), null)
}
