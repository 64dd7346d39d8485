import type { Precision } from './chips'
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

export const calibrations: Calibration[] = []
