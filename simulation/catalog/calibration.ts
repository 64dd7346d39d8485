import { chips, type Precision } from './chips'
import { fits } from './fits'
import type { Basis } from './source'

export type Engine = 'vllm' | 'trtllm' | 'sglang' | 'neuron' | 'groq'

/** Dense models and mixtures of experts run different kernels. */
export type Architecture = 'dense' | 'mixture'

/**
 * Coefficients of the step-time model for one chip, engine and precision (see serving/step-time.ts):
 * step = compute / mfu + memory / mbu + communication + overhead.
 */
export interface Calibration {
  chip: string
  engine: Engine
  precision: Precision
  /** `any` where there is one set for both. */
  architecture: Architecture | 'any'
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
  /** Whether the engine composes a step while the one before runs: a request then joins the step after that. */
  ahead?: boolean
  basis: Basis
  /** Chip whose coefficients these are, where this one has no measurement; itself where only the precision differs. */
  inheritedFrom?: string
  source: string
  date: string
  /** Median relative errors on the rows of the fit, first token `null` where no row has it; absent where nothing was measured. */
  error?: { tpot: number; ttft: number | null; rows: number }
}

type Key = [chip: string, engine: Engine, precision: Precision, architecture: Calibration['architecture']]

const blackwellHeirs = ['gb200', 'b300', 'gb300', 'rubin']
const blackwell = ['b200', ...blackwellHeirs]

/** Who takes the coefficients of whom where nothing is measured: the nearest relative. */
const inheritance: [from: Key, precision: Precision, heirs: string[]][] = [
  [['h100', 'vllm', 'bf16', 'dense'], 'bf16', ['h200']],
  [['h200', 'vllm', 'fp8', 'mixture'], 'fp8', ['h100']],
  [['h200', 'vllm', 'fp8', 'mixture'], 'bf16', ['h100', 'h200']],
  [['b200', 'vllm', 'bf16', 'dense'], 'bf16', blackwellHeirs],
  [['b200', 'vllm', 'fp8', 'dense'], 'fp8', blackwellHeirs],
  [['b200', 'vllm', 'fp4', 'dense'], 'fp4', blackwellHeirs],
  [['b200', 'vllm', 'fp4', 'mixture'], 'bf16', blackwell],
  [['b200', 'vllm', 'fp4', 'mixture'], 'fp8', blackwell],
  [['b200', 'vllm', 'fp4', 'mixture'], 'fp4', blackwellHeirs],
  [['h100', 'trtllm', 'fp8', 'dense'], 'bf16', ['h100', 'h200', ...blackwell]],
  [['h100', 'trtllm', 'fp8', 'dense'], 'fp8', ['h200', ...blackwell]],
  [['h100', 'trtllm', 'fp8', 'dense'], 'fp4', blackwell],
  [['h100', 'trtllm', 'fp8', 'mixture'], 'bf16', ['h100']],
  [['h200', 'trtllm', 'fp8', 'mixture'], 'bf16', ['h200']],
  [['b200', 'trtllm', 'fp4', 'mixture'], 'bf16', blackwell],
  [['b200', 'trtllm', 'fp4', 'mixture'], 'fp8', blackwell],
  [['b200', 'trtllm', 'fp4', 'mixture'], 'fp4', blackwellHeirs],
  [['trainium1', 'neuron', 'bf16', 'any'], 'fp8', ['trainium1']],
  [['trainium1', 'neuron', 'bf16', 'any'], 'int8', ['trainium1']],
  [['trainium2', 'neuron', 'bf16', 'any'], 'bf16', ['trainium3']],
  [['trainium2', 'neuron', 'bf16', 'any'], 'fp8', ['trainium2', 'trainium3']],
  [['trainium2', 'neuron', 'bf16', 'any'], 'fp4', ['trainium3']],
  [['inferentia2', 'neuron', 'bf16', 'any'], 'bf16', ['inferentia1']],
  [['inferentia2', 'neuron', 'bf16', 'any'], 'fp8', ['inferentia2']],
  [['inferentia2', 'neuron', 'bf16', 'any'], 'int8', ['inferentia1', 'inferentia2']],
  [['groq-lpu-v1', 'groq', 'int8', 'dense'], 'fp16', ['groq-lpu-v1']],
  [['groq-lpu-v1', 'groq', 'int8', 'mixture'], 'fp16', ['groq-lpu-v1']],
  [['groq-lpu-v1', 'groq', 'int8', 'dense'], 'fp8', ['groq-3-lpu']],
  [['groq-lpu-v1', 'groq', 'int8', 'mixture'], 'fp8', ['groq-3-lpu']],
]

export const calibrations: Calibration[] = [
  ...fits,
  ...inheritance.flatMap(([from, precision, heirs]) => heirs.map(heir => inherit(from, precision, heir))),
]

/** Coefficients of a chip, engine and precision for a kind of model; `undefined` if the catalog has none. */
export function findCalibration(
  chip: string,
  engine: Engine,
  precision: Precision,
  architecture: Architecture = 'dense',
): Calibration | undefined {
  return calibrations.find(
    entry =>
      entry.chip === chip &&
      entry.engine === engine &&
      entry.precision === precision &&
      (entry.architecture === architecture || entry.architecture === 'any'),
  )
}

function inherit([chip, engine, at, architecture]: Key, precision: Precision, heir: string): Calibration {
  const fit = fits.find(
    entry =>
      entry.chip === chip && entry.engine === engine && entry.precision === at && entry.architecture === architecture,
  )
  if (!fit) throw new Error(`calibration: no fit of ${chip} with ${engine} at ${at}, ${architecture}`)
  const source = `no public measurement; coefficients of ${chips[chip]?.name ?? chip} at ${at}: ${fit.source}`
  return { ...fit, chip: heir, precision, basis: 'modelled', inheritedFrom: chip, source, error: undefined }
}
