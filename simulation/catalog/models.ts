import type { Precision } from './chips'
import type { Source } from './source'

/** A token model: a transformer that is prefilled and then decodes token by token. */
export interface TokenModel {
  kind: 'tokens'
  name: string
  parameters: number
  /** Parameters that one token touches; equal to `parameters` for a dense model. */
  activeParameters: number
  layers: number
  hidden: number
  heads: number
  kvHeads: number
  headDim: number
  /** KV cache elements per token and layer; set where attention is compressed (MLA), else 2 · kvHeads · headDim. */
  kvElementsPerTokenPerLayer?: number
  /** Routed experts per mixture layer; absent for a dense model. */
  experts?: number
  /** Experts that one token is routed to. */
  expertsPerToken?: number
  /** Parameters in routed experts, all together; absent for a dense model. */
  expertParameters?: number
  vocabulary: number
  /** Longest prompt plus output [tokens]. */
  context: number
  /** Precision of the published weights. */
  precision: Precision
  source: Source
}

/** A single-shot model: one pass per query, no tokens; queries are batched by size and deadline. */
export interface SingleShotModel {
  kind: 'single-shot'
  name: string
  parameters: number
  /** Work of one query [FLOP]. */
  flopsPerQuery: number
  /** Memory traffic of one query beyond the weights that a batch reads once [bytes]. */
  bytesPerQuery: number
  /** Weights that a batch reads once [parameters]; embedding tables are touched sparsely and count in `bytesPerQuery`. */
  denseParameters: number
  precision: Precision
  source: Source
}

export type Model = TokenModel | SingleShotModel

export const models: Record<string, Model> = {}
