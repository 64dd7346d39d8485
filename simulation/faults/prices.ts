import { chipHour, economics, type Pricing } from '../catalog/prices'
import type { FaultState, Trouble } from './fault-state'

/** From a time on [s] a chip-hour, or electricity where no chip is named, costs this much; the catalog's price if `null`. */
export interface PriceChange {
  since: number
  chip: string | null
  price: number | null
}

/** Notes what prices are from a time on [s], where the faults under way change them. */
export function notePrices(faults: FaultState, time: number): void {
  for (const chip of new Set([...faults.prices.map(({ chip }) => chip), ...faults.active.flatMap(priced)])) {
    const price = faults.active.reduce<number | null>((latest, trouble) => priceIn(trouble, chip) ?? latest, null)
    if (price !== priceAt(faults.prices, chip, Infinity)) faults.prices.push({ since: time, chip, price })
  }
}

/** Mean cost of a chip-hour over a stretch of a run [$/h]; `null` where it is not public. */
export function meanChipHour(
  { prices }: FaultState,
  chip: string,
  pricing: Pricing | undefined,
  [from, to]: [number, number],
): number | null {
  const costAt = (time: number): number | null =>
    priceAt(prices, chip, time) ??
    chipHour(chip, pricing, priceAt(prices, null, time) ?? economics.electricity.value)?.value ??
    null
  const borders = prices.map(({ since }) => since).filter(since => since > from && since < to)
  if (borders.length === 0) return costAt(from)
  let sum = 0
  for (const [i, start] of [from, ...borders].entries()) {
    const cost = costAt(start)
    if (cost === null) return costAt(to)
    sum += cost * ((borders[i] ?? to) - start)
  }
  return sum / (to - from)
}

function priceAt(prices: readonly PriceChange[], chip: string | null, time: number): number | null {
  return prices.findLast(change => change.chip === chip && change.since <= time)?.price ?? null
}

/** The chip whose price a fault changes, `null` for electricity. */
function priced({ fault }: Trouble): (string | null)[] {
  if (fault.kind === 'chip-price') return [fault.chip]
  return fault.kind === 'electricity-price' ? [null] : []
}

function priceIn({ fault }: Trouble, chip: string | null): number | null {
  if (fault.kind === 'chip-price' && fault.chip === chip) return fault.hour
  return fault.kind === 'electricity-price' && chip === null ? fault.price : null
}
