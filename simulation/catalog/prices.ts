import { HOUR, KWH, YEAR } from '../units'
import { chips } from './chips'
import type { Fact, Source } from './source'

/** What a chip costs and draws with its share of the system; `null` where there is no public figure. */
export interface ChipPrice {
  /** List price of a chip-hour in a cloud [$/h]. */
  list: Fact | null
  /** Purchase price of a chip with its share of the system [$]; with `systemPower` gives the cost of owning it. */
  purchase: Fact | null
  /** Chip with its share of host, network and fans at the limit [W]; falls back on the chip's own limit. */
  systemPower: Fact | null
}

const onDemand: Source = { basis: 'list price', source: 'AWS on-demand price, us-east-1, Linux', date: '2026-09-18' }
const capacityBlock: Source = { basis: 'list price', source: 'AWS Capacity Blocks price page', date: '2026-07-22' }
const pricingApi: Source = { basis: 'list price', source: 'AWS Pricing API, on demand', date: '2026-10-03' }
const street: Source = { basis: 'estimate', source: 'street price in @huggingface/tasks 0.21.54', date: '2026' }
const margins: Source = {
  basis: 'estimate',
  source: 'AshitaOrbis/inference-margins, engine.js @d16da8b, all-in analyst value',
  date: '2026',
}

export const prices: Record<string, ChipPrice> = {
  h100: {
    list: { value: 6.88, ...onDemand },
    purchase: { value: 30_000, ...street },
    systemPower: {
      value: 10_200 / 8,
      basis: 'estimate',
      source: 'DGX H100 as quoted by kshirol-dev.github.io, training clusters, ÷ 8',
      date: '2026',
    },
  },
  h200: {
    list: { value: 7.912, ...onDemand },
    purchase: { value: 32_000, ...street },
    systemPower: {
      value: 10_200 / 8,
      basis: 'modelled',
      source: 'as the DGX H100: the same limit and host',
      date: '2026',
    },
  },
  b200: {
    list: { value: 14.2416, ...onDemand },
    purchase: { value: 40_000, ...street },
    systemPower: {
      value: 14_300 / 8,
      basis: 'vendor',
      source: 'NVIDIA DGX B200 documentation, maximum, ÷ 8',
      date: '2025',
    },
  },
  gb200: {
    list: { value: 10.582, ...capacityBlock },
    purchase: { value: 45_000, ...margins },
    systemPower: {
      value: 120_000 / 72,
      basis: 'vendor',
      source: 'NVIDIA DGX GB200 user guide, about 120 kW a rack, ÷ 72',
      date: '2026',
    },
  },
  b300: {
    list: { value: 17.802, ...onDemand },
    purchase: { value: 45_000, ...street },
    systemPower: { value: 14_500 / 8, basis: 'vendor', source: 'NVIDIA DGX B300 documentation, ÷ 8', date: '2025' },
  },
  gb300: {
    list: null,
    purchase: { value: 55_000, ...margins },
    systemPower: {
      value: 142_000 / 72,
      basis: 'vendor',
      source: 'NVIDIA GB300 NVL72 reference architecture, rack limit ÷ 72',
      date: '2025',
    },
  },
  rubin: {
    list: null,
    purchase: {
      value: 7_800_000 / 72,
      basis: 'estimate',
      source: 'Morgan Stanley estimate of the rack as quoted by buysellram.com, ÷ 72',
      date: '2026',
    },
    systemPower: {
      value: 205_000 / 72,
      basis: 'estimate',
      source: 'rack estimate by transurfing-volatility.ghost.io ÷ 72; NVIDIA publishes none',
      date: '2026',
    },
  },
  'groq-lpu-v1': { list: null, purchase: null, systemPower: null },
  'groq-3-lpu': { list: null, purchase: null, systemPower: null },
  trainium1: { list: { value: 1.34375, ...pricingApi }, purchase: null, systemPower: null },
  trainium2: { list: { value: 2.235, ...capacityBlock }, purchase: { value: 15_000, ...margins }, systemPower: null },
  trainium3: { list: null, purchase: { value: 20_000, ...margins }, systemPower: null },
  inferentia1: { list: null, purchase: null, systemPower: null },
  inferentia2: { list: { value: 1.0818, ...pricingApi }, purchase: null, systemPower: null },
}

/** Constants of ownership, energy and carbon. */
export const economics = {
  /** Capital of a cluster ÷ that of its chips. */
  clusterOverhead: { value: 1.3, ...margins },
  /** Useful life of the chips [s]. */
  life: {
    value: 5 * YEAR,
    basis: 'vendor',
    source: 'Amazon annual report: five years for a part of the servers',
    date: '2025',
  },
  /** Operation, of the capital over the life. */
  operations: { value: 0.08, ...margins },
  /** Data centre [$/W], and its life [s]. */
  dataCentrePerWatt: { value: 12, ...margins },
  dataCentreLife: { value: 12 * YEAR, ...margins },
  /** Power of the data centre ÷ that of its machines. */
  pue: { value: 1.14, basis: 'vendor', source: 'AWS sustainability report', date: '2025' },
  /** [$/J] */
  electricity: {
    value: 0.0861 / KWH,
    basis: 'measured',
    source: 'EIA, US industrial price, mean of 2025',
    date: '2025',
  },
  /** [g CO₂ per J] */
  carbon: { value: 367 / KWH, basis: 'measured', source: 'EIA, US grid', date: '2023' },
} satisfies Record<string, Fact>

/** What a chip-hour is taken to cost: owning the chip, or the list price of a cloud. */
export type Pricing = 'ownership' | 'list'

/** Cost of a chip-hour [$/h] with electricity at a price [$/J]; `null` where it is not public. */
export function chipHour(
  chip: string,
  pricing: Pricing = 'ownership',
  electricity = economics.electricity.value,
): Fact | null {
  return pricing === 'list' ? (prices[chip]?.list ?? null) : ownershipPerHour(chip, electricity)
}

/**
 * Cost of owning a chip for an hour [$/h]: capital and operation over its life, its part of the data centre, electricity
 * at the limit. `null` where purchase price or power is not public.
 */
export function ownershipPerHour(chip: string, electricity = economics.electricity.value): Fact | null {
  const price = prices[chip]
  const watts = price?.systemPower?.value ?? chips[chip]?.powerLimit ?? null
  if (!price?.purchase || watts === null) return null
  const { clusterOverhead, life, operations, dataCentrePerWatt, dataCentreLife, pue } = economics
  const capital = (price.purchase.value * clusterOverhead.value * (1 + operations.value)) / life.value
  const building = (dataCentrePerWatt.value * watts) / dataCentreLife.value
  const energy = watts * pue.value * electricity
  return {
    value: (capital + building + energy) * HOUR,
    basis: 'modelled',
    source: `cost of ownership from a purchase price of $${price.purchase.value} (${price.purchase.source})`,
    date: price.purchase.date,
  }
}
