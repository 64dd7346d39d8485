import type { Calibration, StepCoefficients } from '../catalog/calibration'
import type { Chip, Precision } from '../catalog/chips'
import type { Pool } from '../catalog/fleets'
import { bytesPerElement, kvBytesPerToken, type SingleShotModel, type TokenModel } from '../catalog/models'
import { f64 } from '../columns'

/** Step time of one replica by what a step holds; times [s] at the fitted efficiencies, none below 0. */
export interface StepModel {
  /** Matrix work of a token in all that is not a routed expert, and in the experts it is routed to. */
  densePerToken: number
  expertPerToken: number
  /** Reading the weights that every step touches, and all routed experts; a step reads those that its tokens touch. */
  weights: number
  expertWeights: number
  /** Logarithm of the chance that a token misses a given expert; 0 for a dense model. */
  logMiss: number
  /** How much longer reading the weights takes once a rank has more than some 22 tokens [share]. */
  wide: number
  /** Part of the step's tokens that one data-parallel rank and pipeline stage works on, and that one stage works on. */
  rankShare: number
  stageShare: number
  /** Traffic of collectives, per token. */
  perTokenLink: number
  /** Host and layers, latency of collectives. */
  fixed: number
  /** Per decoding request. */
  perSequence: number
  /** A step that prefills is launched kernel by kernel, which takes the host about this long. */
  promptFloor: number
  /** Per pair of prompt token and context token: attention arithmetic. */
  perContext: number
  /** Per context token of a decoding request: reading its KV cache. */
  perKv: number
  /** Time of a step that only decodes by the number of requests, but for their KV cache. */
  decode: Float64Array
  /** Whether arithmetic waits for the weights instead of overlapping with their reading. */
  serial: boolean
  /** Arithmetic and memory traffic at the efficiencies `mfu` and `mbu`, to tell utilisation. */
  perToken: number
  computePerContext: number
  memoryPerKv: number
  mfu: number
  mbu: number
  /** From arrival at a replica until a step may take the request, fixed and per prompt token. */
  ingest: number
  ingestPerToken: number
}

/** What of a pool the time of its steps depends on. */
export type StepPool = Pick<
  Pool,
  'id' | 'chip' | 'precision' | 'tensorParallel' | 'pipelineParallel' | 'dataParallel' | 'maxSequences'
>

/**
 * Roofline terms (Williams et al., 2009) with fitted efficiencies. Matrix work and the reading of weights overlap in part:
 * √(compute² + memory²). Tensor-parallel chips share both; each data-parallel rank reads its own copy of all but the
 * experts, for its part of the tokens; a token passes all pipeline stages, each of which works on its part of the batch.
 */
export function createStepModel(pool: StepPool, chip: Chip, model: TokenModel, calibration: Calibration): StepModel {
  const step = termsOf(pool, chip, model, calibration)
  step.decode = Float64Array.from({ length: pool.maxSequences + 1 }, (_, decoding) => baseTime(step, 0, decoding))
  return step
}

/** The step model with its table empty. */
export function termsOf(pool: StepPool, chip: Chip, model: TokenModel, calibration: StepCoefficients): StepModel {
  const { tensorParallel, pipelineParallel, dataParallel } = pool
  const chips = tensorParallel * pipelineParallel * dataParallel
  const mixture = model.experts !== undefined
  const peak = arithmeticPeak(pool, chip, pool.precision)
  const halfPeak = arithmeticPeak(pool, chip, 'bf16')
  const shape = shapeOf(model, pool.precision)
  const densePeak = shape.denseBytes > shape.expertBytes ? halfPeak : peak
  // reading: a pass goes through every stage, so stages do not shorten it
  const bandwidth = tensorParallel * chip.memoryBandwidth
  const ranks = mixture ? tensorParallel * dataParallel : tensorParallel
  const collectives = ranks > 1 ? 2 * model.layers : 0
  const ring = (2 * (ranks - 1)) / ranks
  const link =
    calibration.linkEfficiency > 0 ? (chip.scaleUpBandwidth ?? Infinity) * calibration.linkEfficiency : Infinity
  const rankShare = 1 / (dataParallel * pipelineParallel)
  const latent = model.kvElementsPerTokenPerLayer !== undefined && model.kvHeads === 1
  const copies = Math.max(1, (tensorParallel * (calibration.coresPerChip ?? 1)) / model.kvHeads)
  const perLayer =
    calibration.layerOverhead +
    (latent ? calibration.latentOverhead : 0) +
    (mixture ? calibration.routeOverhead * (model.expertsPerToken ?? 1) : 0)
  const fixed =
    calibration.stepOverhead +
    perLayer * model.layers +
    calibration.collectiveLatency * (collectives + pipelineParallel - 1)
  const sorted = model.sampling === 'nucleus' ? model.vocabulary : 0
  const dense = (2 * shape.denseParameters) / (chips * densePeak)
  const expert = (2 * shape.routedParameters) / (chips * peak)
  const context = (4 * model.layers * model.heads * model.headDim) / (chips * halfPeak)
  const kv = (kvBytesPerToken(model) * copies) / (chips * chip.memoryBandwidth)
  return {
    densePerToken: dense / calibration.mfu,
    expertPerToken: expert / calibration.expertMfu,
    weights: (shape.denseParameters * shape.denseBytes + shape.head * 2) / (bandwidth * calibration.mbu),
    expertWeights: (shape.expertParameters * shape.expertBytes) / (bandwidth * dataParallel * calibration.expertMbu),
    logMiss:
      model.experts && model.expertsPerToken
        ? Math.log(1 - model.expertsPerToken / model.experts) * calibration.expertReach
        : 0,
    wide: calibration.wide,
    rankShare,
    stageShare: 1 / pipelineParallel,
    perTokenLink: ((collectives * model.hidden * 2 * ring) / link) * rankShare,
    fixed,
    perSequence: (calibration.sequenceOverhead + calibration.samplingOverhead * sorted) / dataParallel,
    promptFloor: calibration.promptOverhead * model.layers,
    serial: calibration.serial ?? false,
    perContext: context / calibration.attentionMfu,
    perKv: kv / calibration.kvMbu,
    decode: new Float64Array(0),
    perToken: (dense + expert) / calibration.mfu,
    computePerContext: context / calibration.mfu,
    memoryPerKv: (kv / calibration.mbu) * Math.min(1, 1 / calibration.kvMbu),
    mfu: calibration.mfu,
    mbu: calibration.mbu,
    ingest: calibration.ingest + calibration.firstPass * fixed,
    ingestPerToken: calibration.ingestPerToken,
  }
}

/**
 * Time of one engine step [s] that prefills so many prompt tokens, with Σ tokens × context they attend to, and decodes so
 * many requests, with the context tokens they hold together.
 */
export function stepTime(
  model: StepModel,
  prefill: number,
  prefillContext: number,
  decoding: number,
  context: number,
): number {
  const base = prefill === 0 ? f64(model.decode, decoding) : baseTime(model, prefill, decoding)
  return base + model.perContext * prefillContext + model.perKv * context
}

/** What each further step of a batch that only decodes takes more than the one before [s]: each request holds a token more. */
export function kvSlope(model: StepModel, decoding: number): number {
  return model.perKv * decoding
}

/** What prefill adds to a step [s]. */
export function prefillTime(model: StepModel, prefill: number, prefillContext: number): number {
  return (model.densePerToken + model.expertPerToken + model.perTokenLink) * prefill + model.perContext * prefillContext
}

/** From the arrival of a prompt at a replica until a step may take it [s]: tokenising, scheduling. */
export function ingestTime(model: Pick<StepModel, 'ingest' | 'ingestPerToken'>, prompt: number): number {
  return model.ingest + model.ingestPerToken * prompt
}

/** Matrix and attention arithmetic of a step at `mfu` [s]. */
export function computeTime(
  model: StepModel,
  prefill: number,
  prefillContext: number,
  decoding: number,
  context: number,
): number {
  return model.perToken * (prefill + decoding) + model.computePerContext * (prefillContext + context)
}

/** Weights and KV cache read by a step at `mbu` [s]. */
export function memoryTime(model: StepModel, prefill: number, decoding: number, context: number): number {
  return model.weights + expertTime(model, prefill + decoding) + model.memoryPerKv * context
}

/** Time of a step but for attention [s]. */
export function baseTime(model: StepModel, prefill: number, decoding: number): number {
  const tokens = prefill + decoding
  const beyond = tokens * model.rankShare - widthOfTile
  // far beyond, the exponential is lost against 1
  const widened = 1 + (beyond > 80 ? model.wide : model.wide / (1 + Math.exp(-beyond / 2)))
  let time = together(model, model.densePerToken * tokens, model.weights * widened)
  if (model.expertWeights > 0) time += together(model, model.expertPerToken * tokens, expertTime(model, tokens))
  time += model.fixed + model.perSequence * decoding + model.perTokenLink * tokens
  if (prefill === 0) return time
  // the longer of the two, rounded off where they are alike
  return Math.sqrt(hypotenuse(time * time, model.promptFloor * model.promptFloor))
}

/** Tokens up to which weights stream through the narrowest matrix kernels. */
const widthOfTile = 22

/** Arithmetic and reading of weights, which overlap in part or not at all. */
function together({ serial }: Pick<StepModel, 'serial'>, arithmetic: number, reading: number): number {
  return serial ? arithmetic + reading : hypotenuse(arithmetic, reading)
}

function hypotenuse(a: number, b: number): number {
  return Math.sqrt(a * a + b * b)
}

/** Reading the distinct experts that this many tokens are expected to touch [s]. */
function expertTime(model: StepModel, tokens: number): number {
  if (model.expertWeights === 0) return 0
  return model.expertWeights * (1 - Math.exp(tokens * model.stageShare * model.logMiss))
}

/** Weights of a model by how they are used: matrices of all tokens, routed experts, and the output head (16 bits). */
function shapeOf(model: TokenModel, precision: Precision) {
  const head = model.vocabulary * model.hidden
  const expertParameters = model.expertParameters ?? 0
  const bytes = storedBytes(precision)
  const share = (model.expertsPerToken ?? 0) / (model.experts ?? 1)
  return {
    head,
    denseParameters: Math.max(0, model.parameters - expertParameters - 2 * head),
    // mixtures with weights of 4 bits keep 16 in all but their experts
    denseBytes: expertParameters > 0 && bytes < 1 ? 2 : bytes,
    expertParameters,
    routedParameters: expertParameters * share,
    expertBytes: bytes,
  }
}

/** Bytes of a weight in memory; blocks of 16 values of 4 bits carry a scale of 8. */
function storedBytes(precision: Precision): number {
  const bytes = bytesPerElement(precision)
  return bytes < 1 ? bytes + 1 / 16 : bytes
}

/** Peak that a pool's matrices run at [FLOP/s]; a chip without arithmetic of 4 bits expands such weights to 16. */
function arithmeticPeak(pool: StepPool, chip: Chip, precision: Precision): number {
  const { peakFlops } = chip
  const peak = peakFlops[precision] ?? (bytesPerElement(precision) < 1 ? peakFlops.bf16 : undefined)
  const other = precision === 'bf16' ? Object.values(peakFlops)[0] : undefined
  if (peak ?? other) return (peak ?? other) as number
  throw new Error(`pool ${pool.id}: chip ${pool.chip} has no ${precision} peak`)
}
/** Batch time of a single-shot model on one replica [s]: fixed + queries · perQuery. */
export interface BatchModel {
  fixed: number
  perQuery: number
  /** Parts of `perQuery` and `fixed` that are compute and memory traffic at the fitted efficiencies [s]. */
  computePerQuery: number
  memoryPerQuery: number
  memoryFixed: number
  mfu: number
  mbu: number
}

export function createBatchModel(pool: Pool, chip: Chip, model: SingleShotModel, calibration: Calibration): BatchModel {
  const peak = chip.peakFlops[pool.precision]
  if (peak === undefined) throw new Error(`pool ${pool.id}: chip ${pool.chip} has no ${pool.precision} peak`)
  const chips = pool.tensorParallel * pool.pipelineParallel * pool.dataParallel
  const computePerQuery = model.flopsPerQuery / (chips * peak * calibration.mfu)
  const memoryPerQuery = model.bytesPerQuery / (chips * chip.memoryBandwidth * calibration.mbu)
  const memoryFixed =
    (model.denseParameters * bytesPerElement(pool.precision)) / (chips * chip.memoryBandwidth * calibration.mbu)
  return {
    fixed: calibration.stepOverhead + memoryFixed,
    perQuery: computePerQuery + memoryPerQuery,
    computePerQuery,
    memoryPerQuery,
    memoryFixed,
    mfu: calibration.mfu,
    mbu: calibration.mbu,
  }
}
