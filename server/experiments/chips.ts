import { z } from 'zod'
import { calibrations, chips as catalog, type Chip, type Refusal } from '../../simulation/index'
import { refuse } from '../refusal'
import type { Document } from './schema'
import { source, theExperiment } from './source'

const size = z.number().positive().max(1e24)
const unknown = size.nullable()
const precisions = ['bf16', 'fp16', 'fp8', 'fp4', 'int8', 'int4'] as const
const sourced = [
  'peakFlops',
  'memory',
  'memoryBandwidth',
  'scaleUpBandwidth',
  'scaleUpDomain',
  'scaleOutBandwidth',
  'powerLimit',
] as const

/** A chip of an experiment: all of a new one, or what is other than in the catalog. */
export const chip = z.strictObject({
  name: z.string().max(200).optional(),
  vendor: z.enum(['NVIDIA', 'AWS', 'Groq']).optional(),
  family: z.enum(['blackwell', 'rubin', 'groq-lpu', 'trainium', 'inferentia', 'hopper']).optional(),
  released: z.string().max(200).optional(),
  peakFlops: z.partialRecord(z.enum(precisions), size).optional(),
  memory: size.max(1e15).optional(),
  memoryBandwidth: size.optional(),
  scaleUpBandwidth: unknown.optional(),
  scaleUpDomain: z.int().min(1).max(1e6).nullable().optional(),
  scaleOutBandwidth: unknown.optional(),
  powerLimit: unknown.optional(),
  pairedWith: z.string().optional(),
  calibratedAs: z.string().optional(),
  sources: z.partialRecord(z.enum(sourced), source).optional(),
})

type Entry = z.infer<typeof chip>

/** The experiment's chips, whole; a refusal where a new one lacks a figure or names a relative that is not there. */
export function ownChips({ chips, pools }: Document): Record<string, Chip> | Refusal {
  const own: [string, Chip][] = []
  for (const [key, entry] of Object.entries(chips)) {
    const listed = find(key)
    const chip = listed ? override(listed, entry) : complete(key, entry, pools)
    if ('expected' in chip) return chip
    const { calibratedAs, pairedWith } = chip
    if (calibratedAs !== undefined && !find(calibratedAs)) return refuseKey(`chips.${key}.calibratedAs`, calibratedAs)
    if (pairedWith !== undefined && !find(pairedWith) && !Object.hasOwn(chips, pairedWith))
      return refuseKey(`chips.${key}.pairedWith`, pairedWith)
    own.push([key, chip])
  }
  return Object.fromEntries(own)
}

function override(listed: Chip, entry: Entry): Chip {
  return {
    ...listed,
    ...entry,
    peakFlops: { ...listed.peakFlops, ...entry.peakFlops },
    sources: { ...listed.sources, ...sourcesOf(entry) },
  }
}

function complete(key: string, entry: Entry, pools: Document['pools']): Chip | Refusal {
  const { peakFlops, memory, memoryBandwidth, scaleUpBandwidth, scaleOutBandwidth, powerLimit } = entry
  const missing = (field: keyof Entry, unit: string): Refusal => refuse(`chips.${key}.${field}`, entry[field], unit)
  if (!peakFlops || Object.keys(peakFlops).length === 0)
    return missing('peakFlops', 'dense peaks by precision [FLOP/s], such as { "bf16": 989e12 }')
  if (memory === undefined) return missing('memory', 'bytes of memory of the chip')
  if (memoryBandwidth === undefined) return missing('memoryBandwidth', 'bytes a second of its memory')
  if (scaleUpBandwidth === undefined)
    return missing('scaleUpBandwidth', 'bytes a second one way to the chips beside it, or null if unknown')
  if (scaleOutBandwidth === undefined)
    return missing('scaleOutBandwidth', 'bytes a second one way over the network, or null if unknown')
  if (powerLimit === undefined) return missing('powerLimit', 'watts of the chip at its limit, or null if unknown')
  const figures = { peakFlops, memory, memoryBandwidth, scaleUpBandwidth, scaleOutBandwidth, powerLimit }
  const calibratedAs = entry.calibratedAs ?? nearest({ ...entry, ...figures }, usesOf(key, pools))
  const relative = find(calibratedAs)
  return {
    name: key,
    vendor: relative?.vendor ?? 'NVIDIA',
    family: relative?.family ?? 'hopper',
    released: '',
    scaleUpDomain: null,
    ...entry,
    ...figures,
    calibratedAs,
    sources: sourcesOf(entry),
  }
}

type Use = Pick<Document['pools'][number], 'engine' | 'precision'>

function usesOf(key: string, pools: Document['pools']): Use[] {
  return pools.filter(pool => pool.chip === key)
}

/**
 * The chip of the catalog whose coefficients a new one takes: of its family if it names one, with coefficients for the
 * engines and precisions of its pools, the nearest by dense peaks and memory bandwidth, as ratios.
 */
function nearest(entry: Pick<Chip, 'peakFlops' | 'memoryBandwidth'> & Pick<Entry, 'family'>, uses: Use[]): string {
  const relatives = Object.entries(catalog).filter(([, { family }]) => !entry.family || family === entry.family)
  const able = relatives.filter(([key]) =>
    uses.every(({ engine, precision }) =>
      calibrations.some(fit => fit.chip === key && fit.engine === engine && fit.precision === precision),
    ),
  )
  const [first, ...others] = (able.length > 0 ? able : relatives).map(([key, chip]) => ({
    key,
    distance: distance(entry, chip),
  }))
  if (!first) throw new Error(`catalog: no chip of the family ${entry.family}`)
  return others.reduce((best, other) => (other.distance < best.distance ? other : best), first).key
}

type Figures = Pick<Chip, 'peakFlops' | 'memoryBandwidth'>

/** How far apart two chips are, the mean over the precisions that both have; those that share none are far. */
function distance(a: Figures, b: Figures): number {
  const apart = precisions.flatMap(precision => {
    const [own, other] = [a.peakFlops[precision], b.peakFlops[precision]]
    return own && other ? [Math.abs(Math.log(own / other))] : []
  })
  const peaks = apart.length > 0 ? apart.reduce((sum, part) => sum + part, 0) / apart.length : 100
  return peaks + Math.abs(Math.log(a.memoryBandwidth / b.memoryBandwidth))
}

function sourcesOf(entry: Entry): Chip['sources'] {
  const given = sourced.filter(field => entry[field] !== undefined && entry[field] !== null)
  return { ...Object.fromEntries(given.map(field => [field, theExperiment])), ...entry.sources }
}

function find(key: string): Chip | undefined {
  return Object.hasOwn(catalog, key) ? catalog[key] : undefined
}

function refuseKey(field: string, value: string): Refusal {
  return refuse(field, value, `one of ${Object.keys(catalog).join(', ')}`)
}
