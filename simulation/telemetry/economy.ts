import { f64 } from '../columns'
import { mirrorsOf } from '../serving/pool'
import type { Simulation } from '../simulation'
import { drawOfFlows, drawOfPools, usedEnergyPerToken } from './energy'
import type { Figure } from './frame'
import { costPerMtok, heldCost, idleCost, margin, revenue, usedCost } from './money'
import { flowsOfPool, poolAt, poolOf, readSince, type Reading } from './reading'

/** What the requests of a workload cost, earned, drew and emitted; `null` where no price or power is public. */
export interface WorkloadEconomy {
  /** Cost of the chip time used, what the tenant paid, and what is left of it [$]; per million output tokens too. */
  usedCost: Figure
  revenue: number
  margin: Figure
  costPerMtok: Figure
  marginPerMtok: Figure
  /** Energy of the time used, not of idle chips [J]; per output token, and per request that finished. */
  energy: Figure
  energyPerToken: Figure
  energyPerRequest: Figure
  /** Carbon of that energy [g]. */
  carbon: Figure
  carbonPerToken: Figure
  carbonPerRequest: Figure
}

/** What a pool cost and emitted, idle time included. */
export interface PoolEconomy {
  /** [$]: all replicas; the time used of them; the rest. */
  heldCost: Figure
  usedCost: Figure
  idleCost: Figure
  /** [$ per million output tokens] of used cost. */
  costPerMtok: Figure
  /** [g], and per output token. */
  carbon: Figure
  carbonPerToken: Figure
}

/** Of some flows of a workload since the start of the run. */
export function workloadEconomy(simulation: Simulation, workload: number, flows: readonly number[]): WorkloadEconomy {
  const reading = readSince(null, simulation)
  const { power, carbon } = drawOfFlows(reading, flows)
  const left = margin(reading, workload, flows)
  const energyPerToken = usedEnergyPerToken(reading, flows)
  const known = flows.filter(flow => poolOf(reading, flow).power !== null)
  const requests = known.reduce((sum, flow) => sum + f64(simulation.fleet.telemetry.flow.finished, flow), 0)
  const perRequest = (rate: Figure): Figure => (requests > 0 ? over(rate, requests / reading.seconds) : null)
  return {
    usedCost: total(reading, usedCost(reading, flows)),
    revenue: revenue(reading, workload, flows) * reading.seconds,
    margin: total(reading, left.total),
    costPerMtok: costPerMtok(reading, flows),
    marginPerMtok: left.perMtok,
    energy: total(reading, power),
    energyPerToken,
    energyPerRequest: perRequest(power),
    carbon: total(reading, carbon),
    carbonPerToken: energyPerToken && power && carbon && (energyPerToken * carbon) / power,
    carbonPerRequest: perRequest(carbon),
  }
}

/** Of a pool from an earlier state of the run to now. */
export function poolEconomy(before: Simulation, now: Simulation, index: number): PoolEconomy {
  const reading = readSince(before, now)
  const [flows, mirrored] = [flowsOfPool(poolAt(now, index)), mirrorsOf(poolAt(now, index))]
  const { carbon } = drawOfPools(reading, [index])
  const tokens = reading.flowRate('outputTokens', flows)
  return {
    heldCost: total(reading, heldCost(reading, [index])),
    usedCost: total(reading, usedCost(reading, [...flows, ...mirrored])),
    idleCost: total(reading, idleCost(reading, [index])),
    costPerMtok: costPerMtok(reading, flows, mirrored),
    carbon: total(reading, carbon),
    carbonPerToken: tokens > 0 ? over(carbon, tokens) : null,
  }
}

function total({ seconds }: Reading, rate: Figure): Figure {
  return rate && rate * seconds
}

function over(figure: Figure, divisor: number): Figure {
  return figure && figure / divisor
}
