import { chips, type Precision } from './chips'
import { fits, inheritedIntervals } from './fits'
import { bytesPerElement } from './models'
import type { Basis } from './source'

export type Engine = 'vllm' | 'trtllm' | 'sglang' | 'neuron' | 'groq'

/** Dense models and mixtures of experts run different kernels. */
export type Architecture = 'dense' | 'mixture'

/** What the step-time model (serving/step-time.ts) needs to know of a chip, engine and precision. */
export interface Coefficients {
  /** Shares of the dense peak that matrices, experts and attention over prompts reach; attention counts at 16 bits. */
  mfu: number
  expertMfu: number
  attentionMfu: number
  /**
   * Shares of the memory bandwidth that reading weights, experts and the KV cache reach. The KV cache counts with elements
   * of 16 bits, so that above 1 it was kept in 8.
   */
  mbu: number
  expertMbu: number
  kvMbu: number
  /** Part of the experts that tokens reach, of what even routing would make them reach (in the exponent). */
  expertReach: number
  /** How much longer reading the weights takes beyond the narrowest matrix kernels [share]. */
  wide: number
  /** Per step [s]; per layer and step [s], and what attention over latents adds to that. */
  stepOverhead: number
  layerOverhead: number
  latentOverhead: number
  /** Per layer, step and expert that a token is routed to [s]. */
  routeOverhead: number
  /** Per running request and step [s]. */
  sequenceOverhead: number
  /** Per running request and entry of the vocabulary [s], where the model's tokens are chosen by sorting it. */
  samplingOverhead: number
  /** Least time of a layer in a step that prefills, launched kernel by kernel [s]. */
  promptOverhead: number
  /** Per collective [s]; a layer has two. */
  collectiveLatency: number
  /** Share of the one-way scale-up bandwidth that collectives reach; 0 where other coefficients hold their traffic. */
  linkEfficiency: number
  /** Between arrival at a replica and the first step that may take the request [s], and per prompt token [s]. */
  ingest: number
  ingestPerToken: number
  /** What the host takes for a prompt before its first step, in fixed parts of a step: work of each layer, launched anew. */
  firstPass: number
}

export interface StepCoefficients extends Coefficients {
  /** Cores of a chip that tensor parallelism counts; 1 without it. */
  coresPerChip?: number
  /** Arithmetic waits for the weights instead of overlapping with their reading. */
  serial?: boolean
  /** Whether the engine composes a step while the one before runs: a request then joins the step after that. */
  ahead?: boolean
}

/** Coefficients of a chip, engine and precision, and how good they are. */
export interface Calibration extends StepCoefficients {
  chip: string
  engine: Engine
  precision: Precision
  /** `any` where there is one set for both. */
  architecture: Architecture | 'any'
  /** Only for this model, which the measurements were made with; absent where the set is for all others. */
  model?: string
  basis: Basis
  /** Chip whose coefficients these are, where this one has no measurement; itself where only the precision differs. */
  inheritedFrom?: string
  source: string
  date: string
  /** Median relative errors on the rows of the fit, first token `null` where no row has it; absent where nothing was measured. */
  error?: { tpot: number; ttft: number | null; rows: number }
  /**
   * Relative half-width that nine of ten measurements lie within, from rows that a fit did not see: of another model where
   * the chip and engine were measured, of another chip where not. Absent where no row was left out.
   */
  interval?: { tpot: number; ttft: number | null }
}
/** A calibration as the table of fits holds it: its coefficients in the order of `coefficientNames`. */
export interface Fit extends Omit<Calibration, keyof Coefficients> {
  coefficients: readonly number[]
}

export const coefficientNames = [
  'mfu',
  'expertMfu',
  'attentionMfu',
  'mbu',
  'expertMbu',
  'kvMbu',
  'expertReach',
  'wide',
  'stepOverhead',
  'layerOverhead',
  'latentOverhead',
  'routeOverhead',
  'sequenceOverhead',
  'samplingOverhead',
  'promptOverhead',
  'collectiveLatency',
  'linkEfficiency',
  'ingest',
  'ingestPerToken',
  'firstPass',
] as const satisfies (keyof Coefficients)[]

/** Who takes the coefficients of whom, at which precisions beside its own: the nearest relative. */
const heirs: [heir: string, of: string, precisions?: [heirs: Precision, of: Precision][]][] = [
  ['gb200', 'b200'],
  ['b300', 'b200'],
  ['gb300', 'b200'],
  ['rubin', 'b200'],
  ...(['trainium1', 'inferentia2', 'trainium2'] as const).map((chip): [string, string, [Precision, Precision][]] => [
    chip,
    chip,
    [
      ['fp8', 'bf16'],
      ['int8', 'bf16'],
    ],
  ]),
  ['inferentia1', 'inferentia2', [['int8', 'bf16']]],
  [
    'trainium3',
    'trainium2',
    [
      ['fp8', 'bf16'],
      ['fp4', 'bf16'],
    ],
  ],
  ['groq-lpu-v1', 'groq-lpu-v1', [['fp16', 'int8']]],
  ['groq-3-lpu', 'groq-lpu-v1', [['fp8', 'int8']]],
]

const fitted = fits.map(expand)

export const calibrations: Calibration[] = [
  ...fitted,
  ...heirs.flatMap(([heir, of, precisions = []]) => {
    const own = heir === of ? [] : fitted.filter(fit => fit.chip === of).map(fit => inherit(fit, heir, fit.precision))
    const others = precisions.flatMap(([at, from]) =>
      fitted.filter(fit => fit.chip === of && fit.precision === from).map(fit => inherit(fit, heir, at)),
    )
    return [...own, ...others].filter(
      entry => canCompute(entry.chip, entry.precision) && !fitted.some(fit => isSame(fit, entry)),
    )
  }),
]

function expand({ coefficients, ...rest }: Fit): Calibration {
  const value = (name: keyof Coefficients): number => {
    const found = coefficients[coefficientNames.indexOf(name)]
    if (found === undefined) throw new Error(`calibration: ${rest.chip} with ${rest.engine} has no ${name}`)
    return found
  }
  return {
    ...rest,
    mfu: value('mfu'),
    expertMfu: value('expertMfu'),
    attentionMfu: value('attentionMfu'),
    mbu: value('mbu'),
    expertMbu: value('expertMbu'),
    kvMbu: value('kvMbu'),
    expertReach: value('expertReach'),
    wide: value('wide'),
    stepOverhead: value('stepOverhead'),
    layerOverhead: value('layerOverhead'),
    latentOverhead: value('latentOverhead'),
    routeOverhead: value('routeOverhead'),
    sequenceOverhead: value('sequenceOverhead'),
    samplingOverhead: value('samplingOverhead'),
    promptOverhead: value('promptOverhead'),
    collectiveLatency: value('collectiveLatency'),
    linkEfficiency: value('linkEfficiency'),
    ingest: value('ingest'),
    ingestPerToken: value('ingestPerToken'),
    firstPass: value('firstPass'),
  }
}

/** Whether a chip has arithmetic of a precision, or can expand weights of 4 bits to one that it has. */
function canCompute(chip: string, precision: Precision): boolean {
  const peaks = chips[chip]?.peakFlops
  return peaks?.[precision] !== undefined || (bytesPerElement(precision) < 1 && peaks?.bf16 !== undefined)
}

function isSame(a: Calibration, b: Calibration): boolean {
  return (
    a.chip === b.chip &&
    a.engine === b.engine &&
    a.precision === b.precision &&
    a.architecture === b.architecture &&
    a.model === b.model
  )
}

function inherit(fit: Calibration, heir: string, precision: Precision): Calibration {
  const from = fit.inheritedFrom ?? fit.chip
  const source = `no public measurement; coefficients of ${chips[from]?.name ?? from} at ${fit.precision}: ${fit.source}`
  const interval = inheritedIntervals[fit.architecture === 'mixture' ? 'mixture' : 'dense']
  return { ...fit, chip: heir, precision, basis: 'modelled', inheritedFrom: from, source, error: undefined, interval }
}

/**
 * Coefficients of a chip, engine and precision for a kind of model, those measured with this very model if there are any;
 * `undefined` if the catalog has none.
 */
export function findCalibration(
  chip: string,
  engine: Engine,
  precision: Precision,
  architecture: Architecture = 'dense',
  model?: string,
  among: readonly Calibration[] = calibrations,
): Calibration | undefined {
  const fitting = among.filter(
    entry =>
      entry.chip === chip &&
      entry.engine === engine &&
      entry.precision === precision &&
      (entry.architecture === architecture || entry.architecture === 'any'),
  )
  const found =
    fitting.find(entry => entry.model !== undefined && entry.model === model) ??
    fitting.find(entry => entry.model === undefined)
  // both formats of 16 bits run at the same rate
  if (found || precision !== 'fp16') return found
  return findCalibration(chip, engine, 'bf16', architecture, model, among)
}
