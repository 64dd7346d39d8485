import type { Chip } from '../catalog/chips'
import type { Fleet, Pool } from '../catalog/fleets'
import { blockSize, calibrationOf, chipOf, chipsPerReplica, kvBlocks, modelOf } from '../catalog/lookup'
import type { Model } from '../catalog/models'
import { groupsOf, levelsOf, type Flow } from './flows'
import { createPowerModel, type PoolPower, type PoolWork } from './power'
import { createBatchModel, createStepModel, type BatchModel, type StepModel } from './step-time'

/** How a pool's replicas work: token by token, in batches of queries, or on a training job. */
export type Serving =
  | { kind: 'tokens'; step: StepModel; context: number; kvBlocks: number; watermark: number; ahead: boolean }
  | { kind: 'single-shot'; batch: BatchModel; delay: number }
  | { kind: 'training'; tokensPerSecond: number; mfu: number }

/** Where a pool lies in the columns of the fleet. */
interface Place {
  /** Place of the pool in the fleet. */
  index: number
  /** First of its replicas. */
  first: number
  /** First of its flows, of those of copies, of its lanes, queues and keys of shared prefixes. */
  firstFlow: number
  firstMirror: number
  firstLane: number
  firstQueue: number
  firstKey: number
  /** Whether its replicas are simulated here; another thread simulates them if not. */
  own: boolean
}

/** What the engine needs of a pool, computed once. */
export interface PoolState extends Place {
  id: string
  chip: string
  /** Replicas that it has now, the first of the places kept for them in the columns. */
  replicas: number
  slots: number
  chipsPerReplica: number
  /** How many flows it has, and how many of copies. */
  flows: number
  mirrors: number
  /** Lanes of a replica, one for each of these, and how many of them are in use: those of copies from the first mirror on. */
  lanes: number
  lanesInUse: number
  /** Levels of priority, that of copies included, and groups of shared prefixes; so many queues and keys a replica. */
  levels: number
  groups: number
  /** Whether its caches hold anything that is asked for again. */
  reuses: boolean
  maxSequences: number
  stepTokenBudget: number
  queueLimit: number
  picker: Pool['picker']
  serving: Serving
  power: PoolPower | null
}

interface PoolFlows {
  flows: readonly Flow[]
  mirrored: readonly Flow[]
}

/** Part of the KV cache kept free when a request is admitted beside others (vLLM's watermark). */
const watermark = 0.01

/** Seconds that a single-shot replica gathers queries before it runs a batch that is not full. */
const gatherDelay = 0.002

/** Share of the peak that large training runs reach (Llama 3 pre-training: 38–43 %, The Llama 3 Herd of Models, 2024). */
const trainingMfu = 0.4

/** All pools of a fleet; those whose replicas are simulated here are laid out one behind the other. */
export function createPools(
  fleet: Fleet,
  flows: readonly Flow[],
  mirrored: readonly Flow[],
  isOwn: (pool: number) => boolean,
): PoolState[] {
  const next: Place = {
    index: 0,
    first: 0,
    firstFlow: 0,
    firstMirror: flows.length,
    firstLane: 0,
    firstQueue: 0,
    firstKey: 0,
    own: true,
  }
  return fleet.pools.map((pool, index) => {
    next.index = index
    next.own = isOwn(index)
    const state = createPool(fleet, pool, { flows, mirrored }, next)
    next.firstFlow += state.flows
    next.firstMirror += state.mirrors
    if (state.own) {
      next.first += state.slots
      next.firstLane += state.slots * state.lanes
      next.firstQueue += state.slots * state.levels
      next.firstKey += state.slots * state.groups
    }
    return state
  })
}

/** The rows of what a pool does, copies included. */
export function rowsOf({ firstFlow, flows, firstMirror, mirrors }: PoolState): number[] {
  return [...range(firstFlow, flows), ...range(firstMirror, mirrors)]
}

/** Those of the copies that it is sent. */
export function mirrorsOf({ firstMirror, mirrors }: Pick<PoolState, 'firstMirror' | 'mirrors'>): number[] {
  return range(firstMirror, mirrors)
}

/** Whole numbers from one on, so many; asked for often. */
export function range(first: number, count: number): number[] {
  const numbers: number[] = []
  for (let index = 0; index < count; index++) numbers.push(first + index)
  return numbers
}

/** From now on a pool may be sent copies. */
export function takeCopies(pool: PoolState): void {
  pool.lanesInUse = pool.lanes
}

/** Tokens of KV cache that a pool's replica holds at most; 0 where it has none. */
export function kvCapacity({ serving }: PoolState): number {
  return serving.kind === 'tokens' ? serving.kvBlocks * blockSize : 0
}

/** Shares of the peaks that busy compute and memory time stand for. */
export function efficiencyOf(serving: Serving): { mfu: number; mbu: number } {
  if (serving.kind === 'tokens') return serving.step
  if (serving.kind === 'single-shot') return serving.batch
  return { mfu: serving.mfu, mbu: 0 }
}

/** How a pool works its chips; steps of single-shot models and of training always fill them. */
function workOf(serving: Serving): PoolWork {
  const { mfu, mbu } = efficiencyOf(serving)
  if (serving.kind !== 'tokens') return { mfu, mbu, perToken: 0, mixture: false }
  return { mfu, mbu, perToken: serving.step.perToken, mixture: serving.step.expertWeights > 0 }
}

function createPool(fleet: Fleet, pool: Pool, { flows, mirrored }: PoolFlows, place: Place): PoolState {
  const own = flows.filter(flow => flow.pool === place.index)
  const mirrors = mirrored.filter(flow => flow.pool === place.index).length
  const served = fleet.workloads.filter((_, index) => own.some(({ workload }) => workload === index))
  const chip = chipOf(fleet, pool)
  const serving = createServing(fleet, pool, chip, modelOf(fleet, pool))
  // written out: V8 gives objects that are spread a shape each
  return {
    index: place.index,
    first: place.first,
    firstFlow: place.firstFlow,
    firstMirror: place.firstMirror,
    firstLane: place.firstLane,
    firstQueue: place.firstQueue,
    firstKey: place.firstKey,
    own: place.own,
    id: pool.id,
    chip: pool.chip,
    replicas: pool.replicas,
    slots: pool.capacity ?? pool.replicas,
    chipsPerReplica: chipsPerReplica(pool),
    flows: own.length,
    mirrors,
    lanes: own.length + mirrors,
    lanesInUse: own.length,
    levels: levelsOf(served) + 1,
    groups: groupsOf(served),
    reuses: pool.prefixCache !== false && served.some(({ sharedPrefix, sessions }) => sharedPrefix ?? sessions),
    maxSequences: pool.maxSequences,
    stepTokenBudget: pool.stepTokenBudget,
    queueLimit: pool.queueLimit,
    picker: pool.picker,
    serving,
    power: createPowerModel(pool.chip, workOf(serving), chip),
  }
}

function createServing(fleet: Fleet, pool: Pool, chip: Chip, model: Model): Serving {
  const calibration = calibrationOf(fleet, pool)
  if (!calibration) {
    throw new Error(`pool ${pool.id}: no calibration of ${pool.chip} with ${pool.engine} at ${pool.precision}`)
  }
  if (model.kind === 'single-shot') {
    return { kind: 'single-shot', batch: createBatchModel(pool, chip, model, calibration), delay: gatherDelay }
  }
  if (pool.role === 'training') {
    const peak = chip.peakFlops[pool.precision] ?? 0
    const tokensPerSecond = (chipsPerReplica(pool) * peak * trainingMfu) / (6 * model.activeParameters)
    return { kind: 'training', tokensPerSecond, mfu: trainingMfu }
  }
  const blocks = kvBlocks(fleet, pool)
  return {
    kind: 'tokens',
    step: createStepModel(pool, chip, model, calibration),
    context: model.context,
    kvBlocks: blocks,
    watermark: Math.floor(blocks * watermark),
    ahead: calibration.ahead ?? false,
  }
}
