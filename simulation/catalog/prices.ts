import type { Fact } from './source'

/** Dollars per chip-hour, two ways; `null` where there is no public figure. */
export interface ChipPrice {
  /** List price of a chip-hour in a cloud [$/h]. */
  list: Fact | null
  /** Purchase price of a chip with its share of the system [$]; with `systemPower` gives the cost of owning it. */
  purchase: Fact | null
  /** Chip with its share of host, network and cooling at the limit [W]; falls back on the chip's own limit. */
  systemPower: Fact | null
}

export const prices: Record<string, ChipPrice> = {}

/** Constants of ownership, energy and carbon; each may be overridden. */
export const economics = {} as Record<
  'clusterOverhead' | 'life' | 'operations' | 'dataCentrePerWatt' | 'dataCentreLife' | 'pue' | 'electricity' | 'carbon',
  Fact
>
