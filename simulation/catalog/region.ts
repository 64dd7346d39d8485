import type { Pool } from './fleets'
import type { Routing } from '../routing/routing'
import { arrivalsLike, arrivalStatistics, lengths } from './lengths'
import type { Source } from './source'
import { trainingJob, type Arrivals, type Stage, type Workload } from './workloads'
import { MILLION } from '../units'

/** The default fleet: one cloud region with every family side by side, some pools near their limit. */
export const regionPools: Pool[] = [
  pool('gb300-agents', 'gb300', 'deepseek-v3', {
    precision: 'fp4',
    engine: 'trtllm',
    replicas: 9,
    chips: 8,
    experts: 8,
    sequences: 128,
    zone: 'east-1',
  }),
  pool('gb200-agents', 'gb200', 'deepseek-v3', {
    precision: 'fp4',
    engine: 'trtllm',
    replicas: 18,
    chips: 8,
    experts: 8,
    sequences: 128,
    zone: 'east-1',
  }),
  pool('gb200-chat', 'gb200', 'llama-3.1-70b', {
    precision: 'fp4',
    engine: 'vllm',
    replicas: 36,
    chips: 2,
    sequences: 192,
    zone: 'east-1',
  }),
  pool('b300-search', 'b300', 'llama-3.1-70b', {
    precision: 'fp8',
    engine: 'vllm',
    replicas: 16,
    chips: 4,
    sequences: 64,
    zone: 'east-2',
  }),
  pool('b200-chat', 'b200', 'llama-3.1-70b', {
    precision: 'fp8',
    engine: 'vllm',
    replicas: 32,
    chips: 4,
    sequences: 192,
    zone: 'east-1',
  }),
  pool('b200-code', 'b200', 'qwen3-32b', {
    precision: 'fp8',
    engine: 'vllm',
    replicas: 24,
    chips: 2,
    sequences: 64,
    zone: 'east-1',
  }),
  pool('vr72-agents', 'rubin', 'deepseek-v3', {
    precision: 'fp4',
    engine: 'trtllm',
    replicas: 9,
    chips: 8,
    experts: 8,
    sequences: 128,
    zone: 'east-2',
  }),
  pool('vr72-chat', 'rubin', 'llama-3.1-70b', {
    precision: 'fp8',
    engine: 'vllm',
    replicas: 18,
    chips: 4,
    sequences: 192,
    zone: 'east-2',
  }),
  pool('lpu-chat', 'groq-lpu-v1', 'llama-3.1-70b', {
    precision: 'int8',
    engine: 'groq',
    replicas: 2,
    chips: 8,
    stages: 72,
    sequences: 48,
    zone: 'west-1',
  }),
  pool('lpu-code', 'groq-lpu-v1', 'qwen3-32b', {
    precision: 'int8',
    engine: 'groq',
    replicas: 2,
    chips: 8,
    stages: 25,
    sequences: 32,
    zone: 'west-1',
  }),
  pool('trn3-chat', 'trainium3', 'llama-3.1-70b', {
    precision: 'fp8',
    engine: 'neuron',
    replicas: 18,
    chips: 8,
    sequences: 32,
    zone: 'east-2',
  }),
  pool('trn2-search', 'trainium2', 'llama-3.1-70b', {
    precision: 'bf16',
    engine: 'neuron',
    replicas: 20,
    chips: 16,
    sequences: 24,
    zone: 'east-1',
  }),
  pool('trn2-summaries', 'trainium2', 'llama-3.1-8b', {
    precision: 'bf16',
    engine: 'neuron',
    replicas: 32,
    chips: 2,
    sequences: 32,
    zone: 'east-1',
  }),
  pool('trn1-summaries', 'trainium1', 'llama-3.1-8b', {
    precision: 'bf16',
    engine: 'neuron',
    replicas: 24,
    chips: 4,
    sequences: 24,
    zone: 'west-1',
  }),
  pool('trn1-ranking', 'trainium1', 'dlrm', {
    precision: 'bf16',
    engine: 'neuron',
    replicas: 8,
    chips: 2,
    sequences: 64,
    zone: 'west-1',
  }),
  pool('inf2-summaries', 'inferentia2', 'llama-3.1-8b', {
    precision: 'bf16',
    engine: 'neuron',
    replicas: 12,
    chips: 6,
    sequences: 24,
    zone: 'east-1',
  }),
  pool('inf2-ranking', 'inferentia2', 'dlrm', {
    precision: 'bf16',
    engine: 'neuron',
    replicas: 12,
    chips: 2,
    sequences: 64,
    zone: 'east-1',
  }),
  pool('inf1-driving', 'inferentia1', 'perception', {
    precision: 'int8',
    engine: 'neuron',
    replicas: 32,
    chips: 1,
    sequences: 8,
    zone: 'west-1',
  }),
  pool('h200-agents', 'h200', 'deepseek-v3', {
    precision: 'fp8',
    engine: 'vllm',
    replicas: 8,
    chips: 8,
    experts: 8,
    sequences: 48,
    zone: 'east-1',
  }),
  pool('h200-chat', 'h200', 'llama-3.1-70b', {
    precision: 'fp8',
    engine: 'vllm',
    replicas: 24,
    chips: 4,
    sequences: 64,
    zone: 'east-1',
  }),
  pool('h100-code', 'h100', 'qwen3-32b', {
    precision: 'fp8',
    engine: 'vllm',
    replicas: 24,
    chips: 2,
    sequences: 64,
    zone: 'west-1',
  }),
  pool('h100-summaries', 'h100', 'llama-3.1-8b', {
    precision: 'fp8',
    engine: 'vllm',
    replicas: 24,
    chips: 1,
    sequences: 128,
    zone: 'west-1',
  }),
  pool('h100-driving', 'h100', 'perception', {
    precision: 'fp8',
    engine: 'vllm',
    replicas: 4,
    chips: 1,
    sequences: 16,
    zone: 'west-1',
  }),
  {
    ...pool('h100-training', 'h100', 'llama-3.1-8b', {
      precision: 'bf16',
      engine: 'vllm',
      replicas: 16,
      chips: 8,
      zone: 'west-1',
    }),
    role: 'training',
  },
]

const groqPrice: Source = { basis: 'list price', source: 'Groq price list for the model', date: '2025' }
const deepseekPrice: Source = {
  basis: 'list price',
  source: 'DeepSeek API prices of deepseek-reasoner',
  date: '2025-08',
}

export const regionWorkloads: Workload[] = [
  tokens('agents', 'Agents', 'enterprise', 'deepseek-v3', {
    traffic: 'deepseekReasoning',
    rate: 105,
    objectives: { ttft: 2, tpot: 0.05 },
    target: 0.995,
    price: { prompt: 0.55, output: 2.19, source: deepseekPrice },
  }),
  tokens('chat', 'Chat', 'own product', 'llama-3.1-70b', {
    traffic: 'azureConversation',
    rate: 1400,
    objectives: { ttft: 0.5, tpot: 0.05 },
    price: { prompt: 0.59, output: 0.79, source: groqPrice },
  }),
  tokens('search', 'Search answers', 'enterprise', 'llama-3.1-70b', {
    traffic: 'mooncakeConversation',
    rate: 22,
    objectives: { ttft: 8, tpot: 0.1 },
    target: 0.95,
    price: { prompt: 0.59, output: 0.79, source: groqPrice },
  }),
  tokens('code', 'Coding assistant', 'startup', 'qwen3-32b', {
    traffic: 'azureCode',
    rate: 520,
    objectives: { ttft: 0.6, tpot: 0.08 },
    target: 0.9,
    price: { prompt: 0.29, output: 0.59, source: groqPrice },
  }),
  tokens('summaries', 'Batch summaries', 'enterprise', 'llama-3.1-8b', {
    traffic: 'arxivSummarisation',
    rate: 330,
    objectives: { ttft: 5, e2e: 60 },
    target: 0.95,
    price: { prompt: 0.05, output: 0.08, source: groqPrice },
  }),
  queries('ranking', 'Recommendation', 'own product', 'dlrm', { rate: 4000, e2e: 0.03, target: 0.999, price: 4 }),
  queries('driving', 'Autonomous systems', 'startup', 'perception', {
    rate: 660,
    e2e: 0.1,
    target: 0.98,
    price: 40,
  }),
  trainingJob({
    id: 'training',
    name: 'Fine-tuning',
    tenant: 'startup',
    model: 'llama-3.1-8b',
    source: assumed('a job that keeps its replicas busy'),
  }),
]

export const regionRouting: Routing = {
  agents: shares({ 'gb300-agents': 0.22, 'gb200-agents': 0.44, 'vr72-agents': 0.29, 'h200-agents': 0.05 }),
  chat: shares({
    'gb200-chat': 0.3,
    'b200-chat': 0.27,
    'vr72-chat': 0.21,
    'lpu-chat': 0.06,
    'trn3-chat': 0.03,
    'h200-chat': 0.13,
  }),
  search: shares({ 'b300-search': 0.8, 'trn2-search': 0.04, 'vr72-chat': 0.16 }),
  code: shares({ 'b200-code': 0.48, 'lpu-code': 0.2, 'h100-code': 0.32 }),
  summaries: shares({ 'h100-summaries': 0.71, 'trn2-summaries': 0.16, 'trn1-summaries': 0.08, 'inf2-summaries': 0.05 }),
  ranking: shares({ 'inf2-ranking': 0.7, 'trn1-ranking': 0.3 }),
  driving: shares({ 'inf1-driving': 0.15, 'h100-driving': 0.85 }),
  training: shares({ 'h100-training': 1 }),
}

interface PoolSize {
  precision: Pool['precision']
  engine: Pool['engine']
  replicas: number
  /** Of one replica, or of each of its stages; they work on each layer together. */
  chips: number
  /** Stages that a token passes one after the other; 1 without it. */
  stages?: number
  experts?: number
  sequences?: number
  zone: string
}

function pool(id: string, chip: string, model: string, size: PoolSize): Pool {
  return {
    id,
    chip,
    model,
    precision: size.precision,
    engine: size.engine,
    zone: size.zone,
    replicas: size.replicas,
    tensorParallel: size.chips,
    pipelineParallel: size.stages ?? 1,
    expertParallel: size.experts ?? 1,
    dataParallel: 1,
    maxSequences: size.sequences ?? 256,
    stepTokenBudget: 8192,
    memoryFraction: 0.9,
    queueLimit: 64,
    picker: 'power-of-two',
  }
}

interface TokenTraffic {
  traffic: keyof typeof lengths
  /** [requests/s] */
  rate: number
  objectives: Workload['objectives']
  target?: number
  /** [$ per million tokens] */
  price: { prompt: number; output: number; source: Source }
}

function tokens(id: string, name: string, tenant: Workload['tenant'], model: string, traffic: TokenTraffic): Workload {
  const { prompt, output, source } = lengths[traffic.traffic]
  return {
    id,
    name,
    tenant,
    model,
    kind: 'tokens',
    arrivals: arrivalsOf(traffic),
    promptTokens: prompt,
    outputTokens: output,
    objectives: traffic.objectives,
    target: traffic.target,
    price: {
      promptToken: traffic.price.prompt / MILLION,
      outputToken: traffic.price.output / MILLION,
      source: traffic.price.source,
    },
    source,
  }
}

interface QueryTraffic {
  rate: number
  /** Deadline [s]. */
  e2e: number
  target?: number
  /** [$ per million queries] */
  price: number
}

function queries(id: string, name: string, tenant: Workload['tenant'], model: string, traffic: QueryTraffic): Workload {
  return {
    id,
    name,
    tenant,
    model,
    kind: 'single-shot',
    arrivals: steady(traffic.rate),
    promptTokens: { kind: 'fixed', value: 1 },
    outputTokens: { kind: 'fixed', value: 1 },
    objectives: { e2e: traffic.e2e },
    target: traffic.target,
    price: { query: traffic.price / MILLION, source: assumed('a price for a million queries') },
    source: assumed('Poisson arrivals at an assumed rate'),
  }
}

/** The rate varies as in the trace; where that has idle gaps, only the gaps between requests do, as a region never idles. */
function arrivalsOf({ traffic, rate }: TokenTraffic): Arrivals {
  const statistics = arrivalStatistics[traffic]
  if (!statistics) return steady(rate)
  const idles = statistics.course.some(stage => stage.rate === 0)
  return idles ? { kind: 'gamma', cv: statistics.cv, stages: forEver(rate) } : arrivalsLike(statistics, rate)
}

function steady(rate: number): Arrivals {
  return { kind: 'poisson', stages: forEver(rate) }
}

function forEver(rate: number): Stage[] {
  return [{ duration: Infinity, rate }]
}

function shares(byPool: Record<string, number>): Routing[string] {
  return Object.entries(byPool).map(([id, share]) => ({ prefill: id, decode: id, share }))
}

function assumed(what: string): Source {
  return { basis: 'estimate', source: `assumed for the default fleet: ${what}`, date: '2026-11' }
}
