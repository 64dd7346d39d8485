import type { TokenModel } from '../models'
import { models } from '../models'
import type { Source } from '../source'

/** Models that something was measured with and that no fleet of the catalog serves. */
const measuredOnly: Record<string, TokenModel> = {
  'llama-2-13b': dense(
    'Llama 2 13B',
    13_015_864_320,
    [40, 5120, 40, 40, 128],
    32_000,
    4096,
    'meta-llama/Llama-2-13b-hf',
  ),
  'codellama-13b': dense(
    'Code Llama 13B',
    13_016_028_160,
    [40, 5120, 40, 40, 128],
    32_016,
    16_384,
    'codellama/CodeLlama-13b-hf',
  ),
  'mistral-7b': dense(
    'Mistral 7B v0.2',
    7_241_732_096,
    [32, 4096, 32, 8, 128],
    32_000,
    32_768,
    'mistralai/Mistral-7B-Instruct-v0.2',
  ),
  'qwen3-8b': dense('Qwen3 8B', 8_190_735_360, [36, 4096, 32, 8, 128], 151_936, 40_960, 'Qwen/Qwen3-8B'),
  'gemma-3-12b': dense(
    'Gemma 3 12B',
    11_765_788_416,
    [48, 3840, 16, 8, 256],
    262_208,
    131_072,
    'google/gemma-3-12b-it',
    'without the vision tower; input and output embedding are one',
  ),
  'gemma-3-27b': dense(
    'Gemma 3 27B',
    27_009_002_240,
    [62, 5376, 32, 16, 128],
    262_208,
    131_072,
    'google/gemma-3-27b-it',
    'without the vision tower; input and output embedding are one',
  ),
  'qwen3-30b-a3b': {
    ...dense(
      'Qwen3 30B-A3B',
      30_532_122_624,
      [48, 2048, 32, 4, 128],
      151_936,
      262_144,
      'Qwen/Qwen3-30B-A3B-Instruct-2507',
    ),
    activeParameters: 3_353_032_704,
    experts: 128,
    expertsPerToken: 8,
    expertParameters: 28_991_029_248,
  },
  'glm-5': {
    ...dense('GLM-5', 743_910_014_976, [78, 6144, 64, 1, 256], 154_880, 202_752, 'zai-org/GLM-5'),
    activeParameters: 41_783_525_376,
    kvElementsPerTokenPerLayer: 576,
    experts: 256,
    expertsPerToken: 8,
    expertParameters: 724_775_731_200,
  },
  'llama-4-maverick': {
    ...dense(
      'Llama 4 Maverick',
      400_700_000_000,
      [48, 5120, 40, 8, 128],
      202_048,
      1_048_576,
      'meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8',
      'without the vision tower; every other layer is a mixture',
    ),
    activeParameters: 17_173_000_000,
    experts: 128,
    expertsPerToken: 1,
    expertParameters: 386_547_056_640,
  },
}

/** Models whose output layer is their embedding, so that a step reads it. */
const tied = ['gemma-3-12b', 'gemma-3-27b']

/** Parameters that a step does not read, as an embedding is only looked up in. */
export function unreadParameters(key: string): number {
  const { vocabulary, hidden } = measuredModel(key)
  return tied.includes(key) ? 0 : vocabulary * hidden
}

/** The model of a measurement; throws if neither the catalog nor this table has it. */
export function measuredModel(key: string): TokenModel {
  const model = measuredOnly[key] ?? models[key]
  if (model?.kind !== 'tokens') throw new Error(`measurements: no token model ${key}`)
  return model
}

type Shape = [layers: number, hidden: number, heads: number, kvHeads: number, headDim: number]

function dense(
  name: string,
  parameters: number,
  [layers, hidden, heads, kvHeads, headDim]: Shape,
  vocabulary: number,
  context: number,
  id: string,
  note = '',
): TokenModel {
  const source: Source = {
    basis: 'vendor',
    source: `config.json of ${id}`,
    date: '2025',
    note: `parameters counted from the shapes${note && `; ${note}`}`,
  }
  return {
    kind: 'tokens',
    name,
    parameters,
    activeParameters: parameters,
    layers,
    hidden,
    heads,
    kvHeads,
    headDim,
    vocabulary,
    context,
    precision: 'bf16',
    source,
  }
}
