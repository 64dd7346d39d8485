import { carbonIntensity } from '../catalog/carbon'
import { f64 } from '../columns'
import { rowsOf, type PoolState } from '../serving/pool'
import { drawnPower, idle } from '../serving/power'
import type { Simulation } from '../simulation'
import type { Figure } from './frame'
import { sumKnown } from './money'
import { poolAt, poolOf, tokenFlows, type Reading } from './reading'

/** What flows or pools draw [W], data centre included, and what that emits [g/s]; `null` if it is known of none. */
export interface Draw {
  power: Figure
  carbon: Figure
}

/** All that pools draw. */
export function drawOfPools(reading: Reading, pools: readonly number[]): Draw {
  return draw(
    reading,
    pools.map(index => [poolAt(reading.simulation, index), powerOf(reading, index)]),
  )
}

/**
 * What flows draw: their pools' power, less what these draw while idle, by the busy time of each flow. A request answers
 * for the time that it kept chips busy, and for what they would have drawn without it in that time.
 */
export function drawOfFlows(reading: Reading, flows: readonly number[]): Draw {
  return draw(
    reading,
    flows.map(flow => {
      const pool = poolOf(reading, flow)
      const power = powerOf(reading, pool.index)
      const used = usedShare(reading, pool)
      const part = used > 0 ? f64(reading.shares, flow) / used : 0
      return [pool, power && (power - idlePower(reading, pool, power)) * part]
    }),
  )
}

/** What pools draw in the time that no flow uses. */
export function idleDraw(reading: Reading, pools: readonly number[]): Draw {
  return draw(
    reading,
    pools.map(index => {
      const pool = poolAt(reading.simulation, index)
      const power = powerOf(reading, index)
      return [pool, power && idlePower(reading, pool, power)]
    }),
  )
}

/** All energy of the token pools of flows whose power is known ÷ their output tokens [J]. */
export function energyPerToken(reading: Reading, flows: readonly number[]): Figure {
  const pools = [...new Set(knownTokenFlows(reading, flows).map(flow => poolOf(reading, flow).index))]
  return perToken(reading, flows, drawOfPools(reading, pools).power)
}

/** Energy that flows used ÷ their output tokens, of token pools whose power is known [J]. */
export function usedEnergyPerToken(reading: Reading, flows: readonly number[]): Figure {
  return perToken(reading, flows, drawOfFlows(reading, knownTokenFlows(reading, flows)).power)
}

/** Carbon of the grid that a pool draws from [g/J]. */
export function intensityOf({ scenario }: Simulation, pool: PoolState): number {
  return carbonIntensity(scenario.fleet.pools[pool.index]?.zone ?? '').value
}

function draw({ simulation }: Reading, parts: readonly (readonly [PoolState, Figure])[]): Draw {
  return {
    power: sumKnown(parts.map(([, power]) => power)),
    carbon: sumKnown(parts.map(([pool, power]) => power && power * intensityOf(simulation, pool))),
  }
}

function powerOf({ simulation, poolRate }: Reading, index: number): Figure {
  return poolAt(simulation, index).power && poolRate('energy', [index])
}

/** What idle chips draw, for the part of the time that replicas were idle [W]; all of `power` if nothing was served. */
function idlePower(reading: Reading, pool: PoolState, power: number): number {
  const used = usedShare(reading, pool)
  if (pool.power === null || used === 0) return power
  return Math.min(
    power,
    (reading.replicas[pool.index] ?? 0) * pool.chipsPerReplica * drawnPower(pool.power, idle) * (1 - used),
  )
}

function usedShare({ shares }: Reading, pool: PoolState): number {
  return Math.min(
    1,
    rowsOf(pool).reduce((sum, flow) => sum + f64(shares, flow), 0),
  )
}

function knownTokenFlows(reading: Reading, flows: readonly number[]): number[] {
  return tokenFlows(reading, flows).filter(flow => poolOf(reading, flow).power !== null)
}

function perToken(reading: Reading, flows: readonly number[], power: Figure): Figure {
  const tokens = reading.flowRate('outputTokens', knownTokenFlows(reading, flows))
  return tokens > 0 && power !== null ? power / tokens : null
}
