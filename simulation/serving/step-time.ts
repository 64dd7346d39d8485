import type { Calibration } from '../catalog/calibration'
import type { Chip } from '../catalog/chips'
import type { Pool } from '../catalog/fleets'
import { bytesPerElement, kvBytesPerToken, type SingleShotModel, type TokenModel } from '../catalog/models'

/**
 * Step time of one replica as a sum of terms, each a coefficient times what the step holds [s]. Additive, so that the
 * time of many decode steps in a row is a closed form. All coefficients are ≥ 0.
 */
export interface StepModel {
  /** Per step: host and layer overhead, latency of collectives. */
  fixed: number
  /** Per decoding request. */
  perSequence: number
  /** Per token, prefilled or decoded: matrix work. */
  perToken: number
  /** Per token: traffic of collectives. */
  perTokenLink: number
  /** Per pair of token and context token: attention arithmetic. */
  perContext: number
  /** Per context token of a decoding request: reading its KV cache. */
  perKv: number
  /** Reading the weights that every step touches. */
  weights: number
  /** Reading all routed experts; a step reads the part that its tokens touch. */
  expertWeights: number
  /** Logarithm of the chance that a token misses a given expert; 0 for a dense model. */
  logMiss: number
  /** Shares of the peaks reached, to turn time into utilisation. */
  mfu: number
  mbu: number
  /** From arrival at a replica until a step may take the request, fixed and per prompt token [s]. */
  ingest: number
  ingestPerToken: number
}

/**
 * Roofline terms (Williams et al., 2009) with fitted efficiencies, added instead of maximised: compute, memory traffic,
 * collectives over the scale-up link, host overhead. All chips of a replica share compute and memory traffic evenly:
 * right for tensor and expert parallelism; what data parallel ranks read each for themselves, and the wait of a token
 * for one pipeline stage after another, is left out.
 */
export function createStepModel(pool: Pool, chip: Chip, model: TokenModel, calibration: Calibration): StepModel {
  const peak = chip.peakFlops[pool.precision]
  if (peak === undefined) throw new Error(`pool ${pool.id}: chip ${pool.chip} has no ${pool.precision} peak`)
  const chips = pool.tensorParallel * pool.pipelineParallel * pool.dataParallel
  const flops = chips * peak * calibration.mfu
  const bandwidth = chips * chip.memoryBandwidth * calibration.mbu
  const bytes = bytesPerElement(pool.precision)
  const expertParameters = model.expertParameters ?? 0
  const collectives = pool.tensorParallel > 1 ? 2 * model.layers : 0
  const ring = (2 * (pool.tensorParallel - 1)) / pool.tensorParallel
  const link = (chip.scaleUpBandwidth ?? Infinity) * calibration.linkEfficiency
  return {
    fixed:
      calibration.stepOverhead + calibration.layerOverhead * model.layers + calibration.collectiveLatency * collectives,
    perSequence: calibration.sequenceOverhead,
    perToken: (2 * model.activeParameters) / flops,
    perTokenLink: (collectives * model.hidden * 2 * ring) / link,
    perContext: (4 * model.layers * model.heads * model.headDim) / flops,
    perKv: kvBytesPerToken(model) / bandwidth,
    weights: ((model.parameters - expertParameters) * bytes) / bandwidth,
    expertWeights: (expertParameters * bytes) / bandwidth,
    logMiss: model.experts && model.expertsPerToken ? Math.log(1 - model.expertsPerToken / model.experts) : 0,
    mfu: calibration.mfu,
    mbu: calibration.mbu,
    ingest: calibration.ingest,
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
  return (
    computeTime(model, prefill, prefillContext, decoding, context) +
    memoryTime(model, prefill, decoding, context) +
    overheadTime(model, prefill, decoding)
  )
}

/** What each further step of a batch that only decodes takes more than the one before [s]: each request holds a token more. */
export function kvSlope(model: StepModel, decoding: number): number {
  return (model.perContext + model.perKv) * decoding
}

/** What prefill adds to a step [s]. */
export function prefillTime(model: StepModel, prefill: number, prefillContext: number): number {
  return (model.perToken + model.perTokenLink) * prefill + model.perContext * prefillContext
}

/** From the arrival of a prompt at a replica until a step may take it [s]: tokenising, scheduling. */
export function ingestTime(model: StepModel, prompt: number): number {
  return model.ingest + model.ingestPerToken * prompt
}

/** Matrix and attention arithmetic of a step [s]. */
export function computeTime(
  model: StepModel,
  prefill: number,
  prefillContext: number,
  decoding: number,
  context: number,
): number {
  return model.perToken * (prefill + decoding) + model.perContext * (prefillContext + context)
}

/** Weights and KV cache read by a step [s]. */
export function memoryTime(model: StepModel, prefill: number, decoding: number, context: number): number {
  return model.weights + expertTime(model, prefill + decoding) + model.perKv * context
}

function overheadTime(model: StepModel, prefill: number, decoding: number): number {
  return model.fixed + model.perSequence * decoding + model.perTokenLink * (prefill + decoding)
}

/** Reading the distinct experts that this many tokens are expected to touch [s]. */
function expertTime(model: StepModel, tokens: number): number {
  return model.expertWeights === 0 ? 0 : model.expertWeights * (1 - Math.exp(tokens * model.logMiss))
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
