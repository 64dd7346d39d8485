import {
  findModel,
  kvBlocks,
  residentWeights,
  SAMPLE,
  usableMemory,
  type Fleet,
  type Model,
  type Pool,
  type Refusal,
} from '../../simulation/index'
import { longest, type Document } from './schema'

/** Least time that counts, so that there is something to divide by [s]. */
export const leastCounted = 0.05

/** So much a run may ask for, or it would not end or not fit. */
const most = { requests: 1e9, replicaTicks: 2e11, flows: 2000, lanes: 5e7, prefixes: 5e7 }

/** Why an experiment whose fleet is right cannot run, or `null` if it can: what its parts say of each other. */
export function checkDocument(document: Document, fleet: Fleet): Refusal | null {
  const { pools, workloads } = document
  for (const [index, pool] of fleet.pools.entries()) {
    const model = findModel(fleet, pool.model)
    const refusal = model && (checkParallelism(pool, model) ?? checkBlocks(fleet, pool, model))
    if (refusal) return { ...refusal, field: `pools[${index}].${refusal.field}` }
  }
  for (const [index, workload] of workloads.entries()) {
    const refusal = checkWorkload(workload, fleet)
    if (refusal) return { ...refusal, field: `workloads[${index}].${refusal.field}` }
  }
  const ids = workloads.map(({ id }) => id)
  const stray = Object.keys(document.routing).find(name => !ids.includes(name))
  if (stray !== undefined) return { field: 'routing', value: stray, expected: `one of ${ids.join(', ')}` }
  return checkStuck(document) ?? checkTimes(document) ?? checkExtent(document, fleet, pools)
}

/** Why its training jobs cannot run, or `null` if they can. */
export function checkTraining({ pools, training }: Document): Refusal | null {
  for (const [index, { pool }] of training.entries()) {
    const field = `training[${index}].pool`
    const expected = `one of ${pools.map(({ id }) => id).join(', ')}`
    if (!pools.some(({ id }) => id === pool)) return { field, value: pool, expected }
    if (training.findIndex(job => job.pool === pool) < index)
      return { field, value: pool, expected: 'a pool that no other job holds' }
  }
  return null
}

function checkParallelism(pool: Pool, model: Model): Refusal | null {
  const { tensorParallel, pipelineParallel, expertParallel, engine } = pool
  const layers = model.kind === 'tokens' ? model.layers : 1
  if (pipelineParallel > layers)
    return {
      field: 'pipelineParallel',
      value: pipelineParallel,
      expected: `at most ${layers}, the layers of the model`,
    }
  const experts = (model.kind === 'tokens' && model.experts) || 1
  if (expertParallel > experts)
    return { field: 'expertParallel', value: expertParallel, expected: `at most ${experts}, the experts of the model` }
  // compilers for other chips split matrices as they like; these give every rank whole heads
  const wholeHeads = engine === 'vllm' || engine === 'trtllm' || engine === 'sglang'
  if (model.kind === 'tokens' && wholeHeads && model.heads % tensorParallel !== 0)
    return { field: 'tensorParallel', value: tensorParallel, expected: `a divisor of the model's ${model.heads} heads` }
  return null
}

function checkBlocks(fleet: Fleet, pool: Pool, model: Model): Refusal | null {
  if (pool.kvBlocks === undefined) return null
  if (model.kind !== 'tokens')
    return { field: 'kvBlocks', value: pool.kvBlocks, expected: `no such field: ${model.name} has no KV cache` }
  if (residentWeights(fleet, pool) > usableMemory(fleet, pool))
    return { field: 'model', value: pool.model, expected: 'weights that fit into the memory of a replica' }
  const room = kvBlocks(fleet, { ...pool, kvBlocks: undefined, memoryFraction: 1 })
  if (pool.kvBlocks > room)
    return { field: 'kvBlocks', value: pool.kvBlocks, expected: `at most ${room}, what the memory holds` }
  return null
}

function checkWorkload(workload: Document['workloads'][number], fleet: Fleet): Refusal | null {
  const model = findModel(fleet, workload.model)
  for (const field of ['promptTokens', 'outputTokens'] as const) {
    const lengths = workload[field]
    if (lengths === undefined && model?.kind === 'tokens')
      return { field, value: lengths, expected: 'token lengths, such as { "kind": "fixed", "value": 500 }' }
    if (lengths?.kind === 'trace' && workload.arrivals.kind !== 'trace')
      return { field: `${field}.kind`, value: 'trace', expected: 'lengths to draw: the arrivals are not a trace' }
  }
  for (const field of ['sharedPrefix', 'sessions'] as const) {
    if (workload[field] && model?.kind !== 'tokens')
      return {
        field,
        value: workload[field],
        expected: `no such field: ${model?.name ?? workload.model} has no prompts`,
      }
  }
  return null
}

/** What a stuck replica has taken leaves it when that is over. */
function checkStuck({ faults, training }: Document): Refusal | null {
  const index = faults.findIndex(
    fault =>
      fault.kind === 'stuck' && fault.duration === undefined && !training.some(({ pool }) => pool === fault.pool),
  )
  if (index < 0) return null
  return {
    field: `faults[${index}].duration`,
    value: undefined,
    expected: 'seconds until the replica is restarted: requests that it takes wait for that',
  }
}

function checkTimes({ workloads, duration, warmup }: Document): Refusal | null {
  const staged = workloads.find(({ arrivals }) => 'stages' in arrivals)
  if (duration === undefined && staged) {
    return {
      field: 'duration',
      value: duration,
      expected: `simulated seconds: workload ${staged.id} does not end by itself`,
    }
  }
  const open = workloads.some(({ arrivals }) => arrivals.kind !== 'closed')
  if (duration !== undefined && open && duration - warmup < leastCounted)
    return { field: 'warmup', value: warmup, expected: `less than the duration, by ${leastCounted} s or more` }
  return null
}

/** Refuses what would not end, or not fit into memory. */
function checkExtent(
  { workloads, duration = longest }: Document,
  fleet: Fleet,
  pools: Document['pools'],
): Refusal | null {
  const replicas = pools.reduce((sum, pool) => sum + slotsOf(pool), 0)
  const requests = fleet.workloads.reduce((sum, { arrivals }) => sum + requestsOf(arrivals), 0)
  if (requests > most.requests)
    return { field: 'workloads', value: `${requests} requests`, expected: `at most ${most.requests} in all` }
  // a closed loop or a trace may end much sooner than the longest run
  const staged = workloads.some(({ arrivals }) => 'stages' in arrivals)
  const ticks = (staged ? duration : 0) / (fleet.tick ?? SAMPLE)
  if (replicas * ticks > most.replicaTicks)
    return { field: 'duration', value: duration, expected: `at most ${most.replicaTicks} replicas × ticks` }
  const flows = fleet.workloads.map(workload => ({
    model: workload.model,
    cohorts: workload.arrivals && 'stages' in workload.arrivals ? workload.arrivals.stages.length + 1 : 2,
    groups: workload.sharedPrefix?.groups ?? 0,
  }))
  const perPool = pools.map(pool => {
    const own = flows.filter(({ model }) => model === pool.model)
    return {
      replicas: slotsOf(pool),
      flows: own.reduce((sum, { cohorts }) => sum + cohorts, 0),
      groups: own.reduce((sum, { groups }) => sum + groups, 0),
    }
  })
  const sum = (of: (pool: (typeof perPool)[number]) => number): number =>
    perPool.reduce((all, pool) => all + of(pool), 0)
  if (sum(pool => pool.flows) > most.flows || sum(pool => pool.flows * pool.replicas) > most.lanes)
    return {
      field: 'workloads',
      value: `${sum(pool => pool.flows)} stages on pools`,
      expected: `at most ${most.flows}, and ${most.lanes} times replicas`,
    }
  if (sum(pool => pool.groups * pool.replicas) > most.prefixes)
    return {
      field: 'workloads',
      value: `${sum(pool => pool.groups * pool.replicas)} prefixes`,
      expected: `at most ${most.prefixes} groups × replicas`,
    }
  return null
}

/** Replicas that a pool has room for. */
function slotsOf({ replicas, capacity = replicas }: Document['pools'][number]): number {
  return capacity
}

/** Requests that are expected to come; of a trace nobody knows yet. */
function requestsOf(arrivals: Fleet['workloads'][number]['arrivals']): number {
  if (arrivals === null || arrivals.kind === 'trace') return 0
  if (arrivals.kind === 'closed') return arrivals.requests
  return arrivals.stages.reduce((sum, { duration, rate }) => sum + duration * rate, 0)
}
