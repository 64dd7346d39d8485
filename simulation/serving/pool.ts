import { findCalibration, type Calibration } from '../catalog/calibration'
import { chips, type Chip } from '../catalog/chips'
import type { Pool } from '../catalog/fleets'
import { bytesPerElement, kvBytesPerToken, models, weightBytes, type Model } from '../catalog/models'
import { createPowerModel, type PoolPower } from './power'
import { createBatchModel, createStepModel, type BatchModel, type StepModel } from './step-time'

/** How a pool's replicas work: token by token, in batches of queries, or on a training job. */
export type Serving =
  | { kind: 'tokens'; step: StepModel; kvCapacity: number; context: number }
  | { kind: 'single-shot'; batch: BatchModel; delay: number }
  | { kind: 'training'; tokensPerSecond: number; mfu: number }

/** What the engine needs of a pool, computed once. */
export interface PoolState {
  id: string
  chip: string
  /** First of its replicas, and how many. */
  first: number
  replicas: number
  chipsPerReplica: number
  /** First of its flows, and how many. */
  firstFlow: number
  flows: number
  maxSequences: number
  stepTokenBudget: number
  queueLimit: number
  picker: Pool['picker']
  serving: Serving
  power: PoolPower | null
}

/** Share of the KV cache kept free when a request is admitted beside others (vLLM's watermark). */
export const watermark = 0.01

/** Seconds that a single-shot replica gathers queries before it runs a batch that is not full. */
const gatherDelay = 0.002

/** Share of the peak that large training runs reach (Llama 3 pre-training: 38–43 %, The Llama 3 Herd of Models, 2024). */
const trainingMfu = 0.4

export function createPoolState(pool: Pool, place: Pick<PoolState, 'first' | 'firstFlow' | 'flows'>): PoolState {
  const chip = catalogChip(pool)
  const serving = createServing(pool, chip, catalogModel(pool))
  return {
    id: pool.id,
    chip: pool.chip,
    ...place,
    replicas: pool.replicas,
    chipsPerReplica: chipsPerReplica(pool),
    maxSequences: pool.maxSequences,
    stepTokenBudget: pool.stepTokenBudget,
    queueLimit: pool.queueLimit,
    picker: pool.picker,
    serving,
    power: createPowerModel(pool.chip, efficiencyOf(serving)),
  }
}

export function chipsPerReplica(pool: Pool): number {
  return pool.tensorParallel * pool.pipelineParallel * pool.dataParallel
}

/** Coefficients for a pool's chip, engine, precision and kind of model; `undefined` if the catalog has none. */
export function calibrationOf(pool: Pool): Calibration | undefined {
  const model = models[pool.model]
  const architecture = model?.kind === 'tokens' && model.experts ? 'mixture' : 'dense'
  return findCalibration(pool.chip, pool.engine, pool.precision, architecture)
}

/** Tokens of KV cache that fit into a replica beside the weights; negative when the weights alone do not fit. */
export function kvCapacity(pool: Pool): number {
  const model = catalogModel(pool)
  if (model.kind !== 'tokens') return 0
  const memory = chipsPerReplica(pool) * catalogChip(pool).memory * pool.memoryFraction
  // every data-parallel rank holds all weights but the experts, which all ranks share
  const experts = (model.expertParameters ?? 0) * bytesPerElement(pool.precision)
  const weights = (weightBytes(model, pool.precision) - experts) * pool.dataParallel + experts
  return Math.floor((memory - weights) / kvBytesPerToken(model))
}

/** Shares of the peaks that busy compute and memory time stand for. */
export function efficiencyOf(serving: Serving): { mfu: number; mbu: number } {
  if (serving.kind === 'tokens') return serving.step
  if (serving.kind === 'single-shot') return serving.batch
  return { mfu: serving.mfu, mbu: 0 }
}

function createServing(pool: Pool, chip: Chip, model: Model): Serving {
  const calibration = calibrationOf(pool)
  if (!calibration) {
    throw new Error(`pool ${pool.id}: no calibration of ${pool.chip} with ${pool.engine} at ${pool.precision}`)
  }
  if (model.kind === 'single-shot') {
    return { kind: 'single-shot', batch: createBatchModel(pool, chip, model, calibration), delay: gatherDelay }
  }
  if (pool.role === 'training') {
    const peak = chip.peakFlops[pool.precision] ?? 0
    const tokensPerSecond = (chipsPerReplica(pool) * peak * trainingMfu) / (6 * model.activeParameters)
    return { kind: 'training', tokensPerSecond, mfu: trainingMfu }
  }
  return {
    kind: 'tokens',
    step: createStepModel(pool, chip, model, calibration),
    kvCapacity: kvCapacity(pool),
    context: model.context,
  }
}

function catalogChip(pool: Pool): Chip {
  const chip = chips[pool.chip]
  if (!chip) throw new Error(`pool ${pool.id}: no chip ${pool.chip} in the catalog`)
  return chip
}

function catalogModel(pool: Pool): Model {
  const model = models[pool.model]
  if (!model) throw new Error(`pool ${pool.id}: no model ${pool.model} in the catalog`)
  return model
}
