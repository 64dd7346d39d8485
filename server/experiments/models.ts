import { z } from 'zod'
import { models as catalog, type Model, type Refusal, type TokenModel } from '../../simulation/index'
import { refuse } from '../refusal'
import type { Document } from './schema'
import { source, theExperiment } from './source'

const count = z.int().min(1)
const parameters = z.number().positive().max(1e15)
const size = z.number().positive().max(1e24)

/** A model of an experiment: all of a new one, or what is other than in the catalog. */
export const model = z.strictObject({
  kind: z.enum(['tokens', 'single-shot']).optional(),
  name: z.string().max(200).optional(),
  parameters: parameters.optional(),
  activeParameters: parameters.optional(),
  layers: count.max(10_000).optional(),
  hidden: count.max(1_000_000).optional(),
  heads: count.max(100_000).optional(),
  kvHeads: count.max(100_000).optional(),
  headDim: count.max(100_000).optional(),
  kvElementsPerTokenPerLayer: size.max(1e9).optional(),
  experts: count.max(1_000_000).optional(),
  expertsPerToken: count.max(1_000_000).optional(),
  expertParameters: parameters.optional(),
  vocabulary: count.max(1e8).optional(),
  context: count.max(1e8).optional(),
  flopsPerQuery: size.optional(),
  bytesPerQuery: size.optional(),
  denseParameters: parameters.optional(),
  sampling: z.literal('nucleus').optional(),
  precision: z.enum(['bf16', 'fp16', 'fp8', 'fp4', 'int8', 'int4']).optional(),
  source: source.optional(),
})

type Entry = z.infer<typeof model>
type Field = keyof Entry

const queryFields = ['flopsPerQuery', 'bytesPerQuery', 'denseParameters'] as const
const tokenFields = [
  'activeParameters',
  'layers',
  'hidden',
  'heads',
  'kvHeads',
  'headDim',
  'kvElementsPerTokenPerLayer',
  'experts',
  'expertsPerToken',
  'expertParameters',
  'vocabulary',
  'context',
  'sampling',
] as const

/** The experiment's models, whole; a refusal where one lacks a figure, or has two that contradict each other. */
export function ownModels({ models }: Document): Record<string, Model> | Refusal {
  const own: [string, Model][] = []
  for (const [key, entry] of Object.entries(models)) {
    const model = complete(key, entry, Object.hasOwn(catalog, key) ? catalog[key] : undefined)
    if ('expected' in model) return model
    own.push([key, model])
  }
  return Object.fromEntries(own)
}

function complete(key: string, entry: Entry, listed: Model | undefined): Model | Refusal {
  const kind = entry.kind ?? listed?.kind ?? 'tokens'
  const same = listed?.kind === kind ? listed : undefined
  const stray = (kind === 'tokens' ? queryFields : tokenFields).find(field => entry[field] !== undefined)
  if (stray) return refuse(`models.${key}.${stray}`, entry[stray], `no such field of a model of kind ${kind}`)
  const fields = { ...same, ...entry, kind }
  const missing = (field: Field, expected: string): Refusal => refuse(`models.${key}.${field}`, fields[field], expected)
  const { parameters } = fields
  if (parameters === undefined) return missing('parameters', 'how many parameters it has')
  const common = {
    name: fields.name ?? key,
    parameters,
    precision: fields.precision ?? 'bf16',
    source: entry.source ?? theExperiment,
  }
  if (kind === 'tokens') return completeTokens({ ...fields, ...common }, entry, missing)
  const { flopsPerQuery, bytesPerQuery, denseParameters } = fields
  if (flopsPerQuery === undefined) return missing('flopsPerQuery', 'operations of a query [FLOP]')
  if (bytesPerQuery === undefined)
    return missing('bytesPerQuery', 'memory traffic of a query beside the dense weights [bytes]')
  if (denseParameters === undefined) return missing('denseParameters', 'parameters that a batch reads once')
  if (denseParameters > parameters) return missing('denseParameters', `at most its parameters, ${parameters}`)
  return { kind, ...common, flopsPerQuery, bytesPerQuery, denseParameters }
}

type Missing = (field: Field, expected: string) => Refusal
type Common = Pick<TokenModel, 'name' | 'parameters' | 'precision' | 'source'>

function completeTokens(fields: Entry & Common, entry: Entry, missing: Missing): TokenModel | Refusal {
  const { name, parameters, precision, source } = fields
  const { layers, hidden, heads, vocabulary, context, kvElementsPerTokenPerLayer, sampling } = fields
  if (layers === undefined) return missing('layers', 'how many layers it has')
  if (hidden === undefined) return missing('hidden', 'the width of its hidden state')
  if (heads === undefined) return missing('heads', 'how many attention heads it has')
  if (vocabulary === undefined) return missing('vocabulary', 'how many tokens its vocabulary has')
  if (context === undefined) return missing('context', 'the longest prompt plus output [tokens]')
  const kvHeads = fields.kvHeads ?? heads
  if (heads % kvHeads !== 0) return missing('kvHeads', `a divisor of its ${heads} attention heads`)
  const headDim = fields.headDim ?? hidden / heads
  if (!Number.isInteger(headDim)) return missing('headDim', `the width of a head: ${hidden} ÷ ${heads} is not whole`)
  const shape = { layers, hidden, heads, kvHeads, headDim, vocabulary, context, sampling }
  const whole = { kind: 'tokens' as const, name, parameters, precision, source, ...shape, kvElementsPerTokenPerLayer }
  return fields.experts === undefined && fields.expertsPerToken === undefined
    ? dense(whole, entry, missing)
    : mixture(whole, fields, entry, missing)
}

type Shape = Omit<TokenModel, 'activeParameters' | 'experts' | 'expertsPerToken' | 'expertParameters'>

function dense(shape: Shape, entry: Entry, missing: Missing): TokenModel | Refusal {
  const { parameters } = shape
  if (entry.expertParameters !== undefined) return missing('experts', 'how many experts share the expert parameters')
  if (entry.activeParameters !== undefined && entry.activeParameters !== parameters)
    return missing('activeParameters', `its parameters, ${parameters}, for it has no experts`)
  return { ...shape, activeParameters: parameters }
}

/**
 * Where the parameters in experts are not given, they follow from the active ones, else from the shapes: what is neither
 * attention nor embedding (input and output apart) nor the choice of experts.
 */
function mixture(shape: Shape, fields: Entry, entry: Entry, missing: Missing): TokenModel | Refusal {
  const { parameters, layers, hidden, heads, kvHeads, headDim, vocabulary } = shape
  const { experts, expertsPerToken } = fields
  if (experts === undefined) return missing('experts', 'how many experts a layer has')
  if (expertsPerToken === undefined) return missing('expertsPerToken', 'how many experts a token goes to')
  if (expertsPerToken >= experts) return missing('expertsPerToken', `less than its ${experts} experts`)
  const idle = 1 - expertsPerToken / experts
  const attention = 2 * layers * hidden * headDim * (heads + kvHeads)
  const rest = attention + 2 * vocabulary * hidden + layers * hidden * experts
  // what the catalog says holds until something is named that it follows from
  const renamed = (['parameters', 'activeParameters', 'experts', 'expertsPerToken'] as const).some(
    field => entry[field] !== undefined,
  )
  const derived =
    fields.activeParameters === undefined ? parameters - rest : (parameters - fields.activeParameters) / idle
  const expertParameters = entry.expertParameters ?? (renamed ? derived : (fields.expertParameters ?? derived))
  if (!(expertParameters > 0 && expertParameters <= parameters)) {
    return entry.expertParameters === undefined
      ? missing(
          'activeParameters',
          'the parameters that a token touches, fewer than all and more than its share of the experts',
        )
      : missing('expertParameters', `at most its parameters, ${parameters}`)
  }
  const activeParameters = fields.activeParameters ?? parameters - expertParameters * idle
  if (activeParameters > parameters) return missing('activeParameters', `at most its parameters, ${parameters}`)
  return { ...shape, activeParameters, experts, expertsPerToken, expertParameters }
}
