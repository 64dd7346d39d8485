import type { Precision } from '../chips'

/** Times of the requests of a stage, as their clients saw them [s]. */
export interface StageTimes {
  e2e: { mean: number; p90: number }
  ttft: { mean: number; p90: number }
  /** Mean. Of an answer counted again by its text: for Llama 2 some 24 to 29 % above the time between generated tokens. */
  itl: number
}

/** A run of vLLM 0.15.1 on H100 under an open load: Poisson arrivals at the rate of each stage. */
export interface MeasuredRun {
  id: string
  model: string
  precision: Precision
  tensorParallel: number
  maxSequences: number
  stepTokenBudget: number
  kvBlocks: number
  /** First tokens of a prompt, the same for ten questions. */
  systemPrompt: number
  /** Whole prompt and answer [tokens]. */
  prompt: number
  output: number
  stages: { rate: number; duration: number; times: StageTimes }[]
}

/**
 * Runs of inference-perf, published by inference-sim/sim-to-real-accuracy-validation and inference-sim (Apache-2.0,
 * 2026-02). The same 100 prompts, ten questions to each of ten system prompts, are asked in turn, whatever has become of
 * their answers; the run's own files say so of one run, and times to the first token of the others.
 */
export const measuredRuns: MeasuredRun[] = [
  {
    id: '17-llama-4-scout-17b-16e-tp2-general-lite-2-1',
    model: 'llama-4-scout',
    precision: 'fp8',
    tensorParallel: 2,
    maxSequences: 128,
    stepTokenBudget: 2048,
    kvBlocks: 8253,
    systemPrompt: 100,
    prompt: 547,
    output: 248,
    stages: [
      {
        rate: 2.5,
        duration: 600,
        times: { e2e: { mean: 4.46, p90: 4.837 }, ttft: { mean: 0.0578, p90: 0.06392 }, itl: 0.0179 },
      },
      {
        rate: 6,
        duration: 600,
        times: { e2e: { mean: 5.607, p90: 5.863 }, ttft: { mean: 0.0648, p90: 0.07458 }, itl: 0.02253 },
      },
    ],
  },
  {
    id: '20-llama-4-scout-17b-16e-tp2-codegen-2',
    model: 'llama-4-scout',
    precision: 'fp8',
    tensorParallel: 2,
    maxSequences: 128,
    stepTokenBudget: 2048,
    kvBlocks: 8253,
    systemPrompt: 100,
    prompt: 566,
    output: 247,
    stages: [
      {
        rate: 5,
        duration: 600,
        times: { e2e: { mean: 5.391, p90: 5.626 }, ttft: { mean: 0.06522, p90: 0.07326 }, itl: 0.02173 },
      },
      {
        rate: 10,
        duration: 600,
        times: { e2e: { mean: 6.662, p90: 6.91 }, ttft: { mean: 0.07663, p90: 0.08815 }, itl: 0.02688 },
      },
    ],
  },
  {
    id: '21-llama-4-scout-17b-16e-tp2-roleplay-2',
    model: 'llama-4-scout',
    precision: 'fp8',
    tensorParallel: 2,
    maxSequences: 128,
    stepTokenBudget: 2048,
    kvBlocks: 8253,
    systemPrompt: 150,
    prompt: 750,
    output: 251,
    stages: [
      {
        rate: 6,
        duration: 1200,
        times: { e2e: { mean: 5.804, p90: 6.097 }, ttft: { mean: 0.06703, p90: 0.07605 }, itl: 0.02305 },
      },
    ],
  },
  {
    id: '48-llama-4-scout-17b-16e-tp2-reasoning-lite-2-1',
    model: 'llama-4-scout',
    precision: 'fp8',
    tensorParallel: 2,
    maxSequences: 128,
    stepTokenBudget: 2048,
    kvBlocks: 8253,
    systemPrompt: 100,
    prompt: 1034,
    output: 1448,
    stages: [
      {
        rate: 1,
        duration: 1200,
        times: { e2e: { mean: 40.84, p90: 44.55 }, ttft: { mean: 0.1382, p90: 0.1757 }, itl: 0.02868 },
      },
    ],
  },
  {
    id: '60-llama-3-1-70b-tp4-general-lite-4-1',
    model: 'llama-3.1-70b',
    precision: 'fp16',
    tensorParallel: 4,
    maxSequences: 128,
    stepTokenBudget: 8192,
    kvBlocks: 30251,
    systemPrompt: 100,
    prompt: 547,
    output: 248,
    stages: [
      {
        rate: 2.5,
        duration: 600,
        times: { e2e: { mean: 4.208, p90: 4.286 }, ttft: { mean: 0.05196, p90: 0.05813 }, itl: 0.01708 },
      },
      {
        rate: 6,
        duration: 600,
        times: { e2e: { mean: 4.625, p90: 4.807 }, ttft: { mean: 0.05443, p90: 0.06224 }, itl: 0.0188 },
      },
    ],
  },
  {
    id: '61-llama-3-1-70b-tp4-codegen-4-1',
    model: 'llama-3.1-70b',
    precision: 'fp16',
    tensorParallel: 4,
    maxSequences: 128,
    stepTokenBudget: 2048,
    kvBlocks: 30425,
    systemPrompt: 100,
    prompt: 566,
    output: 247,
    stages: [
      {
        rate: 5,
        duration: 600,
        times: { e2e: { mean: 4.495, p90: 4.607 }, ttft: { mean: 0.05474, p90: 0.06111 }, itl: 0.0183 },
      },
      {
        rate: 10,
        duration: 600,
        times: { e2e: { mean: 5.014, p90: 5.11 }, ttft: { mean: 0.0598, p90: 0.06801 }, itl: 0.02043 },
      },
    ],
  },
  {
    id: '62-mistral-nemo-12b-tp2-general-lite-2-1',
    model: 'mistral-nemo-12b',
    precision: 'fp16',
    tensorParallel: 2,
    maxSequences: 128,
    stepTokenBudget: 1024,
    kvBlocks: 48009,
    systemPrompt: 100,
    prompt: 547,
    output: 248,
    stages: [
      {
        rate: 2.5,
        duration: 600,
        times: { e2e: { mean: 1.497, p90: 1.521 }, ttft: { mean: 0.022, p90: 0.02415 }, itl: 0.006002 },
      },
      {
        rate: 6,
        duration: 600,
        times: { e2e: { mean: 1.549, p90: 1.582 }, ttft: { mean: 0.02156, p90: 0.0241 }, itl: 0.006211 },
      },
    ],
  },
  {
    id: '63-mistral-nemo-12b-tp1-codegen-1-1',
    model: 'mistral-nemo-12b',
    precision: 'fp16',
    tensorParallel: 1,
    maxSequences: 128,
    stepTokenBudget: 2048,
    kvBlocks: 19251,
    systemPrompt: 100,
    prompt: 566,
    output: 247,
    stages: [
      {
        rate: 5,
        duration: 600,
        times: { e2e: { mean: 2.45, p90: 2.513 }, ttft: { mean: 0.0319, p90: 0.03577 }, itl: 0.009864 },
      },
      {
        rate: 10,
        duration: 600,
        times: { e2e: { mean: 2.628, p90: 2.703 }, ttft: { mean: 0.03373, p90: 0.03806 }, itl: 0.01058 },
      },
    ],
  },
  {
    id: '64-qwen2-5-7b-instruct-tp1-roleplay-1-1',
    model: 'qwen2.5-7b',
    precision: 'fp16',
    tensorParallel: 1,
    maxSequences: 128,
    stepTokenBudget: 2048,
    kvBlocks: 65352,
    systemPrompt: 150,
    prompt: 750,
    output: 251,
    stages: [
      {
        rate: 6,
        duration: 1200,
        times: { e2e: { mean: 1.772, p90: 1.822 }, ttft: { mean: 0.02672, p90: 0.03542 }, itl: 0.007023 },
      },
    ],
  },
  {
    id: '65-01-ai-yi-34b-tp2-general-lite-2-1',
    model: 'yi-34b',
    precision: 'fp16',
    tensorParallel: 2,
    maxSequences: 128,
    stepTokenBudget: 2048,
    kvBlocks: 20793,
    systemPrompt: 100,
    prompt: 547,
    output: 248,
    stages: [
      {
        rate: 2.5,
        duration: 600,
        times: { e2e: { mean: 3.78, p90: 3.833 }, ttft: { mean: 0.04665, p90: 0.05214 }, itl: 0.01508 },
      },
      {
        rate: 6,
        duration: 600,
        times: { e2e: { mean: 3.939, p90: 3.971 }, ttft: { mean: 0.04712, p90: 0.05342 }, itl: 0.01575 },
      },
    ],
  },
  {
    id: '66-qwen2-5-7b-instruct-tp1-reasoning-lite-1-1',
    model: 'qwen2.5-7b',
    precision: 'fp16',
    tensorParallel: 1,
    maxSequences: 128,
    stepTokenBudget: 1024,
    kvBlocks: 65368,
    systemPrompt: 100,
    prompt: 1034,
    output: 1448,
    stages: [
      {
        rate: 1,
        duration: 1200,
        times: { e2e: { mean: 10.66, p90: 11.14 }, ttft: { mean: 0.03077, p90: 0.04053 }, itl: 0.007446 },
      },
    ],
  },
  {
    id: '67-llama-2-7b-hf-tp1-reasoning-lite-1-1',
    model: 'llama-2-7b',
    precision: 'fp16',
    tensorParallel: 1,
    maxSequences: 128,
    stepTokenBudget: 2048,
    kvBlocks: 7463,
    systemPrompt: 100,
    prompt: 1081,
    output: 1448,
    stages: [
      {
        rate: 1,
        duration: 1200,
        times: { e2e: { mean: 17.06, p90: 19.89 }, ttft: { mean: 0.0551, p90: 0.06376 }, itl: 0.0152 },
      },
    ],
  },
  {
    id: '20260217-155451-llama-2-7b-tp1-codegen',
    model: 'llama-2-7b',
    precision: 'fp16',
    tensorParallel: 1,
    maxSequences: 128,
    stepTokenBudget: 2048,
    kvBlocks: 7463,
    systemPrompt: 100,
    prompt: 592,
    output: 247,
    stages: [
      {
        rate: 5,
        duration: 600,
        times: { e2e: { mean: 1.81, p90: 1.94 }, ttft: { mean: 0.02504, p90: 0.02837 }, itl: 0.009264 },
      },
      {
        rate: 10,
        duration: 600,
        times: { e2e: { mean: 2.216, p90: 2.426 }, ttft: { mean: 0.02945, p90: 0.03409 }, itl: 0.01123 },
      },
    ],
  },
]
