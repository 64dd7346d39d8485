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
  /** Parts that tensor-parallel ranks can share the KV cache out in; 1 where attention is compressed (MLA). */
  kvHeads: number
  /** Elements of a head; where keys and values differ (MLA), their mean. */
  headDim: number
  /** KV cache elements per token and layer; set where attention is compressed (MLA) or windowed, else 2 · kvHeads · headDim. */
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
  /**
   * How the published settings choose the next token, where they do not leave it at the likeliest or a plain draw:
   * `nucleus` takes the most probable ones up to a sum (top-p), for which an engine sorts the vocabulary.
   */
  sampling?: 'nucleus'
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

const counted = 'parameters counted from the shapes'

export const models: Record<string, Model> = {
  'llama-3.1-8b': {
    kind: 'tokens',
    name: 'Llama 3.1 8B',
    parameters: 8_030_261_248,
    activeParameters: 8_030_261_248,
    layers: 32,
    hidden: 4096,
    heads: 32,
    kvHeads: 8,
    headDim: 128,
    vocabulary: 128_256,
    context: 131_072,
    precision: 'bf16',
    source: config('meta-llama/Llama-3.1-8B', '2024-07'),
  },
  'llama-3.1-70b': {
    kind: 'tokens',
    name: 'Llama 3.1 70B',
    parameters: 70_553_706_496,
    activeParameters: 70_553_706_496,
    layers: 80,
    hidden: 8192,
    heads: 64,
    kvHeads: 8,
    headDim: 128,
    vocabulary: 128_256,
    context: 131_072,
    sampling: 'nucleus',
    precision: 'bf16',
    source: config(
      'meta-llama/Llama-3.1-70B',
      '2024-07',
      'Llama 3.3 70B has the same shape; sampling of the generation_config of Llama 3.1 8B Instruct',
    ),
  },
  'llama-3.1-405b': {
    kind: 'tokens',
    name: 'Llama 3.1 405B',
    parameters: 405_853_388_800,
    activeParameters: 405_853_388_800,
    layers: 126,
    hidden: 16_384,
    heads: 128,
    kvHeads: 8,
    headDim: 128,
    vocabulary: 128_256,
    context: 131_072,
    precision: 'bf16',
    source: config('meta-llama/Llama-3.1-405B', '2024-07'),
  },
  'llama-2-70b': {
    kind: 'tokens',
    name: 'Llama 2 70B',
    parameters: 68_976_648_192,
    activeParameters: 68_976_648_192,
    layers: 80,
    hidden: 8192,
    heads: 64,
    kvHeads: 8,
    headDim: 128,
    vocabulary: 32_000,
    context: 4096,
    precision: 'bf16',
    source: config('meta-llama/Llama-2-70b-hf', '2023-07'),
  },
  'llama-2-7b': {
    kind: 'tokens',
    name: 'Llama 2 7B',
    parameters: 6_738_415_616,
    activeParameters: 6_738_415_616,
    layers: 32,
    hidden: 4096,
    heads: 32,
    kvHeads: 32,
    headDim: 128,
    vocabulary: 32_000,
    context: 4096,
    sampling: 'nucleus',
    precision: 'fp16',
    source: config('meta-llama/Llama-2-7b-hf', '2023-07', 'sampling not checked against its generation_config'),
  },
  'mistral-nemo-12b': {
    kind: 'tokens',
    name: 'Mistral Nemo 12B',
    parameters: 12_247_782_400,
    activeParameters: 12_247_782_400,
    layers: 40,
    hidden: 5120,
    heads: 32,
    kvHeads: 8,
    headDim: 128,
    vocabulary: 131_072,
    context: 131_072,
    precision: 'bf16',
    source: config('mistralai/Mistral-Nemo-Base-2407', '2024-07', 'sampling not checked against its generation_config'),
  },
  'qwen2.5-7b': {
    kind: 'tokens',
    name: 'Qwen2.5 7B',
    parameters: 7_615_616_512,
    activeParameters: 7_615_616_512,
    layers: 28,
    hidden: 3584,
    heads: 28,
    kvHeads: 4,
    headDim: 128,
    vocabulary: 152_064,
    context: 32_768,
    sampling: 'nucleus',
    precision: 'bf16',
    source: config('Qwen/Qwen2.5-7B-Instruct', '2024-09', 'sampling as a log of the engine shows it'),
  },
  'yi-34b': {
    kind: 'tokens',
    name: 'Yi 34B',
    parameters: 34_388_917_248,
    activeParameters: 34_388_917_248,
    layers: 60,
    hidden: 7168,
    heads: 56,
    kvHeads: 8,
    headDim: 128,
    vocabulary: 64_000,
    context: 4096,
    precision: 'bf16',
    source: config(
      '01-ai/Yi-34B',
      '2023-11',
      'parameters follow from the shapes; sampling not checked against its generation_config',
    ),
  },
  'llama-4-scout': {
    kind: 'tokens',
    name: 'Llama 4 Scout',
    parameters: 107_769_861_120,
    activeParameters: 17_172_894_720,
    layers: 48,
    hidden: 5120,
    heads: 40,
    kvHeads: 8,
    headDim: 128,
    experts: 16,
    expertsPerToken: 1,
    expertParameters: 96_636_764_160,
    vocabulary: 202_048,
    context: 10_485_760,
    sampling: 'nucleus',
    precision: 'bf16',
    source: config(
      'meta-llama/Llama-4-Scout-17B-16E-Instruct',
      '2025-04',
      'text part, without the vision encoder; one shared expert a layer counts as dense; sampling not checked against its file',
    ),
  },
  'mixtral-8x7b': {
    kind: 'tokens',
    name: 'Mixtral 8x7B',
    parameters: 46_702_792_704,
    activeParameters: 12_879_925_248,
    layers: 32,
    hidden: 4096,
    heads: 32,
    kvHeads: 8,
    headDim: 128,
    experts: 8,
    expertsPerToken: 2,
    expertParameters: 45_097_156_608,
    vocabulary: 32_000,
    context: 32_768,
    precision: 'bf16',
    source: config('mistralai/Mixtral-8x7B-v0.1', '2023-12'),
  },
  'qwen3-14b': {
    kind: 'tokens',
    name: 'Qwen3 14B',
    parameters: 14_768_307_200,
    activeParameters: 14_768_307_200,
    layers: 40,
    hidden: 5120,
    heads: 40,
    kvHeads: 8,
    headDim: 128,
    vocabulary: 151_936,
    context: 40_960,
    precision: 'bf16',
    source: config('Qwen/Qwen3-14B', '2025-04'),
  },
  'qwen3-32b': {
    kind: 'tokens',
    name: 'Qwen3 32B',
    parameters: 32_762_123_264,
    activeParameters: 32_762_123_264,
    layers: 64,
    hidden: 5120,
    heads: 64,
    kvHeads: 8,
    headDim: 128,
    vocabulary: 151_936,
    context: 40_960,
    precision: 'bf16',
    source: config('Qwen/Qwen3-32B', '2025-04'),
  },
  'qwen3-235b-a22b': {
    kind: 'tokens',
    name: 'Qwen3 235B-A22B',
    parameters: 235_093_610_496,
    activeParameters: 22_190_739_456,
    layers: 94,
    hidden: 4096,
    heads: 64,
    kvHeads: 4,
    headDim: 128,
    experts: 128,
    expertsPerToken: 8,
    expertParameters: 227_096_395_776,
    vocabulary: 151_936,
    context: 40_960,
    precision: 'bf16',
    source: config('Qwen/Qwen3-235B-A22B', '2025-04'),
  },
  'gpt-oss-120b': {
    kind: 'tokens',
    name: 'gpt-oss 120B',
    parameters: 116_829_156_672,
    activeParameters: 5_130_000_000,
    layers: 36,
    hidden: 2880,
    heads: 64,
    kvHeads: 8,
    headDim: 64,
    kvElementsPerTokenPerLayer: 512,
    experts: 128,
    expertsPerToken: 4,
    expertParameters: 114_661_785_600,
    vocabulary: 201_088,
    context: 131_072,
    precision: 'fp4',
    source: config(
      'openai/gpt-oss-120b',
      '2025-08',
      'every other layer keeps only a window of 128 tokens, so half the KV cache grows; active parameters as published, without the embedding; attention weights are 16-bit',
    ),
  },
  'deepseek-v3': {
    kind: 'tokens',
    name: 'DeepSeek V3',
    parameters: 671_026_404_352,
    activeParameters: 37_552_282_624,
    layers: 61,
    hidden: 7168,
    heads: 128,
    kvHeads: 1,
    headDim: 160,
    kvElementsPerTokenPerLayer: 576,
    experts: 256,
    expertsPerToken: 8,
    expertParameters: 653_908_770_816,
    vocabulary: 129_280,
    context: 163_840,
    precision: 'fp8',
    source: config(
      'deepseek-ai/DeepSeek-V3',
      '2024-12',
      'MLA: 512 + 64 elements a token and layer; heads of 192 and 128',
    ),
  },
  'kimi-k2': {
    kind: 'tokens',
    name: 'Kimi K2',
    parameters: 1_026_408_209_408,
    activeParameters: 32_861_477_888,
    layers: 61,
    hidden: 7168,
    heads: 64,
    kvHeads: 1,
    headDim: 160,
    kvElementsPerTokenPerLayer: 576,
    experts: 384,
    expertsPerToken: 8,
    expertParameters: 1_014_686_023_680,
    vocabulary: 163_840,
    context: 131_072,
    precision: 'fp8',
    source: config(
      'moonshotai/Kimi-K2-Instruct',
      '2025-07',
      'MLA: 512 + 64 elements a token and layer; heads of 192 and 128',
    ),
  },
  'minimax-m2': {
    kind: 'tokens',
    name: 'MiniMax M2',
    parameters: 228_689_304_576,
    activeParameters: 11_030_092_800,
    layers: 62,
    hidden: 3072,
    heads: 48,
    kvHeads: 8,
    headDim: 128,
    experts: 256,
    expertsPerToken: 8,
    expertParameters: 224_680_476_672,
    vocabulary: 200_064,
    context: 196_608,
    precision: 'fp8',
    source: config('MiniMaxAI/MiniMax-M2', '2025-10'),
  },
  dlrm: {
    kind: 'single-shot',
    name: 'DLRM-DCNv2',
    parameters: 26_151_657_856,
    flopsPerQuery: 270 * 40e6,
    bytesPerQuery: 270 * 214 * 128 * 2,
    denseParameters: 16_030_592,
    precision: 'bf16',
    source: {
      basis: 'vendor',
      source:
        'MLPerf Inference DLRMv2: https://mlcommons.org/2026/02/dlrmv3-inference-meta/ (40 MFLOP a candidate, 50 GB); table sizes of the reference implementation',
      date: '2026-02',
      note: 'a query ranks 270 candidates (assumed); each looks up 214 rows of 128 elements in 26 tables; parameters counted from the shapes',
    },
  },
  perception: {
    kind: 'single-shot',
    name: 'BEVFormer',
    parameters: 68_700_000,
    flopsPerQuery: 2 * 1303.5e9,
    bytesPerQuery: 6 * 900 * 1600 * 3 * 2,
    denseParameters: 68_700_000,
    precision: 'fp16',
    source: {
      basis: 'vendor',
      source: 'BEVFormer, arXiv 2203.17270, table 5 (68.7 M parameters, 1,303.5 G); a benchmark of MLPerf Automotive',
      date: '2022-07',
      note: 'a query is six cameras at 900 x 1600; the paper counts multiply-accumulates (a ResNet-101 needs about as many for six such images), so twice as many operations; bytes are the images at two bytes a value',
    },
  },
}

/** Size of one element [bytes]; scales of block formats left out. */
export function bytesPerElement(precision: Precision): number {
  if (precision === 'bf16' || precision === 'fp16') return 2
  return precision === 'fp4' || precision === 'int4' ? 0.5 : 1
}

/** All weights at a precision [bytes]. */
export function weightBytes(model: Model, precision: Precision): number {
  return model.parameters * bytesPerElement(precision)
}

/** KV cache of one token over all layers [bytes]; two bytes an element whatever the precision of the weights. */
export function kvBytesPerToken(model: TokenModel): number {
  return model.layers * (model.kvElementsPerTokenPerLayer ?? 2 * model.kvHeads * model.headDim) * 2
}

function config(id: string, date: string, note?: string): Source {
  return { basis: 'vendor', source: `config.json of ${id}`, date, note: note ? `${counted}; ${note}` : counted }
}
