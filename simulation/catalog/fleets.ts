import type { Precision } from './chips'
import type { Engine } from './calibration'
import type { Workload } from './workloads'
import type { Routing } from '../routing/routing'
import { regionPools, regionRouting, regionWorkloads } from './region'

export type Picker = 'round-robin' | 'least-outstanding' | 'power-of-two'

/** Identical replicas of one model on one chip in one zone. */
export interface Pool {
  id: string
  chip: string
  model: string
  precision: Precision
  engine: Engine
  zone: string
  replicas: number
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
}
