import { join } from 'node:path'
import { z } from 'zod'
import type { Engine, Precision } from '../../simulation'
import { readCsv } from './measured-file'

/** One row of `silicon.csv`: a closed loop of requests on one replica. Times [s]. */
export interface ClosedLoopRow {
  id: string
  chip: string
  engine: Engine
  version: string
  model: string
  precision: Precision
  tensorParallel: number
  pipelineParallel: number
  dataParallel: number
  expertParallel: number
  /** Nominal lengths [tokens] and requests in flight. */
  prompt: number
  output: number
  concurrency: number
  firstToken: number
  perToken: number
  /** Who ran the load: the sample's nightly benchmark, or the sample's authors with a program of their own. */
  harness: 'nightly' | 'authors'
  /** Named a run of DeepSeek R1 in its id, as which the sample has most of these too: with or without speculation. */
  ambiguous: boolean
  /** Day of the measurement; empty where the source does not tell. */
  date: string
}

const whole = z.union([z.literal('').transform(() => 0), z.coerce.number().int().nonnegative()])
const positive = z.coerce.number().positive()
const rowSchema = z.object({
  id: z.string().min(1),
  silicon_data_source: z.string(),
  backend: z.enum(['vllm', 'trtllm', 'sglang']),
  backend_version: z.string(),
  model_path: z.string().min(1),
  system: z.enum(['h100_sxm', 'h200_sxm', 'b200_sxm', 'b300_sxm', 'gb200', 'gb300']),
  precision: z.enum(['', 'bf16', 'fp8', 'fp4', 'int4']),
  mode: z.enum(['agg', 'disagg']),
  isl: z.coerce.number().int().positive(),
  osl: z.coerce.number().int().min(2),
  batch_size: whole,
  tp_size: whole,
  pp_size: whole,
  attention_dp_size: whole,
  moe_ep_size: whole,
  silicon_ttft_ms: positive,
  silicon_tpot_ms: positive,
})
type SiliconRow = z.infer<typeof rowSchema>

/** Models of the file by the key of the catalog or of the measured ones; DeepSeek R1 mixes runs with and without speculation. */
const modelKeys: Record<string, string> = {
  'meta-llama/Llama-3.1-70B': 'llama-3.1-70b',
  'Qwen/Qwen3-32B': 'qwen3-32b',
  'nvidia/Qwen3-32B-NVFP4': 'qwen3-32b',
  'Qwen/Qwen3-235B-A22B-FP8': 'qwen3-235b-a22b',
  'openai/gpt-oss-120b': 'gpt-oss-120b',
  'deepseek-ai/DeepSeek-V3': 'deepseek-v3',
  'nvidia/DeepSeek-V3.1-NVFP4': 'deepseek-v3',
  'moonshotai/Kimi-K2.5': 'kimi-k2',
  'MiniMaxAI/MiniMax-M2.5': 'minimax-m2',
  'zhipuai/GLM-5': 'glm-5',
}

/** Why a row tells nothing about one replica in a steady closed loop; `null` if it does. */
function reasonToSkip(row: SiliconRow): string | null {
  if (row.mode === 'disagg') return 'prefill and decode on different replicas'
  if (!modelKeys[row.model_path]) return `${row.model_path}: with and without speculation, unlabelled`
  if (row.system === 'h100_sxm' && row.backend === 'sglang') return 'H100 SGLang: batch-synchronous protocol'
  if (row.system === 'gb200') return 'GB200 aggregated: erratic, several workers'
  if (!/silicon_concurrency=\d+/.test(row.silicon_data_source)) return 'no concurrency given'
  if (row.attention_dp_size > 1) return 'attention data parallelism: columns and id disagree about the degrees'
  if (row.backend_version.startsWith('1.3.0rc')) return 'several workers behind one endpoint'
  return null
}

/** The closed-loop rows of a folder's `silicon.csv`, and how many rows were left out for what reason. */
export function readClosedLoops(folder: string): { rows: ClosedLoopRow[]; skipped: Map<string, number> } {
  const skipped = new Map<string, number>()
  const rows: ClosedLoopRow[] = []
  for (const row of readCsv(join(folder, 'silicon.csv'), rowSchema)) {
    const reason = reasonToSkip(row)
    if (reason) skipped.set(reason, (skipped.get(reason) ?? 0) + 1)
    else rows.push(closedLoop(row))
  }
  return { rows, skipped }
}

function closedLoop(row: SiliconRow): ClosedLoopRow {
  const model = modelKeys[row.model_path] ?? ''
  return {
    id: row.id,
    chip: row.system.replace('_sxm', ''),
    engine: row.backend,
    version: row.backend_version,
    model,
    precision: row.precision === '' ? (model === 'gpt-oss-120b' ? 'fp4' : 'bf16') : row.precision,
    ...parallelism(row),
    prompt: row.isl,
    output: row.osl,
    concurrency: Number(/silicon_concurrency=(\d+)/.exec(row.silicon_data_source)?.[1]),
    firstToken: row.silicon_ttft_ms / 1000,
    perToken: row.silicon_tpot_ms / 1000,
    harness: row.silicon_data_source.includes('auto-gap-analysis') ? 'authors' : 'nightly',
    ambiguous: row.id.startsWith('dsr1_'),
    date: /measured=([\d-]{10})/.exec(row.silicon_data_source)?.[1] ?? '',
  }
}

/**
 * Degrees of parallelism: with attention data parallelism as the columns say; else those in the id where it names them, and
 * 16 and 64 are tensor times expert parallelism.
 */
function parallelism(row: SiliconRow) {
  const data = Math.max(1, row.attention_dp_size)
  const named = data > 1 ? null : /tp(\d+)_ep(\d+)/.exec(row.id)
  const squared = data === 1 && (row.tp_size === 16 || row.tp_size === 64)
  const tensor = named ? Number(named[1]) : squared ? Math.sqrt(row.tp_size) : Math.max(1, row.tp_size)
  const expert = named ? Number(named[2]) : squared ? tensor : Math.max(1, row.moe_ep_size)
  return {
    tensorParallel: tensor,
    pipelineParallel: Math.max(1, row.pp_size),
    dataParallel: data,
    expertParallel: Math.min(expert, tensor * data),
  }
}
