import type { Telemetry } from '../telemetry/telemetry'
import type { PoolState } from './pool'
import type { Replicas } from './replicas'
import type { Requests } from './requests'
import type { Running } from './running'

/** The fleet at work: what serving reads and writes. Plain data. */
export interface FleetState {
  pools: PoolState[]
  /** By flow: objectives of its workload [s], `Infinity` where none is set. */
  objectives: { ttft: Float64Array; tpot: Float64Array; e2e: Float64Array }
  requests: Requests
  replicas: Replicas
  running: Running
  telemetry: Telemetry
  /** Most decode steps taken as one leap. */
  longestLeap: number
}
