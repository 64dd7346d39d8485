import { join } from 'node:path'
import { z } from 'zod'
import type { MeasuredRun, StageTimes } from '../../simulation'
import { readCsv, readJson } from './measured-file'

const rowSchema = z.object({
  experiment: z.string().min(1),
  model: z.string().min(1),
  hardware: z.literal('H100'),
  precision: z.enum(['FP16', 'FP8']),
  stage_index: z.coerce.number().int().min(-1),
  metric: z.string(),
  actual: z.coerce.number().positive(),
})
type Row = z.infer<typeof rowSchema>

const count = z.int().positive()
const loadSchema = z.object({
  experiments: z.array(
    z.object({
      id: z.string(),
      tp: count,
      max_num_seqs: count,
      max_num_batched_tokens: count,
      total_kv_blocks: count,
      workload: z.object({
        inference_perf: z.object({
          shared_prefix: z.object({ system_prompt_len: count, question_len: count, output_len: count }),
          stages: z.array(z.object({ rate: z.number().positive(), duration: z.number().positive() })),
        }),
      }),
    }),
  ),
})

const modelKeys: Record<string, string> = {
  'meta-llama/Llama-2-7b-hf': 'llama-2-7b',
  'meta-llama/Llama-3.1-70B-Instruct': 'llama-3.1-70b',
  'mistralai/Mistral-Nemo-Instruct-2407': 'mistral-nemo-12b',
  'Qwen/Qwen2.5-7B-Instruct': 'qwen2.5-7b',
  '01-ai/Yi-34B': 'yi-34b',
  'RedHatAI/Llama-4-Scout-17B-16E-Instruct-FP8-dynamic': 'llama-4-scout',
}

/** Prompts of Llama 2 are decoded from tokens and encoded anew, which makes them longer: 592 tokens of nominally 566. */
const lengthened: Record<string, number> = { 'llama-2-7b': 592 / 566 }

/** The runs of a folder's `vllm-runs.csv` with their loads. */
export function readRuns(folder: string): MeasuredRun[] {
  const { experiments } = readJson(join(folder, 'vllm-runs-workloads.json'), loadSchema)
  const rows = readCsv(join(folder, 'vllm-runs.csv'), rowSchema)
  return [...new Set(rows.map(row => row.experiment))].map(id => {
    const own = rows.filter(row => row.experiment === id)
    // the longest id that the run's name begins with: dates begin with the digits of others
    const load = experiments.filter(one => id.startsWith(`${one.id}-`)).sort((a, b) => b.id.length - a.id.length)[0]
    const model = modelKeys[own[0]?.model ?? '']
    if (!load || model === undefined) throw new Error(`vllm-runs.csv: ${id}: no load or model known`)
    const { shared_prefix: prompt, stages } = load.workload.inference_perf
    const nominal = prompt.system_prompt_len + prompt.question_len
    return {
      id,
      model,
      precision: own[0]?.precision === 'FP8' ? 'fp8' : 'fp16',
      tensorParallel: load.tp,
      maxSequences: load.max_num_seqs,
      stepTokenBudget: load.max_num_batched_tokens,
      kvBlocks: load.total_kv_blocks,
      systemPrompt: prompt.system_prompt_len,
      prompt: Math.round(nominal * (lengthened[model] ?? 1)),
      output: prompt.output_len,
      stages: stages.map(({ rate, duration }, index) => ({ rate, duration, times: timesOf(own, index) })),
    }
  })
}

function timesOf(rows: readonly Row[], stage: number): StageTimes {
  const read = (metric: string): number => {
    const row = rows.find(one => one.stage_index === stage && one.metric === metric)
    if (!row) throw new Error(`vllm-runs.csv: ${rows[0]?.experiment}: stage ${stage}: no ${metric}`)
    return row.actual / 1000
  }
  return {
    e2e: { mean: read('e2e_mean'), p90: read('e2e_p90') },
    ttft: { mean: read('ttft_mean'), p90: read('ttft_p90') },
    itl: read('itl_mean'),
  }
}
