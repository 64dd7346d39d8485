import { chips } from '../catalog/chips'
import { findPower } from '../catalog/power'
import { economics, prices } from '../catalog/prices'

/** Power of one chip of a pool, as parts of watts. */
export interface PoolPower {
  /** Limit of the chip [W], and the parts of it drawn idle, and more at full compute and full memory time. */
  limit: number
  idle: number
  compute: number
  memory: number
  /** The chip's share of host, network and fans, drawn all the time [W]. */
  rest: number
  /** Power usage effectiveness of the data centre. */
  pue: number
}

/**
 * Power model of a chip whose steps reach these shares of the peaks; `null` where nobody publishes the chip's limit.
 * What a system draws beyond its chips counts as constant where it is known.
 */
export function createPowerModel(chip: string, { mfu, mbu }: { mfu: number; mbu: number }): PoolPower | null {
  const limit = chips[chip]?.powerLimit ?? null
  const model = findPower(chip)
  if (limit === null || !model) return null
  return {
    limit,
    idle: model.idle,
    compute: model.compute * mfu,
    memory: model.memory * mbu,
    rest: Math.max(0, (prices[chip]?.systemPower?.value ?? limit) - limit),
    pue: economics.pue.value,
  }
}

/** Power drawn per chip [W], data centre included, at these shares of time in compute and in memory traffic. */
export function drawnPower(power: PoolPower, computeShare: number, memoryShare: number): number {
  const part = Math.min(1, power.idle + power.compute * computeShare + power.memory * memoryShare)
  return (power.limit * part + power.rest) * power.pue
}
