import type { Fleet } from '../catalog/fleets'
import { findModel } from '../catalog/lookup'
import type { Workload } from '../catalog/workloads'
import { createStream, type Stream } from '../random'
import type { Router } from '../routing/router'
import type { CopyRoute } from './mirror'
import { createSessions, type Sessions } from './sessions'
import type { RequestSource } from './source'

/** Requests of one workload: where they come from and where they go. Plain data. */
export interface WorkloadState {
  id: string
  source: RequestSource
  router: Router
  /** Where copies go; `null` where nothing is mirrored. */
  mirrors: CopyRoute[] | null
  /** Takes no requests: its router says which pools it holds. */
  training: boolean
  /** Whether a request that leaves makes room for the next one. */
  follows: boolean
  sessions: Sessions | null
  /** Groups of its shared prefix, 0 without one. */
  groups: number
  abandonment: number
  spill: boolean
  /** Draws of prefix groups, of clients that leave, and of what is copied. */
  prefixes: Stream
  clients: Stream
  copies: Stream
  /** Cohort of the requests that arrive now, and when the next one begins [s]. */
  cohort: number
  nextCohort: number
  cohorts: number[]
}

export function createWorkload(
  fleet: Fleet,
  workload: Workload,
  { source, router, seed }: Pick<WorkloadState, 'source' | 'router'> & { seed: number },
): WorkloadState {
  const { id, arrivals, sharedPrefix, sessions } = workload
  const model = findModel(fleet, workload.model)
  return {
    id,
    source,
    router,
    mirrors: null,
    training: workload.kind === 'training',
    follows: arrivals?.kind === 'closed' || sessions !== undefined,
    sessions: sessions ? createSessions(sessions, model?.kind === 'tokens' ? model.context : 0) : null,
    groups: sharedPrefix?.groups ?? 0,
    abandonment: workload.abandonment ?? 0,
    spill: workload.spill ?? false,
    prefixes: createStream(seed, `prefixes ${id}`),
    clients: createStream(seed, `clients ${id}`),
    copies: createStream(seed, `copies ${id}`),
    cohort: 0,
    nextCohort: workload.cohorts?.[0] ?? Infinity,
    cohorts: workload.cohorts ?? [],
  }
}

/** Requests belong to the next cohort from now on. */
export function beginCohort(workload: WorkloadState): void {
  workload.cohort++
  workload.nextCohort = workload.cohorts[workload.cohort] ?? Infinity
}
