import { addF64, f64, i32 } from '../columns'
import { ITL, record, recordSteps } from '../telemetry/telemetry'
import type { FleetState } from './fleet-state'
import type { TokenPool } from './kv-cache'
import { leapTime } from './leap'
import { firstLane } from './replicas'
import { computeTime, memoryTime, prefillTime } from './step-time'

/** Counts the steps of the leap under way up to `done`, beyond those counted before. */
export function countLeap(fleet: FleetState, pool: TokenPool, replica: number, done: number): void {
  const { replicas, running, telemetry } = fleet
  const { step } = pool.serving
  const settled = i32(replicas.settled, replica)
  const steps = done - settled
  if (steps <= 0) return
  const time = leapTime(replicas, replica, done) - leapTime(replicas, replica, settled)
  const decoding = i32(running.count, replica)
  const context = f64(replicas.context, replica) + (decoding * (done + settled - 1)) / 2 // mean over the steps
  countSteps(fleet, pool, replica, steps, time, decoding)
  addF64(telemetry.pool.compute, pool.index, steps * computeTime(step, 0, 0, decoding, context))
  addF64(telemetry.pool.memory, pool.index, steps * memoryTime(step, 0, decoding, context))
  replicas.settled[replica] = done
}

/** Counts the step under way, which prefills. */
export function countPrefillStep(fleet: FleetState, pool: TokenPool, replica: number): void {
  const { replicas, running, telemetry } = fleet
  const { step } = pool.serving
  const prefill = i32(replicas.prefill, replica)
  const prefillContext = f64(replicas.prefillContext, replica)
  const decoding = i32(running.count, replica)
  const context = f64(replicas.context, replica)
  const time = f64(replicas.until, replica) - f64(replicas.start, replica)
  countSteps(fleet, pool, replica, 1, time, prefill + decoding)
  addF64(telemetry.pool.compute, pool.index, computeTime(step, prefill, prefillContext, decoding, context))
  addF64(telemetry.pool.memory, pool.index, memoryTime(step, prefill, decoding, context))
  addF64(telemetry.pool.prefill, pool.index, prefillTime(step, prefill, prefillContext))
  replicas.prefill[replica] = 0
  replicas.prefillContext[replica] = 0
}

/** Counts equal steps of a replica: output tokens and gaps between them by flow, and each flow's part of the time. */
function countSteps(
  fleet: FleetState,
  pool: TokenPool,
  replica: number,
  steps: number,
  time: number,
  tokens: number,
): void {
  const { replicas, telemetry } = fleet
  const lanes = firstLane(pool, replica)
  recordSteps(telemetry, pool.index, steps, time)
  for (let i = 0; i < pool.flows; i++) {
    const decoding = i32(replicas.laneRunning, lanes + i)
    const prefill = i32(replicas.lanePrefill, lanes + i)
    if (decoding + prefill === 0) continue
    const flow = pool.firstFlow + i
    if (decoding > 0) {
      addF64(telemetry.flow.outputTokens, flow, steps * decoding)
      record(telemetry, flow, ITL, time / steps, steps * decoding)
    }
    replicas.lanePrefill[lanes + i] = 0
    addF64(telemetry.flow.busy, flow, (time * (decoding + prefill)) / tokens)
  }
}
