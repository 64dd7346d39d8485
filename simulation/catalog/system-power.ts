import type { Part } from './parts'
import { prices } from './prices'
import type { Fact } from './source'
import { findSystem, type System } from './systems'

/**
 * What a chip's share of its system draws beyond the chip [W], at the limit: the published power of the node or rack less
 * its chips, or the parts whose power is known where these draw more or nothing is published; and its share of what stands
 * outside. `limit` is that of the chip [W].
 */
export function powerBeyondChip(chip: string, limit: number): number {
  const system = findSystem(chip)
  const stated = prices[chip]?.systemPower?.value ?? limit
  const inside = system ? drawn(system, part => !part.outside) : 0
  const outside = system ? drawn(system, part => part.outside === true) : 0
  return Math.max(stated - limit, inside) + outside
}

/** What the published power of a system leaves for fans, memory, storage and losses [W]; `null` if it is not published. */
export function unlistedPower(system: System, limit: number): Fact | null {
  const stated = prices[system.chip]?.systemPower
  if (!stated) return null
  const value = (stated.value - limit - drawn(system, part => !part.outside)) * system.chips
  if (value <= 0) return null
  return { value, basis: 'modelled', source: `what is left of the system's power: ${stated.source}`, date: stated.date }
}

/** Power of the parts of a system that is known, per chip [W]. */
function drawn({ parts, chips }: System, wanted: (part: Part) => boolean): number {
  return parts.filter(wanted).reduce((sum, { count, watts }) => sum + (count ?? 0) * (watts?.value ?? 0), 0) / chips
}
