import { checkpointTime, storage } from '../catalog/storage'
import { modelOf } from '../catalog/lookup'
import type { Fleet } from '../catalog/fleets'
import { addF64, i32 } from '../columns'
import type { FleetState } from './fleet-state'
import type { Flow } from './flows'
import type { PoolState } from './pool'

/**
 * A training job on the replicas of a pool, all of one size and pace. It works, writes a checkpoint now and then, and reads
 * the last one when it starts with other replicas than before. Plain data.
 */
export interface TrainingJob {
  phase: 'works' | 'saves' | 'loads' | 'stands'
  /** Up to when it is counted, and until when the phase lasts [s]. */
  time: number
  until: number
  /** Replicas at work, and those that it is to have. */
  replicas: number
  wanted: number
  /** Share of the full speed: that of its slowest replica. */
  pace: number
  /** Tokens trained since the last checkpoint, lost if a replica is. */
  unsaved: number
  /** From one checkpoint to the next [s]. */
  interval: number
  parameters: number
}

/** The jobs of a fleet by flow; `null` where a flow is of requests. */
export function createTraining(fleet: Fleet, flows: readonly Flow[]): (TrainingJob | null)[] {
  return flows.map(flow => {
    const workload = fleet.workloads[flow.workload]
    const pool = fleet.pools[flow.pool]
    if (workload?.kind !== 'training' || !pool) return null
    const interval = workload.checkpointEvery ?? storage.checkpointEvery.value
    return {
      phase: pool.replicas > 0 ? 'works' : 'stands',
      time: 0,
      until: pool.replicas > 0 ? interval : Infinity,
      replicas: pool.replicas,
      wanted: pool.replicas,
      pace: 1,
      unsaved: 0,
      interval,
      parameters: modelOf(fleet, workload).parameters,
    }
  })
}

/** Lets a training job work, save and load until a time [s], if its workload holds the pool at all. */
export function train(fleet: FleetState, flow: number, time: number, held: boolean): void {
  const job = fleet.training[flow]
  if (!job) return
  const pool = poolOf(fleet, flow)
  while (job.time < time) {
    const end = held ? Math.min(time, job.until) : time
    if (held && job.phase === 'works') work(fleet, pool, flow, job, end - job.time)
    // what does not hold its replicas stands still, phase and all
    if (!held) job.until += end - job.time
    job.time = end
    if (held && job.until <= end) turn(pool, job)
  }
}

/** The replicas of a job change at a time [s]: after a checkpoint, or at once, with what was not saved lost. */
export function resize(fleet: FleetState, flow: number, replicas: number, time: number, saves: boolean): void {
  const job = fleet.training[flow]
  if (!job || (job.wanted === replicas && job.replicas === replicas)) return
  job.wanted = replicas
  const pool = poolOf(fleet, flow)
  if (saves && job.phase === 'saves') return
  if (saves && job.phase === 'works') {
    job.phase = 'saves'
    job.until = time + savingTime(pool, job)
    return
  }
  addF64(fleet.telemetry.flow.lostTokens, flow, job.unsaved)
  job.unsaved = 0
  load(pool, job, time)
}

/** Time that a job takes to write its state with the replicas it works on [s]. */
export function savingTime(pool: PoolState, { parameters, replicas }: TrainingJob): number {
  return checkpointTime(parameters, replicas * pool.chipsPerReplica)
}

function work(fleet: FleetState, pool: PoolState, flow: number, job: TrainingJob, seconds: number): void {
  if (pool.serving.kind !== 'training') return
  const { telemetry } = fleet
  const time = job.replicas * seconds
  const tokens = pool.serving.tokensPerSecond * job.pace * time
  job.unsaved += tokens
  addF64(telemetry.flow.trainedTokens, flow, tokens)
  addF64(telemetry.flow.busy, flow, time)
  addF64(telemetry.pool.busy, pool.index, time)
  addF64(telemetry.pool.compute, pool.index, job.pace * time)
}

/** Goes from a phase that is over to the next. */
function turn(pool: PoolState, job: TrainingJob): void {
  if (job.phase === 'works') {
    job.phase = 'saves'
    job.until = job.time + savingTime(pool, job)
    return
  }
  if (job.phase === 'saves') job.unsaved = 0
  if (job.wanted !== job.replicas) {
    load(pool, job, job.time)
  } else {
    job.phase = 'works'
    job.until = job.time + job.interval
  }
}

/** Starts anew from the last checkpoint with the replicas that it is to have. */
function load(pool: PoolState, job: TrainingJob, time: number): void {
  job.replicas = job.wanted
  job.phase = job.replicas > 0 ? 'loads' : 'stands'
  job.until = job.replicas > 0 ? time + checkpointTime(job.parameters, job.replicas * pool.chipsPerReplica) : Infinity
}

function poolOf(fleet: FleetState, flow: number): PoolState {
  return fleet.pools[i32(fleet.flows.pool, flow)] as PoolState
}
