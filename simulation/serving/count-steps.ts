import { addF64, i32 } from '../columns'
import { binOf } from '../telemetry/histogram'
import { ITL, recordBin, recordSteps } from '../telemetry/telemetry'
import type { FleetState } from './fleet-state'
import type { TokenPool } from './kv-cache'
import { leapTime } from './leap'
import {
  CONTEXT,
  DECODING,
  firstLane,
  int,
  JOINED,
  PREFILL_CONTEXT,
  PREFILL_TOKENS,
  real,
  setInt,
  setReal,
  SETTLED,
  START,
  UNTIL,
} from './replicas'
import { FLOW, LAST_TOKEN, NEXT, NONE, read, readTime } from './requests'
import { computeTime, memoryTime, prefillTime } from './step-time'

/** Counts the steps of the leap under way up to `done`, beyond those counted before. */
export function countLeap(fleet: FleetState, pool: TokenPool, replica: number, done: number): void {
  const { replicas, telemetry } = fleet
  const { step } = pool.serving
  const settled = int(replicas, SETTLED, replica)
  const steps = done - settled
  if (steps <= 0) return
  const before = settled === 0 ? 0 : leapTime(replicas, replica, settled)
  const time = leapTime(replicas, replica, done) - before
  const decoding = int(replicas, DECODING, replica)
  const context = real(replicas, CONTEXT, replica) + (decoding * (done + settled - 1)) / 2 // mean over the steps
  countSteps(fleet, pool, replica, steps, time, decoding)
  if (int(replicas, JOINED, replica) !== NONE) countJoined(fleet, replica, time / steps, leapTime(replicas, replica, 1))
  addF64(telemetry.pool.compute, pool.index, steps * computeTime(step, 0, 0, decoding, context))
  addF64(telemetry.pool.memory, pool.index, steps * memoryTime(step, 0, decoding, context))
  setInt(replicas, SETTLED, replica, done)
}

/** Counts the step under way, which prefills. */
export function countPrefillStep(fleet: FleetState, pool: TokenPool, replica: number): void {
  const { replicas, telemetry } = fleet
  const { step } = pool.serving
  const prefill = int(replicas, PREFILL_TOKENS, replica)
  const prefillContext = real(replicas, PREFILL_CONTEXT, replica)
  const decoding = int(replicas, DECODING, replica)
  const context = real(replicas, CONTEXT, replica)
  const time = real(replicas, UNTIL, replica) - real(replicas, START, replica)
  countSteps(fleet, pool, replica, 1, time, prefill + decoding)
  if (int(replicas, JOINED, replica) !== NONE) countJoined(fleet, replica, time, time)
  addF64(telemetry.pool.compute, pool.index, computeTime(step, prefill, prefillContext, decoding, context))
  addF64(telemetry.pool.memory, pool.index, memoryTime(step, prefill, decoding, context))
  addF64(telemetry.pool.prefill, pool.index, prefillTime(step, prefill, prefillContext))
  setInt(replicas, PREFILL_TOKENS, replica, 0)
  setReal(replicas, PREFILL_CONTEXT, replica, 0)
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
  const bin = binOf(time / steps)
  recordSteps(telemetry, pool.index, steps, time, bin)
  for (let i = 0; i < pool.lanesInUse; i++) {
    const decoding = i32(replicas.laneRunning, lanes + i)
    const prefill = i32(replicas.lanePrefill, lanes + i)
    if (decoding + prefill === 0) continue
    const flow = i < pool.flows ? pool.firstFlow + i : pool.firstMirror + i - pool.flows
    if (decoding > 0) {
      addF64(telemetry.flow.outputTokens, flow, steps * decoding)
      recordBin(telemetry, flow, ITL, bin, steps * decoding, time * decoding)
    }
    replicas.lanePrefill[lanes + i] = 0
    addF64(telemetry.flow.busy, flow, (time * (decoding + prefill)) / tokens)
  }
}

/**
 * The first gap here of a request that came from another replica began with its last token there: it is longer than the
 * first step, and than the gap of a step as counted.
 */
function countJoined(
  { replicas, requests, telemetry }: FleetState,
  replica: number,
  counted: number,
  step: number,
): void {
  let request = int(replicas, JOINED, replica)
  setInt(replicas, JOINED, replica, NONE)
  for (; request !== NONE; request = read(requests, NEXT, request)) {
    const wait = real(replicas, START, replica) - readTime(requests, LAST_TOKEN, request)
    const flow = read(requests, FLOW, request)
    recordBin(telemetry, flow, ITL, binOf(counted), -1, 0)
    recordBin(telemetry, flow, ITL, binOf(wait + step), 1, wait)
  }
}
