import { z } from 'zod'
import { checkFleet, type Fleet, type Refusal, type Scenario, type Workload } from '../../simulation/index'
import { refusalOf, refuse } from '../refusal'

/** One experiment, checked: what to simulate and for how long. */
export interface Experiment {
  id: string
  scenario: Scenario
  /** Simulated seconds of arrivals, and seconds at the start that do not count. */
  duration: number
  warmup: number
}

const count = z.int().min(1)
const positive = z.number().positive()
// limits beyond which a run would not end, or not fit
const ranks = count.max(10_000)
const tokens = count.max(2_147_483_647)
const seconds = z.number().max(1e8)
const cv = z.number().min(0.001).max(100)
const stages = z.array(z.strictObject({ duration: positive, rate: z.number().min(0).max(1e6) })).min(1)

const lengths = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fixed'), value: tokens }),
  z.strictObject({ kind: z.literal('uniform'), from: tokens, to: tokens }).refine(({ from, to }) => to >= from, {
    path: ['to'],
    message: 'a number of at least `from`',
  }),
  z.strictObject({ kind: z.literal('lognormal'), mean: positive.max(1e9), cv: z.number().min(0).max(100) }),
  z
    .object({ kind: z.literal('quantiles') })
    .catchall(z.number().min(1).max(2_147_483_647))
    .refine(({ kind: _, ...points }) => isDistribution(points), {
      message: 'tokens by probability from 0 to 1, ascending, such as { "0.5": 300, "0.99": 4000 }',
    }),
])

const arrivals = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('poisson'), stages }),
  z.strictObject({ kind: z.literal('constant'), stages }),
  z.strictObject({ kind: z.literal('gamma'), cv, stages }),
])

const pool = z.strictObject({
  id: z.string().min(1),
  chip: z.string(),
  model: z.string(),
  precision: z.enum(['bf16', 'fp16', 'fp8', 'fp4', 'int8', 'int4']),
  replicas: count.max(100_000).default(1),
  tensorParallel: ranks.default(1),
  pipelineParallel: ranks.default(1),
  expertParallel: ranks.default(1),
  dataParallel: ranks.default(1),
  engine: z.enum(['vllm', 'trtllm', 'sglang', 'neuron', 'groq']).default('vllm'),
  maxSequences: tokens.default(256),
  stepTokenBudget: tokens.default(8192),
  memoryFraction: positive.max(1).default(0.9),
  queueLimit: tokens.default(1_000_000),
  picker: z.enum(['round-robin', 'least-outstanding', 'power-of-two']).default('round-robin'),
})

const workload = z.strictObject({
  id: z.string().min(1),
  model: z.string(),
  arrivals,
  promptTokens: lengths,
  outputTokens: lengths,
  objectives: z
    .strictObject({ ttft: positive.optional(), tpot: positive.optional(), e2e: positive.optional() })
    .default({}),
})

const route = z.strictObject({ prefill: z.string(), decode: z.string(), share: z.number().min(0).max(1) })

const schema = z
  .strictObject({
    id: z.string().default(''),
    seed: z.int().min(0).default(1),
    duration: seconds.positive(),
    warmup: z.number().min(0).default(0),
    pools: z.array(pool).min(1),
    workloads: z.array(workload).min(1),
    routing: z.record(z.string(), z.array(route)).default({}),
  })
  .refine(({ warmup, duration }) => duration - warmup >= 0.05, {
    path: ['warmup'],
    message: 'less than the duration, by 0.05 s or more',
  })

type Document = z.infer<typeof schema>

/** Reads one experiment; a refusal if it cannot be run. */
export function parseExperiment(input: unknown): Experiment | Refusal {
  const parsed = schema.safeParse(input)
  if (!parsed.success) return refusalOf(parsed.error, input, 'experiment')
  const { id, seed, duration, warmup } = parsed.data
  const ids = parsed.data.workloads.map(workload => workload.id)
  const stray = Object.keys(parsed.data.routing).find(name => !ids.includes(name))
  if (stray !== undefined) return refuse('routing', stray, `one of ${ids.join(', ')}`)
  const fleet = fleetOf(parsed.data)
  return checkFleet(fleet) ?? { id, scenario: { fleet, seed }, duration, warmup }
}

function fleetOf({ pools, workloads, routing }: Document): Fleet {
  return {
    id: 'experiment',
    name: 'Experiment',
    note: '',
    epoch: '2027-01-01T00:00:00Z',
    pools: pools.map(spec => ({ ...spec, zone: 'experiment' })),
    workloads: workloads.map(workloadOf),
    routing: Object.fromEntries(
      workloads.map(({ id, model }) => [
        id,
        (Object.hasOwn(routing, id) && routing[id]) || onlyRoute(pools.filter(spec => spec.model === model)),
      ]),
    ),
  }
}

function workloadOf({ promptTokens, outputTokens, ...spec }: Document['workloads'][number]): Workload {
  return {
    ...spec,
    name: spec.id,
    tenant: 'own product',
    kind: 'tokens',
    promptTokens: lengthsOf(promptTokens),
    outputTokens: lengthsOf(outputTokens),
    price: {},
    source: { basis: 'estimate', source: 'the experiment', date: '' },
  }
}

/** Quantiles as columns from 0 to 1; what lies outside the outermost ones takes their value. */
function lengthsOf(spec: z.infer<typeof lengths>): Workload['promptTokens'] {
  if (spec.kind !== 'quantiles') return spec
  const { kind, ...byProbability } = spec
  const points = ascending(byProbability)
  return {
    kind,
    probabilities: [0, ...points.map(point => point.probability), 1],
    tokens: [points[0]?.tokens ?? 1, ...points.map(point => point.tokens), points.at(-1)?.tokens ?? 1],
  }
}

function isDistribution(byProbability: Record<string, number>): boolean {
  const points = ascending(byProbability)
  const between = points.every(({ probability }) => probability >= 0 && probability <= 1)
  const numbers = Object.keys(byProbability).every(probability => /^(\d+\.?\d*|\.\d+)(e-\d+)?$/i.test(probability))
  return (
    points.length > 0 && numbers && between && points.every(({ tokens }, i) => tokens >= (points[i - 1]?.tokens ?? 0))
  )
}

function ascending(byProbability: Record<string, number>): { probability: number; tokens: number }[] {
  return Object.entries(byProbability)
    .map(([probability, tokens]) => ({ probability: Number(probability), tokens }))
    .sort((a, b) => a.probability - b.probability)
}

/** A workload with one pool to go to needs no routing; with more, the routing must say. */
function onlyRoute(pools: { id: string }[]): Fleet['routing'][string] {
  const [only] = pools
  return pools.length === 1 && only ? [{ prefill: only.id, decode: only.id, share: 1 }] : []
}
