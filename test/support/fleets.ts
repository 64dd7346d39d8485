import type { Fleet, Pool, Routing, Workload } from '../../simulation/index'

/** A pool of one H100 replica with Llama 3.1 8B; say only what matters. */
export function pool(id: string, overrides: Partial<Pool> = {}): Pool {
  return {
    id,
    chip: 'h100',
    model: 'llama-3.1-8b',
    precision: 'fp8',
    engine: 'vllm',
    zone: 'z',
    replicas: 1,
    tensorParallel: 1,
    pipelineParallel: 1,
    expertParallel: 1,
    dataParallel: 1,
    maxSequences: 256,
    stepTokenBudget: 8192,
    memoryFraction: 0.9,
    queueLimit: 512,
    picker: 'round-robin',
    ...overrides,
  }
}

/** A workload of 10 requests a second with 500 prompt and 100 output tokens. */
export function workload(id: string, overrides: Partial<Workload> = {}): Workload {
  return {
    id,
    name: id,
    tenant: 'startup',
    model: 'llama-3.1-8b',
    kind: 'tokens',
    arrivals: poisson(10),
    promptTokens: { kind: 'fixed', value: 500 },
    outputTokens: { kind: 'fixed', value: 100 },
    objectives: {},
    price: {},
    source: { basis: 'estimate', source: 'made up for a test', date: '2026-11' },
    ...overrides,
  }
}

export function poisson(rate: number): Workload['arrivals'] {
  return { kind: 'poisson', stages: [{ duration: Infinity, rate }] }
}

/** Requests for some seconds, then silence. */
export function burst(rate: number, duration: number): Workload['arrivals'] {
  return { kind: 'poisson', stages: [{ duration, rate }] }
}

/** One request, at a time [s]. */
export function once(time: number): Workload['arrivals'] {
  return { kind: 'constant', stages: [{ duration: 1.5 * time, rate: 1 / time }] }
}

/** A closed loop, from time 0. */
export function loop(concurrency: number, requests = concurrency): Workload['arrivals'] {
  return { kind: 'closed', concurrency, requests }
}

/** Prompts and outputs that all have these lengths [tokens]. */
export function lengths(prompt: number, output: number): Pick<Workload, 'promptTokens' | 'outputTokens'> {
  return { promptTokens: { kind: 'fixed', value: prompt }, outputTokens: { kind: 'fixed', value: output } }
}

/** A fleet of these pools and workloads; without a routing every workload uses all its pools evenly. */
export function fleet(pools: Pool[], workloads: Workload[], routing: Routing = {}): Fleet {
  return {
    id: 'test',
    name: 'Test',
    note: '',
    epoch: '2027-04-14T13:00:00Z',
    pools,
    workloads,
    routing: Object.fromEntries(workloads.map(({ id, model }) => [id, routing[id] ?? even(pools, model)])),
  }
}

/** Routes of ordinary serving with these shares. */
export function routes(shares: Record<string, number>): Routing[string] {
  return Object.entries(shares).map(([id, share]) => ({ prefill: id, decode: id, share }))
}

function even(pools: Pool[], model: string): Routing[string] {
  const able = pools.filter(candidate => candidate.model === model)
  return able.map(({ id }) => ({ prefill: id, decode: id, share: 1 / able.length }))
}
