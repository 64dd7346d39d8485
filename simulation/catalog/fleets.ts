import type { Chip, Precision } from './chips'
import type { Calibration, Engine } from './calibration'
import type { Model } from './models'
import type { Pricing } from './prices'
import type { ScheduledFault } from '../faults/fault'
import type { Workload } from './workloads'
import type { Routing } from '../routing/routing'
import { millionPools, millionRouting, millionWorkloads } from './million'
import { regionPools, regionRouting, regionWorkloads } from './region'
import { lostRdma } from '../scenarios/lost-rdma'

export type Picker = 'round-robin' | 'least-outstanding' | 'power-of-two' | 'prefix-affinity'

/** Identical replicas of one model on one chip in one zone. */
export interface Pool {
  id: string
  chip: string
  model: string
  precision: Precision
  engine: Engine
  zone: string
  /** Scale-up domain that its replicas share with those of other pools of that name; KV cache moves over its links. */
  domain?: string
  replicas: number
  /** Most replicas that it can have, where others may be re-provisioned to it; without it, those it has. */
  capacity?: number
  tensorParallel: number
  pipelineParallel: number
  expertParallel: number
  dataParallel: number
  /** Requests that run at once in a replica. */
  maxSequences: number
  /** Tokens that one step may take. */
  stepTokenBudget: number
  /** Share of the memory that weights and KV cache may fill. */
  memoryFraction: number
  /** Requests that may wait in a replica before new ones are rejected. */
  queueLimit: number
  picker: Picker
  /** A training pool takes no requests. */
  role?: 'training'
  /** Blocks of KV cache in a replica; without it, what fits beside the weights. */
  kvBlocks?: number
  /** Whether prompts may start from cached prefixes; they may unless it says `false`. */
  prefixCache?: boolean
}

export interface Fleet {
  id: string
  name: string
  note: string
  /** What time 0 is called on the screen, ISO 8601. */
  epoch: string
  pools: Pool[]
  workloads: Workload[]
  routing: Routing
  /** Seconds computed before a clock starts, so that a first visitor sees full charts; 300 without it. */
  warmUp?: number
  /** Bandwidth of all network links of a zone ÷ that of its spine; 1 without it. */
  oversubscription?: number
  /** Seconds of one tick of the run; without it, those of the simulation. Whole ticks must make a sample. */
  tick?: number
  /** What a chip-hour costs; owning the chip without it. */
  pricing?: Pricing
  /** Chips and models of its own, before those of the catalog. */
  chips?: Record<string, Chip>
  models?: Record<string, Model>
  /** What goes wrong at stated times. */
  faults?: ScheduledFault[]
  /** Chips and nodes fail at random, so many times as often as they were seen to; never without it. */
  failures?: number
  /** Coefficients of its own, before those of the catalog. */
  calibrations?: Calibration[]
}

/** Fleets that ship with the project. */
export const fleets: Record<string, Fleet> = {
  default: {
    id: 'default',
    name: 'Mixed region',
    note: 'A made-up cloud region: the proportions of chips and the traffic are assumed, nobody publishes any.',
    epoch: '2027-04-14T13:00:00Z',
    pools: regionPools,
    workloads: regionWorkloads,
    routing: regionRouting,
  },
  million: {
    id: 'million',
    name: 'A million accelerators',
    note: 'A made-up fleet of 1,000,000 chips in four zones: proportions and traffic are assumed, nobody publishes any.',
    epoch: '2027-12-15T13:00:00Z',
    pools: millionPools,
    workloads: millionWorkloads,
    routing: millionRouting,
    warmUp: 20,
  },
  [lostRdma.id]: lostRdma,
}
