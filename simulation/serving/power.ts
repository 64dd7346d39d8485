import { chips } from '../catalog/chips'
import { clocks, findPower, type PowerModel } from '../catalog/power'
import { economics } from '../catalog/prices'
import { powerBeyondChip } from '../catalog/system-power'

/** What a chip does, as means over a while. */
export interface ChipLoad {
  /** Share of the time with a step under way. */
  busy: number
  /** Achieved FLOP/s ÷ dense peak, and bytes/s ÷ bandwidth. */
  compute: number
  memory: number
  /** Tokens in a step; Infinity where steps always fill the chip. */
  tokens: number
}

/** Power of one chip of a pool. */
export interface PoolPower {
  /** Limit of the chip [W]. */
  limit: number
  /** Parts of the limit that terms of the load draw, in their order, and the part drawn idle. */
  idle: number
  parts: PowerTerms
  /** Shares of the peaks that compute and memory time stand for. */
  mfu: number
  mbu: number
  /** Compute time of a token [s]; 0 where steps always fill the chip. */
  perToken: number
  /** The chip's share of host, network and fans, drawn all the time [W]. */
  rest: number
  /** Power usage effectiveness of the data centre. */
  pue: number
}

/** By kind of work, while a step is under way: the mere fact, memory traffic, and matrix arithmetic. */
export interface PowerTerms {
  active: number
  memory: number
  compute: number
}

/** How a pool works its chips. */
export interface PoolWork {
  mfu: number
  mbu: number
  /** Compute time of a token [s]; 0 where steps always fill the chip. */
  perToken: number
  mixture: boolean
}

/** Seconds per replica and second of a pool, and steps per replica and second. */
export interface PoolActivity {
  busy: number
  compute: number
  memory: number
  steps: number
}

export const idle: PoolActivity = { busy: 0, compute: 0, memory: 0, steps: 0 }

/**
 * Power model of a chip of a pool; `null` where nobody publishes the chip's limit. What a system draws beyond its chips
 * counts as constant where it is known. A chip that the catalog does not have draws as the one does that it is calibrated as.
 */
export function createPowerModel(key: string, work: PoolWork, chip = chips[key]): PoolPower | null {
  const limit = chip?.powerLimit ?? null
  const model = findPower(key) ?? findPower(chip?.calibratedAs ?? key)
  if (limit === null || !model) return null
  return {
    limit,
    idle: model.idle,
    parts: partsOf(model, work.mixture),
    mfu: work.mfu,
    mbu: work.mbu,
    perToken: work.perToken,
    rest: powerBeyondChip(key, chips[key]?.powerLimit ?? limit),
    pue: economics.pue.value,
  }
}

/** Power drawn per chip [W], data centre included, at a share of the full clock and at most at a cap on the chip [W]. */
export function drawnPower(power: PoolPower, activity: PoolActivity, clock = 1, cap = power.limit): number {
  const part = shareOfLimit(power.idle, power.parts, loadOf(power, activity), clock)
  return (Math.min(cap, power.limit * part) + power.rest) * power.pue
}

/**
 * Highest clock, as a share of the full one, at which a busy chip stays within a cap [W]; the lowest clock where even that
 * draws more. The activity is what it would be at the full clock. Work that would draw more than the limit was measured at
 * the limit, so it counts as drawing just that.
 */
export function cappedClock(power: PoolPower, activity: PoolActivity, cap: number): number {
  if (activity.busy <= 0) return 1
  const computePart = Math.min(1, activity.compute / activity.busy)
  const load = whileBusy(loadOf(power, activity))
  const drawnAt = (clock: number): number =>
    drawnParts(power.parts, slowed(load, slowdownAt(clock, computePart)), clock)
  const full = drawnAt(1)
  const allowed = (cap / power.limit - power.idle) * Math.max(1, full / (1 - power.idle))
  if (full <= allowed) return 1
  let [low, high] = [clocks.lowest.value, 1]
  for (let i = 0; i < 30; i++) {
    const middle = (low + high) / 2
    if (drawnAt(middle) <= allowed) low = middle
    else high = middle
  }
  return low
}

/**
 * Times as long as at the full clock that steps take at a lower one, if this part of their time is arithmetic. Memory and
 * links have clocks of their own, and decoding hardly feels the clock of the cores (Maliakel et al., arXiv 2501.08219;
 * Ma et al., arXiv 2605.11999).
 */
export function slowdownAt(clock: number, computePart: number): number {
  return 1 + computePart * (1 / clock - 1)
}

/** Share of the limit that a load draws, at a share of the full clock. */
export function shareOfLimit(idle: number, parts: PowerTerms, load: ChipLoad, clock = 1): number {
  return Math.min(1, idle + drawnParts(parts, load, clock))
}

/**
 * What a load draws beyond an idle chip, in shares of the limit. Time in memory traffic and arithmetic, at the peaks, counts
 * at most once: in it the chip draws the part of memory, and that of arithmetic as far as the tokens of a step fill the
 * matrix units. Energy of the cores goes with the square of the voltage, and the time they are on with the clock.
 */
function drawnParts(parts: PowerTerms, load: ChipLoad, clock: number): number {
  const terms = powerTerms(load)
  const voltage = Math.max(clocks.lowestVoltage.value, clock)
  const cores = voltage * voltage
  return (
    parts.active * terms.active * cores * clock + parts.memory * terms.memory + parts.compute * terms.compute * cores
  )
}

/** What the parts of a power model are multiplied with. */
export function powerTerms({ busy, compute, memory, tokens }: ChipLoad): PowerTerms {
  const traffic = Math.min(busy, memory + compute)
  const filled = tokens === Infinity ? 1 : tokens / (tokens + clocks.halfFilled.value)
  return { active: busy, memory: traffic, compute: traffic * filled }
}

export function partsOf(model: Pick<PowerModel, keyof PowerTerms | 'dense'>, mixture: boolean): PowerTerms {
  return { active: model.active + (mixture ? 0 : model.dense), memory: model.memory, compute: model.compute }
}

function loadOf({ mfu, mbu, perToken }: PoolPower, { busy, compute, memory, steps }: PoolActivity): ChipLoad {
  const tokens = perToken > 0 && steps > 0 ? compute / (steps * perToken) : Infinity
  return { busy: Math.min(1, busy), compute: compute * mfu, memory: memory * mbu, tokens }
}

function whileBusy({ busy, compute, memory, tokens }: ChipLoad): ChipLoad {
  return { busy: 1, compute: compute / busy, memory: memory / busy, tokens }
}

function slowed({ busy, compute, memory, tokens }: ChipLoad, slowdown: number): ChipLoad {
  return { busy, compute: compute / slowdown, memory: memory / slowdown, tokens }
}
