import { families, type Family } from '../catalog/chips'
import type { Fleet } from '../catalog/fleets'
import { findChip } from '../catalog/lookup'

/** Families that a fleet has, in the order of the catalog. */
export function familiesOf(fleet: Fleet): Family[] {
  const used = new Set(fleet.pools.map((_, pool) => familyOf(fleet, pool)))
  return (Object.keys(families) as Family[]).filter(family => used.has(family))
}

/** Family of the chips of a pool; `undefined` if nothing knows the chip. */
export function familyOf(fleet: Fleet, pool: number): Family | undefined {
  return findChip(fleet, fleet.pools[pool]?.chip ?? '')?.family
}
