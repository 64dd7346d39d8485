/** What the system of a pool is made of, in words and digits. */
import type { FleetView, PartView } from '../../../simulation/index'
import { digits, grouped, text } from '../../format'

export interface SystemList {
  /** "2 × GB300 NVL72 rack, 72 chips each". */
  title: string
  parts: PartLine[]
}

export interface PartLine {
  kind: string
  name: string
  /** In the pool. */
  count: string
  /** What they carry in the pool, one way. */
  carries: string
  /** Of one at its limit, and its price, or "–". */
  watts: string
  price: string
  /** Where name and figures come from, or that nobody publishes them. */
  source: string
  modelled: boolean
}

const unpublished = 'no public figure'

/** `null` where nobody says what the chips of a pool come in. */
export function systemOf({ pools, systems }: FleetView, index: number): SystemList | null {
  const pool = pools[index]
  const system = systems.find(({ chip }) => chip === pool?.chip)
  if (!pool || !system) return null
  const copies = pool.chips / system.chips
  const rest: PartLine[] = system.rest
    ? [
        {
          kind: 'rest',
          name: 'Fans, memory, storage, losses',
          count: many(copies),
          carries: '',
          watts: text('power', system.rest.value),
          price: '',
          source: system.rest.source,
          modelled: true,
        },
      ]
    : []
  return {
    title: `${many(copies)} × ${system.name}, ${digits('count', system.chips)} chips each`,
    parts: [...system.parts.map(part => lineOf(part, copies)), ...rest],
  }
}

function lineOf({ kind, name, count, bandwidth, watts, price, source }: PartView, copies: number): PartLine {
  const power = watts ? `power: ${watts.source}` : `power: ${unpublished}`
  const cost = price ? `price: ${price.source}` : `price: ${unpublished}`
  return {
    kind,
    name,
    count: count === null ? '–' : many(count * copies),
    carries: bandwidth === null ? '' : text('bandwidth', bandwidth * copies),
    watts: text('power', watts?.value),
    price: text('price', price?.value),
    source: [source, power, cost].join('; '),
    modelled: watts?.basis === 'modelled' || watts?.basis === 'estimate',
  }
}

/** Whole where it is, one decimal where the pool has a part of one. */
function many(count: number): string {
  return grouped(count, Number.isInteger(count) ? 0 : 1)
}
