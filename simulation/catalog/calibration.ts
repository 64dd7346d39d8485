import type { Precision } from './chips'
import { chips } from './chips'
import type { Basis } from './source'

export type Engine = 'vllm' | 'trtllm' | 'sglang' | 'neuron' | 'groq'

/**
 * Coefficients of the step-time model for one chip, engine and precision (see serving/step-time.ts):
 * step = compute / mfu + memory / mbu + communication + overhead.
 */
export interface Calibration {
  chip: string
  engine: Engine
  precision: Precision
  /** Dense models and mixtures of experts run different kernels; `any` where there is one set for both. */
  architecture: 'dense' | 'mixture' | 'any'
  /** Share of the dense peak that matrix work reaches. */
  mfu: number
  /** Share of the memory bandwidth that weights and KV cache reach. */
  mbu: number
  /** Per step [s]. */
  stepOverhead: number
  /** Per layer and step [s]. */
  layerOverhead: number
  /** Per running request and step [s]. */
  sequenceOverhead: number
  /** Per collective [s]; a tensor-parallel layer has two. */
  collectiveLatency: number
  /** Share of the one-way scale-up bandwidth that collectives reach. */
  linkEfficiency: number
  /** Between arrival at a replica and the first step that may take the request [s], and per prompt token [s]. */
  ingest: number
  ingestPerToken: number
  basis: Basis
  /** Chip whose coefficients these are, where this one has no measurement. */
  inheritedFrom?: string
  source: string
  date: string
  /** Median relative error on the rows of the fit; absent where nothing was measured. */
  error?: { tpot: number; ttft: number; rows: number }
}

/** Coefficients that an engine has in common over chips. */
interface EngineShare {
  layerOverhead: number
  sequenceOverhead: number
  collectiveLatency: number
  linkEfficiency: number
}

const vllmDense: EngineShare = {
  layerOverhead: 67.9e-6,
  sequenceOverhead: 9.83e-6,
  collectiveLatency: 0,
  linkEfficiency: 0.372,
}
const vllmMixture: EngineShare = {
  layerOverhead: 62.5e-6,
  sequenceOverhead: 0,
  collectiveLatency: 15.6e-6,
  linkEfficiency: 0.25,
}
const trtllmDense: EngineShare = {
  layerOverhead: 41.1e-6,
  sequenceOverhead: 0,
  collectiveLatency: 13.7e-6,
  linkEfficiency: 0.746,
}
const trtllmMixture: EngineShare = {
  layerOverhead: 60.9e-6,
  sequenceOverhead: 0,
  collectiveLatency: 6.18e-6,
  linkEfficiency: 0.162,
}

const sample = 'ai-dynamo/aiconfigurator silicon sample (Apache-2.0), aggregated serving'
const neuronPages = 'AWS Neuron documentation, LLM inference benchmarks, release 2.18'

/** Fitted to measurements: additive terms, least relative error, bounds 0 to 0.95 on the shares of the peaks. */
const measured: Calibration[] = [
  gpu('h100', 'vllm', 'fp8', 'dense', vllmDense, {
    mfu: 0.93,
    mbu: 0.9,
    ingest: 0.0233,
    perToken: 0,
    error: [0.027, 0.145, 45],
  }),
  gpu('h200', 'vllm', 'fp8', 'dense', vllmDense, {
    mfu: 0.86,
    mbu: 0.95,
    ingest: 0.0294,
    perToken: 0,
    error: [0.034, 0.159, 60],
  }),
  gpu('b200', 'vllm', 'fp8', 'dense', vllmDense, {
    mfu: 0.7,
    mbu: 0.95,
    ingest: 0.0593,
    perToken: 6.86e-6,
    error: [0.042, 0.097, 60],
  }),
  gpu('b200', 'vllm', 'fp4', 'dense', vllmDense, {
    mfu: 0.85,
    mbu: 0.73,
    ingest: 0.0446,
    perToken: 10.7e-6,
    error: [0.027, 0.115, 60],
  }),
  gpu('h100', 'trtllm', 'fp8', 'dense', trtllmDense, {
    mfu: 0.52,
    mbu: 0.95,
    ingest: 0.0289,
    perToken: 73.5e-6,
    error: [0.054, 0.109, 180],
  }),
  gpu('h200', 'vllm', 'fp8', 'mixture', vllmMixture, {
    mfu: 0.95,
    mbu: 0.61,
    ingest: 0.0512,
    perToken: 6.64e-6,
    error: [0.057, 0.106, 51],
  }),
  gpu('b200', 'vllm', 'fp4', 'mixture', vllmMixture, {
    mfu: 0.95,
    mbu: 0.91,
    ingest: 0.017,
    perToken: 4.62e-6,
    error: [0.104, 0.135, 115],
  }),
  gpu('h100', 'trtllm', 'fp8', 'mixture', trtllmMixture, {
    mfu: 0.95,
    mbu: 0.95,
    ingest: 0.149,
    perToken: 0,
    error: [0.073, 0.115, 127],
  }),
  gpu('h200', 'trtllm', 'fp8', 'mixture', trtllmMixture, {
    mfu: 0.95,
    mbu: 0.58,
    ingest: 0.196,
    perToken: 0,
    error: [0.098, 0.146, 15],
  }),
  gpu('b200', 'trtllm', 'fp4', 'mixture', trtllmMixture, {
    mfu: 0.95,
    mbu: 0.95,
    ingest: 0.0262,
    perToken: 2.89e-6,
    error: [0.153, 0.117, 78],
  }),
  {
    chip: 'trainium1',
    engine: 'neuron',
    precision: 'bf16',
    architecture: 'any',
    mfu: 0.95,
    mbu: 0.817,
    stepOverhead: 0,
    layerOverhead: 168e-6,
    sequenceOverhead: 352e-6,
    collectiveLatency: 0,
    linkEfficiency: 0.135,
    ingest: 1.3e-3,
    ingestPerToken: 0,
    basis: 'measured',
    source: neuronPages,
    date: '2024-04',
    error: { tpot: 0.054, ttft: 0.173, rows: 36 },
  },
  {
    chip: 'inferentia2',
    engine: 'neuron',
    precision: 'bf16',
    architecture: 'any',
    mfu: 0.95,
    mbu: 0.635,
    stepOverhead: 0,
    layerOverhead: 142e-6,
    sequenceOverhead: 483e-6,
    collectiveLatency: 0,
    linkEfficiency: 0.222,
    ingest: 12.6e-3,
    ingestPerToken: 0,
    basis: 'measured',
    source: neuronPages,
    date: '2024-04',
    error: { tpot: 0.057, ttft: 0.132, rows: 42 },
  },
  {
    // one published speed, 300 tokens/s for Llama 2 70B: all of it overhead of the pipeline per layer
    chip: 'groq-lpu-v1',
    engine: 'groq',
    precision: 'int8',
    architecture: 'any',
    mfu: 0.3,
    mbu: 0.5,
    stepOverhead: 0,
    layerOverhead: 41e-6,
    sequenceOverhead: 0,
    collectiveLatency: 0,
    linkEfficiency: 1,
    ingest: 0.15,
    ingestPerToken: 0,
    basis: 'estimate',
    source: 'calibrated, not verified: 300 tokens/s for Llama 2 70B (TechPowerUp) and the LLMPerf time to first token',
    date: '2024-02',
  },
]

/** Where nothing is measured, the coefficients of the nearest relative; the oldest entry of a chip comes first. */
const inherited: Calibration[] = [
  ...relatives('h100', 'vllm', 'fp8', 'dense', [
    ['h100', 'bf16'],
    ['h100', 'fp16'],
  ]),
  ...relatives('h200', 'vllm', 'fp8', 'dense', [
    ['h200', 'bf16'],
    ['h200', 'fp16'],
  ]),
  ...relatives('b200', 'vllm', 'fp8', 'dense', [
    ['b200', 'bf16'],
    ['b300', 'fp8'],
    ['b300', 'bf16'],
    ['gb200', 'fp8'],
    ['gb200', 'bf16'],
    ['gb300', 'fp8'],
    ['gb300', 'bf16'],
    ['rubin', 'fp8'],
    ['rubin', 'bf16'],
  ]),
  ...relatives('b200', 'vllm', 'fp4', 'dense', [
    ['b300', 'fp4'],
    ['gb200', 'fp4'],
    ['gb300', 'fp4'],
    ['rubin', 'fp4'],
  ]),
  ...relatives('b200', 'vllm', 'fp4', 'mixture', [
    ['b200', 'fp8'],
    ['b300', 'fp4'],
    ['gb200', 'fp4'],
    ['gb300', 'fp4'],
    ['rubin', 'fp4'],
    ['b300', 'fp8'],
    ['gb200', 'fp8'],
    ['gb300', 'fp8'],
    ['rubin', 'fp8'],
  ]),
  ...relatives('h200', 'vllm', 'fp8', 'mixture', [['h100', 'fp8']]),
  ...relatives('h100', 'trtllm', 'fp8', 'dense', [
    ['h200', 'fp8'],
    ['b200', 'fp8'],
    ['b200', 'fp4'],
    ['b300', 'fp8'],
    ['b300', 'fp4'],
    ['gb200', 'fp8'],
    ['gb200', 'fp4'],
    ['gb300', 'fp8'],
    ['gb300', 'fp4'],
    ['rubin', 'fp8'],
    ['rubin', 'fp4'],
  ]),
  ...relatives('b200', 'trtllm', 'fp4', 'mixture', [
    ['b200', 'fp8'],
    ['b300', 'fp8'],
    ['b300', 'fp4'],
    ['gb200', 'fp8'],
    ['gb200', 'fp4'],
    ['gb300', 'fp8'],
    ['gb300', 'fp4'],
    ['rubin', 'fp8'],
    ['rubin', 'fp4'],
  ]),
  ...relatives('trainium1', 'neuron', 'bf16', 'any', [
    ['trainium1', 'fp8'],
    ['trainium2', 'bf16'],
    ['trainium2', 'fp8'],
    ['trainium3', 'bf16'],
    ['trainium3', 'fp8'],
  ]),
  ...relatives('inferentia2', 'neuron', 'bf16', 'any', [
    ['inferentia2', 'fp8'],
    ['inferentia2', 'int8'],
    ['inferentia1', 'bf16'],
    ['inferentia1', 'int8'],
  ]),
  ...relatives('groq-lpu-v1', 'groq', 'int8', 'any', [
    ['groq-lpu-v1', 'fp16'],
    ['groq-3-lpu', 'fp8'],
  ]),
]

export const calibrations: Calibration[] = [...measured, ...inherited]

/** Coefficients of a chip, engine and precision for a kind of model; `undefined` if the catalog has none. */
export function findCalibration(
  chip: string,
  engine: Engine,
  precision: Precision,
  architecture: 'dense' | 'mixture' = 'dense',
): Calibration | undefined {
  return calibrations.find(
    entry =>
      entry.chip === chip &&
      entry.engine === engine &&
      entry.precision === precision &&
      (entry.architecture === architecture || entry.architecture === 'any'),
  )
}

interface GpuFit {
  mfu: number
  mbu: number
  ingest: number
  perToken: number
  /** Median error of TPOT and TTFT, rows. */
  error: [number, number, number]
}

function gpu(
  chip: string,
  engine: Engine,
  precision: Precision,
  architecture: 'dense' | 'mixture',
  share: EngineShare,
  { mfu, mbu, ingest, perToken, error: [tpot, ttft, rows] }: GpuFit,
): Calibration {
  return {
    chip,
    engine,
    precision,
    architecture,
    mfu,
    mbu,
    stepOverhead: 0,
    ...share,
    ingest,
    ingestPerToken: perToken,
    basis: 'measured',
    source: sample,
    date: '2026-04',
    error: { tpot, ttft, rows },
  }
}

function relatives(
  chip: string,
  engine: Engine,
  precision: Precision,
  architecture: Calibration['architecture'],
  heirs: [string, Precision][],
): Calibration[] {
  const parent = measured.find(
    entry =>
      entry.chip === chip &&
      entry.engine === engine &&
      entry.precision === precision &&
      entry.architecture === architecture,
  )
  if (!parent) throw new Error(`calibration: nothing measured of ${chip} with ${engine} at ${precision}`)
  return heirs.map(([heir, at]) => ({
    ...parent,
    chip: heir,
    precision: at,
    basis: 'modelled',
    inheritedFrom: chip,
    source: `no public measurement; coefficients of ${chips[chip]?.name ?? chip} at ${precision}`,
    error: undefined,
  }))
}
