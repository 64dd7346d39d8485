/**
 * Fits the Groq LPU v1 to its few public figures: calibrated, not verified. Weights lie in the SRAM of hundreds of chips,
 * a pipeline that a token passes layer by layer; reading them takes next to nothing, so the time of a layer is the passage
 * through its chips and their links, whatever the width of the model.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { bytesPerElement, chips, kvBytesPerToken, measuredModel } from '../../simulation'
import { medianError, quantile, round } from './held-out'
import { readJson } from './measured-file'
import { publishedRows } from './trainium2'

/** One user's time per output token [s]. */
export interface LpuRow {
  model: string
  tpot: number
}

export interface LpuFit {
  chip: 'groq-lpu-v1'
  /** Passage of one token through the chips of a layer [s], by kind of model. */
  layerOverhead: { dense: number; mixture: number }
  /** From a client until the first step [s], network included. */
  ingest: number
  rows: number
  error: { tpot: number }
  date: string
}

const modelKeys: Record<string, string> = {
  'Llama-2-7B': 'llama-2-7b',
  'Llama-2-70B': 'llama-2-70b',
  'Mixtral-8x7B': 'mixtral-8x7b',
}

/** Press figures of 2024-02: tokens per second of one user of Llama 2 70B, which the collection lacks. */
const press: LpuRow[] = [{ model: 'llama-2-70b', tpot: 1 / 300 }]

const client = z.object({
  mean_output_tokens: z.number().positive(),
  results_ttft_s_quantiles_p50: z.number().positive(),
  results_end_to_end_latency_s_quantiles_p50: z.number().positive(),
})

export function fitLpu(folder: string): LpuFit {
  const seen = readJson(join(folder, 'llmperf_groq_llama2_70b_summary.json'), client)
  const atClient = seen.results_end_to_end_latency_s_quantiles_p50 - seen.results_ttft_s_quantiles_p50
  const rows = [
    ...readSpeeds(folder),
    ...press,
    { model: 'llama-2-70b', tpot: atClient / (seen.mean_output_tokens - 1) },
  ]
  const layerOverhead = { dense: perLayer(rows, false), mixture: perLayer(rows, true) }
  const errors = rows.map(({ model, tpot }) => {
    const { experts, layers } = measuredModel(model)
    return ((experts ? layerOverhead.mixture : layerOverhead.dense) * layers) / tpot - 1
  })
  const passage = measuredModel('llama-2-70b').layers * layerOverhead.dense
  return {
    chip: 'groq-lpu-v1',
    layerOverhead,
    ingest: round(seen.results_ttft_s_quantiles_p50 - passage),
    rows: rows.length,
    error: { tpot: round(medianError(errors)) },
    date: '2024-02',
  }
}

/** Chips whose SRAM holds a model and the KV cache of so many requests of so many tokens, used to this share. */
export function chipsToHold(key: string, { requests = 0, tokens = 0, share = 0.9 } = {}): number {
  const model = measuredModel(key)
  const bytes = model.parameters * bytesPerElement('int8') + requests * tokens * kvBytesPerToken(model)
  return Math.ceil(bytes / ((chips['groq-lpu-v1']?.memory ?? NaN) * share))
}

function readSpeeds(folder: string): LpuRow[] {
  return readJson(join(folder, 'published.json'), publishedRows).flatMap(row => {
    const model = modelKeys[row.model]
    if (row.chip_key !== 'groq-lpu-v1' || row.metric !== 'output_speed_per_user' || !model) return []
    return { model, tpot: 1 / row.value }
  })
}

function perLayer(rows: readonly LpuRow[], mixture: boolean): number {
  const times = rows
    .filter(({ model }) => (measuredModel(model).experts !== undefined) === mixture)
    .map(({ model, tpot }) => tpot / measuredModel(model).layers)
  return round(quantile(times, 0.5))
}
