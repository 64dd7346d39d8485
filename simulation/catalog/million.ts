import type { Picker, Pool } from './fleets'
import type { Routing } from '../routing/routing'
import { lengths } from './lengths'
import type { Source } from './source'
import { trainingJob, type Lengths, type Workload } from './workloads'
import { MILLION } from '../units'

const zones = ['a', 'b', 'c', 'd']

/** A kind of pool that every zone has, and its replicas there; eight chips a replica unless it says otherwise. */
interface Kind {
  id: string
  chip: string
  workload: string
  replicas: number
  precision: Pool['precision']
  engine: Pool['engine']
  chips?: number
  experts?: number
  sequences?: number
}

/** 250,000 chips a zone. The proportions are assumed: nobody publishes any. */
const kinds: Kind[] = [
  { id: 'gb200-chat', chip: 'gb200', workload: 'chat', replicas: 7000, precision: 'fp4', engine: 'vllm' },
  { id: 'gb300-chat', chip: 'gb300', workload: 'chat', replicas: 4500, precision: 'fp4', engine: 'vllm' },
  { id: 'vr72-chat', chip: 'rubin', workload: 'chat', replicas: 2500, precision: 'fp8', engine: 'vllm' },
  { id: 'h200-chat', chip: 'h200', workload: 'chat', replicas: 2250, precision: 'fp8', engine: 'vllm' },
  {
    id: 'trn3-chat',
    chip: 'trainium3',
    workload: 'chat',
    replicas: 1800,
    precision: 'fp8',
    engine: 'neuron',
    sequences: 48,
  },
  {
    id: 'lpx-chat',
    chip: 'groq-3-lpu',
    workload: 'chat',
    replicas: 10,
    precision: 'fp8',
    engine: 'groq',
    chips: 256,
    sequences: 64,
  },
  { id: 'b200-code', chip: 'b200', workload: 'code', replicas: 3000, precision: 'fp8', engine: 'vllm' },
  { id: 'h100-code', chip: 'h100', workload: 'code', replicas: 2000, precision: 'fp8', engine: 'vllm' },
  {
    id: 'b300-agents',
    chip: 'b300',
    workload: 'agents',
    replicas: 2000,
    precision: 'fp4',
    engine: 'trtllm',
    experts: 8,
  },
  {
    id: 'trn2-summaries',
    chip: 'trainium2',
    workload: 'summaries',
    replicas: 3000,
    precision: 'bf16',
    engine: 'neuron',
    sequences: 48,
  },
  {
    id: 'inf2-summaries',
    chip: 'inferentia2',
    workload: 'summaries',
    replicas: 880,
    precision: 'bf16',
    engine: 'neuron',
    sequences: 32,
  },
  { id: 'gb200-training', chip: 'gb200', workload: 'training', replicas: 2000, precision: 'bf16', engine: 'vllm' },
]

const modelOf: Record<string, string> = {
  chat: 'llama-3.1-70b',
  code: 'qwen3-32b',
  agents: 'deepseek-v3',
  summaries: 'llama-3.1-8b',
  training: 'llama-3.1-405b',
}

const sequencesByDefault = 128

export const millionPools: Pool[] = zones.flatMap(zone => kinds.map(kind => pool(kind, zone)))

export const millionWorkloads: Workload[] = [
  tokens('chat', 'Chat', 'llama-3.1-70b', {
    rate: 195_000,
    lengths: lengths.azureConversation,
    objectives: { ttft: 0.5, tpot: 0.05 },
    price: [0.59, 0.79],
    more: { priority: 1, timeout: 60, abandonment: 0.02, sharedPrefix: { groups: 8, tokens: 256 } },
  }),
  tokens('code', 'Coding assistant', 'qwen3-32b', {
    rate: 30_000,
    lengths: lengths.azureCode,
    objectives: { ttft: 0.6, tpot: 0.08 },
    price: [0.29, 0.59],
    more: { timeout: 60 },
  }),
  tokens('agents', 'Agents', 'deepseek-v3', {
    rate: 3000,
    lengths: lengths.deepseekReasoning,
    objectives: { ttft: 2, tpot: 0.05 },
    price: [0.55, 2.19],
    more: {},
  }),
  tokens('summaries', 'Batch summaries', 'llama-3.1-8b', {
    rate: 22_000,
    lengths: lengths.arxivSummarisation,
    objectives: { ttft: 5, e2e: 60 },
    price: [0.05, 0.08],
    more: {},
  }),
  trainingJob({
    id: 'training',
    name: 'Training',
    tenant: 'enterprise',
    model: 'llama-3.1-405b',
    source: assumed('a job that keeps its replicas busy'),
  }),
]

/** Every workload over its pools by their part of its replicas, faster chips first; Rubin also prefills for the LPUs. */
export const millionRouting: Routing = {
  chat: evenly({
    'gb200-chat': 0.4,
    'gb300-chat': 0.28,
    'vr72-chat': 0.157,
    'h200-chat': 0.1,
    'trn3-chat': 0.06,
    'vr72-chat lpx-chat': 0.003,
  }),
  code: evenly({ 'b200-code': 0.65, 'h100-code': 0.35 }),
  agents: evenly({ 'b300-agents': 1 }),
  summaries: evenly({ 'trn2-summaries': 0.8, 'inf2-summaries': 0.2 }),
  training: evenly({ 'gb200-training': 1 }),
}

function pool(kind: Kind, zone: string): Pool {
  const picker: Picker = 'power-of-two'
  return {
    id: `${kind.id}-${zone}`,
    chip: kind.chip,
    model: modelOf[kind.workload] ?? kind.workload,
    precision: kind.precision,
    engine: kind.engine,
    zone,
    replicas: kind.replicas,
    tensorParallel: 8,
    pipelineParallel: (kind.chips ?? 8) / 8,
    expertParallel: kind.experts ?? 1,
    dataParallel: 1,
    maxSequences: kind.sequences ?? sequencesByDefault,
    stepTokenBudget: 8192,
    memoryFraction: 0.9,
    queueLimit: 64,
    picker,
    ...(kind.workload === 'training' && { role: 'training' }),
  }
}

interface Traffic {
  rate: number
  lengths: { prompt: Lengths; output: Lengths; source: Source }
  objectives: Workload['objectives']
  /** Of prompt and output tokens [$ per million]. */
  price: [prompt: number, output: number]
  more: Partial<Workload>
}

function tokens(id: string, name: string, model: string, traffic: Traffic): Workload {
  const [prompt, output] = traffic.price
  return {
    id,
    name,
    tenant: 'own product',
    model,
    kind: 'tokens',
    arrivals: { kind: 'poisson', stages: [{ duration: Infinity, rate: traffic.rate }] },
    promptTokens: traffic.lengths.prompt,
    outputTokens: traffic.lengths.output,
    objectives: traffic.objectives,
    price: {
      promptToken: prompt / MILLION,
      outputToken: output / MILLION,
      source: assumed('prices of the default fleet'),
    },
    source: traffic.lengths.source,
    ...traffic.more,
  }
}

/** The same shares in every zone; two names are prefill and decode. */
function evenly(shares: Record<string, number>): Routing[string] {
  return zones.flatMap(zone =>
    Object.entries(shares).map(([names, share]) => {
      const [prefill = names, decode = prefill] = names.split(' ')
      return { prefill: `${prefill}-${zone}`, decode: `${decode}-${zone}`, share: share / zones.length }
    }),
  )
}

function assumed(what: string): Source {
  return { basis: 'estimate', source: `assumed for the million-chip fleet: ${what}`, date: '2026-11' }
}
