/** Fits the few public runs on Trainium2: calibrated, not verified. */
import { join } from 'node:path'
import { z } from 'zod'
import {
  errorsOf,
  fitCoefficients,
  stepErrors,
  type NeuronCoefficients,
  type NeuronFit,
  type NeuronRow,
} from './neuron'
import { readJson } from './measured-file'

const modelKeys: Record<string, string> = {
  'Llama-3.1-8B': 'llama-3.1-8b',
  'Llama-3.3-70B': 'llama-3.1-70b',
  'Llama-3.1-405B': 'llama-3.1-405b',
  'Qwen3-32B': 'qwen3-32b',
}

/** A figure of the collection; those of one run share all but metric and value. */
export const publishedRows = z.array(
  z.object({
    id: z.string(),
    chip_key: z.string(),
    tp: z.int().positive().nullable(),
    model: z.string(),
    isl: z.number().positive().nullable(),
    osl: z.number().positive().nullable(),
    concurrency_or_batch: z.union([z.number(), z.string()]).nullable(),
    metric: z.string(),
    value: z.number(),
  }),
)

/** Rows of `published.json` of the folder, without speculative decoding. */
export function readTrainium2(folder: string): NeuronRow[] {
  const runs = new Map<string, NeuronRow>()
  for (const figure of readJson(join(folder, 'published.json'), publishedRows)) {
    const model = modelKeys[figure.model]
    const time = figure.metric.slice(0, 4)
    if (figure.chip_key !== 'trn2' || figure.id.includes('-spec-') || !model) continue
    if ((time !== 'ttft' && time !== 'tpot') || !figure.tp || !figure.isl || !figure.osl) continue
    const run = {
      chip: 'trainium2',
      model,
      weights: 'bf16' as const,
      cores: figure.tp,
      batch: Number(figure.concurrency_or_batch),
      prompt: figure.isl,
      output: figure.osl,
    }
    const key = JSON.stringify(run)
    runs.set(key, { ...run, ttft: null, tpot: null, ...runs.get(key), [time]: figure.value / 1000 })
  }
  return [...runs.values()]
}

/** Coefficients of Trainium2, drawn to those of Trainium1. */
export function fitTrainium2(rows: readonly NeuronRow[], trainium1: NeuronCoefficients): Omit<NeuronFit, 'heldOut'> {
  const coefficients = fitCoefficients(rows, trainium1)
  return {
    chip: 'trainium2',
    ...coefficients,
    rows: rows.length,
    error: errorsOf(rows, row => stepErrors(row, coefficients))('trainium2'),
    date: '2026',
  }
}
