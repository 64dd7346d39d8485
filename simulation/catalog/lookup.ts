import { findCalibration, type Calibration } from './calibration'
import { chips, type Chip } from './chips'
import type { Fleet, Pool } from './fleets'
import { bytesPerElement, kvBytesPerToken, models, weightBytes, type Model } from './models'

/** Chips, models and coefficients that a fleet brings along; they go before those of the catalog. */
export type Own = Pick<Fleet, 'chips' | 'models' | 'calibrations'>

/** The chip of that key; `undefined` if neither the fleet nor the catalog has one. */
export function findChip(own: Own, key: string): Chip | undefined {
  return find(own.chips, key) ?? find(chips, key)
}

export function findModel(own: Own, key: string): Model | undefined {
  return find(own.models, key) ?? find(models, key)
}

/** The chip of a pool; throws if there is none. */
export function chipOf(own: Own, pool: Pick<Pool, 'id' | 'chip'>): Chip {
  const chip = findChip(own, pool.chip)
  if (!chip) throw new Error(`pool ${pool.id}: no chip ${pool.chip} in the catalog`)
  return chip
}

/** The model of a pool or workload; throws if there is none. */
export function modelOf(own: Own, { id, model }: { id: string; model: string }): Model {
  const found = findModel(own, model)
  if (!found) throw new Error(`${id}: no model ${model} in the catalog`)
  return found
}

/** Names of all chips, or models, that a fleet can use. */
export function namesOf(own: Record<string, unknown> | undefined, kind: 'chips' | 'models'): string {
  return [...new Set([...Object.keys(own ?? {}), ...Object.keys(kind === 'chips' ? chips : models)])].join(', ')
}

export function chipsPerReplica(pool: Pool): number {
  return pool.tensorParallel * pool.pipelineParallel * pool.dataParallel
}

/** Coefficients for a pool's chip, engine, precision and kind of model; `undefined` if the catalog has none. */
export function calibrationOf(own: Own, pool: Pool): Calibration | undefined {
  const model = findModel(own, pool.model)
  const architecture = model?.kind === 'tokens' && model.experts ? 'mixture' : 'dense'
  const measuredAs = findChip(own, pool.chip)?.calibratedAs ?? pool.chip
  const wanted = [measuredAs, pool.engine, pool.precision, architecture, pool.model] as const
  return findCalibration(...wanted, own.calibrations ?? []) ?? findCalibration(...wanted)
}

/** Memory that a replica may fill with weights and KV cache [bytes]. */
export function usableMemory(own: Own, pool: Pool): number {
  return chipsPerReplica(pool) * chipOf(own, pool).memory * pool.memoryFraction
}

/** Weights as a replica holds them [bytes]: every data-parallel rank holds all but the experts, which all ranks share. */
export function residentWeights(own: Own, pool: Pool): number {
  const model = modelOf(own, pool)
  if (model.kind !== 'tokens') return weightBytes(model, pool.precision)
  const experts = (model.expertParameters ?? 0) * bytesPerElement(pool.precision)
  return (weightBytes(model, pool.precision) - experts) * pool.dataParallel + experts
}

/** Blocks of KV cache that fit into a replica beside the weights; below 1 when the model does not fit. */
export function kvBlocks(own: Own, pool: Pool): number {
  if (pool.kvBlocks !== undefined) return pool.kvBlocks
  const model = modelOf(own, pool)
  if (model.kind !== 'tokens') return 0
  // tensor-parallel ranks beyond the KV heads hold copies of them
  const copies = Math.max(1, pool.tensorParallel / model.kvHeads)
  const bytes = kvBytesPerToken(model) * copies * blockSize
  return Math.floor((usableMemory(own, pool) - residentWeights(own, pool)) / bytes)
}

export const blockBits = 4
/** Tokens of a KV block (vLLM's default). */
export const blockSize = 1 << blockBits

function find<Entry>(entries: Record<string, Entry> | undefined, key: string): Entry | undefined {
  return entries && Object.hasOwn(entries, key) ? entries[key] : undefined
}
