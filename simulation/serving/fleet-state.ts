import type { PickerState } from '../routing/picker'
import type { Telemetry } from '../telemetry/telemetry'
import type { WorkloadState } from '../traffic/workload-state'
import type { Health } from './health'
import type { FlowTable } from './flows'
import type { Network } from './network'
import type { PoolState } from './pool'
import type { PrefixCache } from './prefix-cache'
import type { Replicas } from './replicas'
import type { Requests } from './requests'
import type { Running } from './running'
import type { TrainingJob } from './training'

/** The fleet at work: what serving reads and writes. Plain data. */
export interface FleetState {
  /** End of the tick under way [s]: where a request goes on that moves from one replica to another. */
  now: number
  workloads: WorkloadState[]
  pools: PoolState[]
  /** Those whose replicas are simulated here. */
  own: PoolState[]
  pickers: PickerState[]
  flows: FlowTable
  requests: Requests
  replicas: Replicas
  running: Running
  prefixes: PrefixCache
  network: Network
  health: Health
  /** By flow; `null` where it is not of a training job. */
  training: (TrainingJob | null)[]
  telemetry: Telemetry
  /** Most decode steps taken as one leap. */
  longestLeap: number
}
