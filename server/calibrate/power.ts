/** Fits the power of a chip to ML.ENERGY's measurements (see simulation/serving/power.ts for the form). */
import { join } from 'node:path'
import { z } from 'zod'
import {
  bytesPerElement,
  chips,
  findPower,
  kvBytesPerToken,
  measuredModel,
  partsOf,
  powerTerms,
  shareOfLimit,
  unreadParameters,
  type ChipLoad,
  type PowerMeasurement,
  type PowerModel,
} from '../../simulation'
import { heldOutErrors, medianError, round } from './held-out'
import { fitRelative } from './least-squares'
import { readJson } from './measured-file'

/** One steady batch. */
export interface PowerRow extends Pick<PowerMeasurement, 'chip' | 'model' | 'precision' | 'chips'> {
  batch: number
  tokensPerSecond: number
  outputTokens: number
  watts: number
}

export type PowerShares = Pick<PowerModel, 'active' | 'dense' | 'memory' | 'compute'>

export interface PowerFit extends PowerShares {
  chip: string
  idle: number
  rows: number
  /** Median relative errors: on these rows, and on those of each model by a fit to all others. */
  error: number
  heldOut: number
  /** Date of the measurements. */
  date: string
}

/** Models of the file that the fit can describe, by their key. */
const modelKeys: Record<string, string> = {
  'meta-llama/Llama-3.1-8B-Instruct': 'llama-3.1-8b',
  'meta-llama/Llama-3.1-70B-Instruct': 'llama-3.1-70b',
  'meta-llama/Llama-3.3-70B-Instruct': 'llama-3.1-70b',
  'meta-llama/Llama-3.1-405B-Instruct': 'llama-3.1-405b',
  'meta-llama/Llama-3.1-405B-Instruct-FP8': 'llama-3.1-405b',
  'meta-llama/Llama-4-Scout-17B-16E-Instruct': 'llama-4-scout',
  'meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8': 'llama-4-maverick',
  'Qwen/Qwen3-8B': 'qwen3-8b',
  'Qwen/Qwen3-14B': 'qwen3-14b',
  'Qwen/Qwen3-32B': 'qwen3-32b',
  'Qwen/Qwen3-30B-A3B-Instruct-2507': 'qwen3-30b-a3b',
  'Qwen/Qwen3-235B-A22B-Instruct-2507': 'qwen3-235b-a22b',
  'Qwen/Qwen3-235B-A22B-Instruct-2507-FP8': 'qwen3-235b-a22b',
  'google/gemma-3-12b-it': 'gemma-3-12b',
  'google/gemma-3-27b-it': 'gemma-3-27b',
  'deepseek-ai/DeepSeek-V3.1': 'deepseek-v3',
}

const contents = z.object({
  configurations: z
    .array(
      z.object({
        gpu_model: z.string(),
        model_id: z.string(),
        weight_precision: z.enum(['bfloat16', 'fp8']),
        num_gpus: z.int().positive(),
        avg_batch_size: z.number().positive(),
        output_throughput_tokens_per_sec: z.number().positive(),
        avg_output_len: z.number().positive(),
        avg_power_watts: z.number().positive(),
      }),
    )
    .min(1),
})

/** Prompts of the task [tokens]; the file does not say. */
const promptTokens = 100
const date = '2026-11'

/** Shares of the limit of every chip that `mlenergy_v3_lm-arena-chat.json` of the folder measures. */
export function fitPower(folder: string): PowerFit[] {
  const rows = readPower(folder)
  return [...new Set(rows.map(({ chip }) => chip))].map(chip => fitChip(chip, rows))
}

/** Rows of models that the catalog can describe. Throws with file, field, value and what was expected. */
export function readPower(folder: string): PowerRow[] {
  const { configurations } = readJson(join(folder, 'mlenergy_v3_lm-arena-chat.json'), contents)
  return configurations.flatMap(row => {
    const model = modelKeys[row.model_id]
    const chip = row.gpu_model.toLowerCase()
    if (!model || !chips[chip]) return []
    return {
      chip,
      model,
      precision: row.weight_precision === 'fp8' ? ('fp8' as const) : ('bf16' as const),
      chips: row.num_gpus,
      batch: row.avg_batch_size,
      tokensPerSecond: row.output_throughput_tokens_per_sec,
      outputTokens: row.avg_output_len,
      watts: row.avg_power_watts,
    }
  })
}

/** The rows of a table of measurements. */
export function powerRows(measurements: readonly PowerMeasurement[]): PowerRow[] {
  return measurements.flatMap(({ chip, model, precision, chips: count, ...columns }) =>
    columns.batch.map((batch, i) => ({
      chip,
      model,
      precision,
      chips: count,
      batch,
      tokensPerSecond: columns.tokensPerSecond[i] ?? NaN,
      outputTokens: columns.outputTokens[i] ?? NaN,
      watts: columns.watts[i] ?? NaN,
    })),
  )
}

export function fitChip(chip: string, all: readonly PowerRow[]): PowerFit {
  const rows = all.filter(row => row.chip === chip)
  const idle = idleOf(chip)
  const shares = fitShares(rows)
  return {
    chip,
    idle,
    ...shares,
    rows: rows.length,
    error: round(medianError(rows.map(row => powerError(row, shares)))),
    heldOut: round(medianError(heldOutPower(rows))),
    date,
  }
}

/** Relative errors of rows of one chip, each by a fit to the rows of all other models. */
export function heldOutPower(rows: readonly PowerRow[]): number[] {
  return heldOutErrors(rows, ({ model }) => model, fitShares, powerError)
}

/** Relative error of the power that shares of the limit stand for. */
export function powerError(row: PowerRow, shares: PowerShares): number {
  const mixture = measuredModel(row.model).experts !== undefined
  return shareOfLimit(idleOf(row.chip), partsOf(shares, mixture), loadOf(row)) / measuredShare(row) - 1
}

function fitShares(rows: readonly PowerRow[]): PowerShares {
  const observations = rows.map(row => {
    const { active, memory, compute } = powerTerms(loadOf(row))
    const dense = measuredModel(row.model).experts === undefined ? 1 : 0
    const share = measuredShare(row)
    return { terms: [active, dense, memory, compute], value: share - idleOf(row.chip), scale: share }
  })
  const idle = idleOf(rows[0]?.chip ?? '')
  const [active = 0, dense = 0, memory = 0, compute = 0] = fitRelative(observations, { limit: 1 - idle }).map(round)
  return { active, dense, memory, compute }
}

/** Work of a chip in a steady batch: every step reads the weights that its tokens touch and the KV cache of all requests. */
function loadOf(row: PowerRow): ChipLoad {
  const model = measuredModel(row.model)
  const chip = chips[row.chip]
  const peak = chip?.peakFlops[row.precision]
  if (!chip || peak === undefined) throw new Error(`${row.chip}: no ${row.precision} peak`)
  const perSecond = row.tokensPerSecond * (1 + promptTokens / row.outputTokens)
  const steps = row.tokensPerSecond / row.batch
  const tokens = perSecond / steps
  const context = promptTokens + row.outputTokens / 2
  const experts = model.expertParameters ?? 0
  const touched = model.experts ? 1 - Math.pow(1 - (model.expertsPerToken ?? 0) / model.experts, tokens) : 0
  const unread = unreadParameters(row.model)
  const weights = (model.parameters - experts - unread + experts * touched) * bytesPerElement(row.precision)
  // tensor-parallel ranks beyond the KV heads read copies of them
  const copies = Math.max(1, row.chips / model.kvHeads)
  const bytes = steps * (weights + row.batch * context * kvBytesPerToken(model) * copies)
  const attention = 4 * model.layers * model.heads * model.headDim * context * row.tokensPerSecond
  const matrices = 2 * (model.activeParameters - unread)
  const flops = matrices * perSecond + attention
  return {
    busy: 1,
    compute: flops / (row.chips * peak),
    memory: bytes / (row.chips * chip.memoryBandwidth),
    tokens: flops / matrices / steps,
  }
}

function measuredShare({ chip, watts, chips: count }: PowerRow): number {
  const limit = chips[chip]?.powerLimit
  if (!limit) throw new Error(`${chip}: no power limit`)
  return watts / count / limit
}

function idleOf(chip: string): number {
  const power = findPower(chip)
  if (!power) throw new Error(`${chip}: no idle power`)
  return power.idle
}
