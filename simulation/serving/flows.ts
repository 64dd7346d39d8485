import type { Fleet } from '../catalog/fleets'
import { modelOf } from '../catalog/lookup'
import { kvBytesPerToken } from '../catalog/models'
import type { Workload } from '../catalog/workloads'
import { serves } from '../routing/routing'
import { state } from '../state'

/** A workload on a pool that can serve it, by index; figures of its cohorts are kept apart. */
export interface Flow {
  workload: number
  pool: number
  cohort: number
}

/** All flows of a fleet, pool by pool, the cohorts of a workload side by side; the rows of `frame.flows`. */
export function flowsOf(fleet: Fleet): Flow[] {
  return fleet.pools.flatMap((pool, poolIndex) =>
    fleet.workloads.flatMap((workload, index) =>
      serves(pool, workload)
        ? [0, ...(workload.cohorts ?? [])].map((_, cohort) => ({ workload: index, pool: poolIndex, cohort }))
        : [],
    ),
  )
}

/** Flows of copies that a pool may be sent, behind all others in the table: a workload that it can serve, whatever the cohort. */
export function mirrorFlowsOf(fleet: Fleet): Flow[] {
  return flowsOf(fleet).filter(({ workload, cohort }) => cohort === 0 && fleet.workloads[workload]?.kind !== 'training')
}

/** What serving needs of each flow, one column per field; those of copies come last. */
export interface FlowTable {
  workload: Int32Array
  pool: Int32Array
  cohort: Int32Array
  /** Objectives and timeout [s], `Infinity` where none is set. */
  ttft: Float64Array
  tpot: Float64Array
  e2e: Float64Array
  timeout: Float64Array
  /** Place of the flow among those of its pool, and of its priority among those of its pool, highest first. */
  lane: Int32Array
  level: Int32Array
  /** 1 for the flows of copies, whose answers nobody gets. */
  copied: Uint8Array
  /** Tokens of the shared prefix, 0 without one, and the first of its groups among those of the pool. */
  prefix: Int32Array
  firstGroup: Int32Array
  /** KV cache of a token as a hand-off moves it [bytes]. */
  kvBytes: Float64Array
}

export function createFlowTable(fleet: Fleet, served: readonly Flow[], mirrored: readonly Flow[]): FlowTable {
  const flows = [...served, ...mirrored]
  const workloadOf = ({ workload }: Flow): Workload => fleet.workloads[workload] as Workload
  const isCopied = (flow: Flow): boolean => mirrored.includes(flow)
  const peers = (flow: Flow): Flow[] => served.filter(other => other.pool === flow.pool)
  const lanes = (flow: Flow): Flow[] => flows.filter(other => other.pool === flow.pool)
  const priorities = (flow: Flow): number[] => prioritiesOf(peers(flow).map(workloadOf))
  // copies come after everybody
  const levelOf = (flow: Flow): number =>
    isCopied(flow) ? levelsOf(peers(flow).map(workloadOf)) : priorities(flow).indexOf(workloadOf(flow).priority ?? 0)
  // the cohorts of a workload share its prefixes, and so do copies
  const groupsBefore = (flow: Flow): number =>
    groupsOf(
      peers(flow)
        .filter(({ workload, cohort }) => cohort === 0 && workload < flow.workload)
        .map(workloadOf),
    )
  return state({
    workload: Int32Array.from(flows, flow => flow.workload),
    pool: Int32Array.from(flows, flow => flow.pool),
    cohort: Int32Array.from(flows, flow => flow.cohort),
    ttft: Float64Array.from(flows, flow => workloadOf(flow).objectives.ttft ?? Infinity),
    tpot: Float64Array.from(flows, flow => workloadOf(flow).objectives.tpot ?? Infinity),
    e2e: Float64Array.from(flows, flow => workloadOf(flow).objectives.e2e ?? Infinity),
    timeout: Float64Array.from(flows, flow => workloadOf(flow).timeout ?? Infinity),
    lane: Int32Array.from(flows, flow => lanes(flow).indexOf(flow)),
    level: Int32Array.from(flows, levelOf),
    copied: Uint8Array.from(flows, flow => (isCopied(flow) ? 1 : 0)),
    prefix: Int32Array.from(flows, flow => workloadOf(flow).sharedPrefix?.tokens ?? 0),
    firstGroup: Int32Array.from(flows, groupsBefore),
    kvBytes: Float64Array.from(flows, flow => handOffBytes(fleet, workloadOf(flow))),
  })
}

/** Distinct priorities of workloads, highest first. */
export function prioritiesOf(workloads: readonly Workload[]): number[] {
  return [...new Set(workloads.map(({ priority = 0 }) => priority))].sort((a, b) => b - a)
}

/** Levels of priority that requests of workloads have, those of copies apart. */
export function levelsOf(workloads: readonly Workload[]): number {
  return Math.max(1, prioritiesOf(workloads).length)
}

/** Groups of shared prefixes of workloads, all together. */
export function groupsOf(workloads: readonly Workload[]): number {
  return workloads.reduce((sum, { sharedPrefix }) => sum + (sharedPrefix?.groups ?? 0), 0)
}

function handOffBytes(fleet: Fleet, workload: Workload): number {
  const model = modelOf(fleet, workload)
  return model.kind === 'tokens' ? kvBytesPerToken(model) : 0
}
