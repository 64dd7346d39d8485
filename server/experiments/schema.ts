import { z } from 'zod'
import { SAMPLE } from '../../simulation/index'
import { faultWith } from '../fault'
import { chip } from './chips'
import { commands } from './commands'
import { lengths } from './lengths'
import { model } from './models'

/** Longest run [simulated s]. */
export const longest = 1e7
/** Stages of one workload. */
const mostStages = 1000

const text = z.string().min(1).max(200)
const count = z.int().min(1)
const positive = z.number().positive()
// limits beyond which a run would not end, or not fit
const ranks = count.max(10_000)
const tokens = count.max(2_147_483_647)
const requests = count.max(1_000_000_000)
const people = count.max(1_000_000)
const seconds = positive.max(longest)
const stages = z
  .array(z.strictObject({ duration: seconds, rate: z.number().min(0).max(1e6) }))
  .min(1)
  .max(mostStages)

const arrivals = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('poisson'), stages }),
  z.strictObject({ kind: z.literal('constant'), stages }),
  z.strictObject({ kind: z.literal('gamma'), cv: z.number().min(0.001).max(100), stages }),
  z.strictObject({ kind: z.literal('closed'), concurrency: people, requests }),
  z.strictObject({ kind: z.literal('trace'), file: z.string().min(1), scale: positive.min(1e-6).max(1e6).default(1) }),
])

const pool = z.strictObject({
  id: text,
  chip: z.string(),
  model: z.string(),
  precision: z.enum(['bf16', 'fp16', 'fp8', 'fp4', 'int8', 'int4']),
  replicas: count.max(100_000).default(1),
  capacity: count.max(100_000).optional(),
  tensorParallel: ranks.default(1),
  pipelineParallel: ranks.default(1),
  expertParallel: ranks.default(1),
  dataParallel: ranks.default(1),
  engine: z.enum(['vllm', 'trtllm', 'sglang', 'neuron', 'groq']).default('vllm'),
  maxSequences: tokens.default(256),
  stepTokenBudget: tokens.default(8192),
  memoryFraction: positive.max(1).default(0.9),
  queueLimit: tokens.default(1_000_000),
  picker: z.enum(['round-robin', 'least-outstanding', 'power-of-two', 'prefix-affinity']).default('round-robin'),
  kvBlocks: tokens.optional(),
  prefixCache: z.boolean().default(true),
  zone: text.default('experiment'),
  domain: text.optional(),
})

const workload = z.strictObject({
  id: text,
  model: z.string(),
  arrivals,
  promptTokens: lengths.optional(),
  outputTokens: lengths.optional(),
  sharedPrefix: z.strictObject({ groups: people, tokens }).optional(),
  sessions: z.strictObject({ users: people, turns: people, repeat: z.boolean().optional() }).optional(),
  objectives: z
    .strictObject({ ttft: positive.optional(), tpot: positive.optional(), e2e: positive.optional() })
    .default({}),
  priority: z.int().min(-1000).max(1000).optional(),
  timeout: seconds.optional(),
  abandonment: z.number().min(0).max(1).optional(),
  spill: z.boolean().optional(),
})

/** A job that holds a pool for itself. */
const training = z.strictObject({ id: text, pool: z.string(), checkpointEvery: seconds.optional() })

const route = z.strictObject({ prefill: z.string(), decode: z.string(), share: z.number().min(0).max(1) })

export const schema = z.strictObject({
  id: z.string().default(''),
  seed: z.int().min(0).default(1),
  duration: seconds.optional(),
  warmup: z.number().min(0).max(longest).default(0),
  chips: z.record(text, chip).default({}),
  models: z.record(text, model).default({}),
  pools: z.array(pool).min(1).max(1000),
  workloads: z.array(workload).min(1).max(1000),
  routing: z.record(z.string(), z.array(route)).default({}),
  faults: z
    .array(faultWith({ at: z.number().min(0) }))
    .max(10_000)
    .default([]),
  failures: z.number().min(0).max(1e6).default(0),
  pricing: z.enum(['ownership', 'list']).default('ownership'),
  commands,
  training: z.array(training).max(1000).default([]),
  oversubscription: z.number().min(1).max(1000).default(1),
  tick: z
    .number()
    .min(0.0005)
    .max(SAMPLE)
    .refine(tick => isWhole(SAMPLE / tick) && isWhole(1 / tick), {
      message: `seconds of which a whole number makes ${SAMPLE} s, such as 0.05 or 0.005`,
    })
    .optional(),
})

/** An experiment as its file says it, with what it leaves out. */
export type Document = z.infer<typeof schema>

function isWhole(ratio: number): boolean {
  return Math.abs(ratio - Math.round(ratio)) < 1e-9
}
