import { addF64, addI32, f64, i32 } from '../columns'
import { ITL, record } from '../telemetry/telemetry'
import { type PoolState, watermark } from './pool'
import { dequeue, enqueue, enqueueFirst, receive } from './queue'
import { IDLE, LEAP, PREFILL } from './replicas'
import { NONE } from './requests'
import { nextFinish, pop, push, removeAt } from './running'
import { finishRequest, firstToken, rejectRequest } from './outcome'
import type { FleetState } from './fleet-state'
import { computeTime, memoryTime, stepTime, type StepModel } from './step-time'

/** A pool whose replicas serve tokens. */
export type TokenPool = PoolState & { serving: { kind: 'tokens' } }

/**
 * Lets a replica work until a time [s]: continuous batching as in vLLM V1. Running requests decode first, prefill takes
 * what is left of the step's token budget. Between two events a batch only decodes, so the replica leaps to the next
 * arrival or completion, or to the step at which the KV cache would be full.
 */
export function serveTokens(fleet: FleetState, pool: TokenPool, replica: number, end: number): void {
  const { replicas, requests } = fleet
  for (;;) {
    const inbox = i32(replicas.inboxHead, replica)
    const arrival = inbox === NONE ? Infinity : f64(requests.ready, inbox)
    const until = f64(replicas.until, replica)
    if (arrival <= until && arrival <= end) {
      admit(fleet, pool, replica, arrival)
    } else if (until <= end) {
      finishStretch(fleet, pool, replica)
      beginStep(fleet, pool, replica, until)
    } else {
      replicas.due[replica] = Math.min(arrival, until)
      return
    }
  }
}

/** Counts what a leap under way has done by a time, so that figures do not lag behind long leaps. */
export function settleLeap(fleet: FleetState, pool: TokenPool, replica: number, time: number): void {
  const { replicas } = fleet
  if (i32(replicas.phase, replica) !== LEAP) return
  settle(fleet, pool, replica, stepsWithin(fleet, replica, time))
}

/** Takes the next request from the inbox; a leap ends with its present step if the request can start then. */
function admit(fleet: FleetState, pool: TokenPool, replica: number, time: number): void {
  const { replicas, requests, running } = fleet
  const request = receive(replicas, requests, replica)
  const length = i32(requests.prompt, request) + i32(requests.output, request)
  const fits = length <= Math.min(pool.serving.context, pool.serving.kvCapacity)
  if (!fits || i32(replicas.waiting, replica) >= pool.queueLimit) {
    rejectRequest(fleet, replica, request)
    return
  }
  enqueue(replicas, requests, replica, request)
  const phase = i32(replicas.phase, replica)
  if (phase === IDLE) {
    beginStep(fleet, pool, replica, time)
  } else if (
    phase === LEAP &&
    i32(replicas.waiting, replica) === 1 &&
    i32(running.count, replica) < pool.maxSequences
  ) {
    cutLeap(fleet, replica, time)
  }
}

/** Ends a leap with the step that is under way at a time. */
function cutLeap(fleet: FleetState, replica: number, time: number): void {
  const { replicas } = fleet
  let steps = stepsWithin(fleet, replica, time)
  if (leapTime(fleet, replica, steps) < time - f64(replicas.start, replica)) steps++
  steps = Math.max(1, steps)
  if (steps >= i32(replicas.leap, replica)) return
  replicas.leap[replica] = steps
  replicas.until[replica] = f64(replicas.start, replica) + leapTime(fleet, replica, steps)
}

/** Forms the next step, or leaps over the steps that only decode, or comes to rest. */
function beginStep(fleet: FleetState, pool: TokenPool, replica: number, time: number): void {
  const { replicas, running } = fleet
  const { step, kvCapacity } = pool.serving
  makeRoom(fleet, replica, kvCapacity)
  const decoding = i32(running.count, replica)
  formPrefill(fleet, pool, replica, decoding)
  const prefill = i32(replicas.prefill, replica)
  const context = f64(replicas.context, replica)
  replicas.start[replica] = time
  replicas.settled[replica] = 0
  if (prefill > 0) {
    const prefillContext = f64(replicas.prefillContext, replica)
    replicas.phase[replica] = PREFILL
    replicas.until[replica] = time + stepTime(step, { prefill, prefillContext, decoding, context })
  } else if (decoding > 0) {
    const toFinish = nextFinish(running, replica) - f64(replicas.steps, replica)
    const toFull = Math.floor((kvCapacity - f64(replicas.kvUsed, replica)) / decoding)
    const leap = Math.min(toFinish, toFull, fleet.longestLeap)
    replicas.phase[replica] = LEAP
    replicas.leap[replica] = leap
    replicas.base[replica] = stepTime(step, { prefill: 0, prefillContext: 0, decoding, context })
    replicas.slope[replica] = (step.perContext + step.perKv) * decoding
    replicas.until[replica] = time + leapTime(fleet, replica, leap)
  } else {
    replicas.phase[replica] = IDLE
    replicas.until[replica] = Infinity
  }
}

/** Preempts the newest requests until every decoding one has room for its next token. */
function makeRoom(fleet: FleetState, replica: number, kvCapacity: number): void {
  const { replicas, running } = fleet
  while (f64(replicas.kvUsed, replica) + i32(running.count, replica) > kvCapacity) preempt(fleet, replica)
}

/** Takes the newest decoding request out of the batch; its tokens will be prefilled again. */
function preempt(fleet: FleetState, replica: number): void {
  const { replicas, requests, running, telemetry } = fleet
  const offset = i32(running.offset, replica)
  let position = 0
  for (let i = 1; i < i32(running.count, replica); i++) {
    const newest = i32(running.request, offset + position)
    const candidate = i32(running.request, offset + i)
    if (f64(requests.ready, candidate) > f64(requests.ready, newest)) position = i
  }
  const remaining = f64(running.finish, offset + position) - f64(replicas.steps, replica)
  const request = removeAt(running, replica, position)
  const generated = i32(requests.output, request) - remaining
  const held = i32(requests.prompt, request) + generated - 1
  requests.generated[request] = generated
  requests.prefilled[request] = 0
  requests.lastToken[request] = f64(replicas.until, replica)
  addF64(replicas.context, replica, -held)
  addF64(replicas.kvUsed, replica, -held)
  addI32(replicas.laneRunning, laneOf(fleet, replica, request), -1)
  addF64(telemetry.pool.preempted, i32(replicas.pool, replica), 1)
  enqueueFirst(replicas, requests, replica, request)
}

/** Chooses what the step prefills: first the request that is prefilled in part, then waiting ones while there is room. */
function formPrefill(fleet: FleetState, pool: TokenPool, replica: number, decoding: number): void {
  const { replicas, requests } = fleet
  let budget = pool.stepTokenBudget - decoding
  let sequences = decoding
  const partial = i32(replicas.partial, replica)
  if (partial !== NONE && budget > 0) {
    sequences++
    budget -= prefillChunk(fleet, replica, partial, budget)
  }
  for (;;) {
    const request = i32(replicas.waitingHead, replica)
    if (request === NONE || budget <= 0 || sequences >= pool.maxSequences) return
    const length = i32(requests.prompt, request) + i32(requests.generated, request)
    const kept = sequences > 0 ? pool.serving.kvCapacity * watermark : 0
    if (f64(replicas.kvUsed, replica) + sequences + length + 1 + kept > pool.serving.kvCapacity) return
    dequeue(replicas, requests, replica)
    addF64(replicas.kvUsed, replica, length)
    sequences++
    budget -= prefillChunk(fleet, replica, request, budget)
  }
}

/** Adds to the step as many tokens of a request as the budget allows; returns them. */
function prefillChunk(fleet: FleetState, replica: number, request: number, budget: number): number {
  const { replicas, requests } = fleet
  const length = i32(requests.prompt, request) + i32(requests.generated, request)
  const done = i32(requests.prefilled, request)
  const chunk = Math.min(length - done, budget)
  requests.prefilled[request] = done + chunk
  addI32(replicas.prefill, replica, chunk)
  addF64(replicas.prefillContext, replica, chunk * (done + chunk / 2))
  addI32(replicas.lanePrefill, laneOf(fleet, replica, request), chunk)
  if (done + chunk < length) {
    replicas.partial[replica] = request
  } else {
    if (i32(replicas.partial, replica) === request) replicas.partial[replica] = NONE
    requests.next[request] = i32(replicas.batch, replica)
    replicas.batch[replica] = request
  }
  return chunk
}

/** Ends the stretch under way: counts it, gives out first tokens, lets finished requests go. */
function finishStretch(fleet: FleetState, pool: TokenPool, replica: number): void {
  const { replicas, running } = fleet
  const until = f64(replicas.until, replica)
  const decoding = i32(running.count, replica)
  const steps = i32(replicas.phase, replica) === LEAP ? i32(replicas.leap, replica) : 1
  if (i32(replicas.phase, replica) === LEAP) settle(fleet, pool, replica, steps)
  else countPrefillStep(fleet, pool, replica)
  addF64(replicas.steps, replica, steps)
  addF64(replicas.context, replica, steps * decoding)
  addF64(replicas.kvUsed, replica, steps * decoding)
  finishDecoded(fleet, replica, until)
  joinPrefilled(fleet, replica, until)
}

function finishDecoded(fleet: FleetState, replica: number, time: number): void {
  const { replicas, requests, running } = fleet
  const steps = f64(replicas.steps, replica)
  while (i32(running.count, replica) > 0 && nextFinish(running, replica) === steps) {
    const request = pop(running, replica)
    const held = i32(requests.prompt, request) + i32(requests.output, request) - 1
    addF64(replicas.context, replica, -held)
    addF64(replicas.kvUsed, replica, -held)
    addI32(replicas.laneRunning, laneOf(fleet, replica, request), -1)
    finishRequest(fleet, replica, request, time)
  }
}

/** Requests whose prefill has ended have their next token and decode from now on. */
function joinPrefilled(fleet: FleetState, replica: number, time: number): void {
  const { replicas, requests, running } = fleet
  let request = i32(replicas.batch, replica)
  replicas.batch[replica] = NONE
  while (request !== NONE) {
    const next = i32(requests.next, request)
    const generated = i32(requests.generated, request)
    const length = i32(requests.prompt, request) + generated
    firstToken(fleet, request, time)
    const remaining = i32(requests.output, request) - generated - 1
    if (remaining === 0) {
      addF64(replicas.kvUsed, replica, -length)
      finishRequest(fleet, replica, request, time)
    } else {
      addF64(replicas.context, replica, length)
      addI32(replicas.laneRunning, laneOf(fleet, replica, request), 1)
      push(running, replica, f64(replicas.steps, replica) + remaining, request)
    }
    request = next
  }
}

/** Counts the steps of a leap up to `done`, beyond those counted before. */
function settle(fleet: FleetState, pool: TokenPool, replica: number, done: number): void {
  const { replicas, running } = fleet
  const settled = i32(replicas.settled, replica)
  const steps = done - settled
  if (steps <= 0) return
  const time = leapTime(fleet, replica, done) - leapTime(fleet, replica, settled)
  const decoding = i32(running.count, replica)
  const context = f64(replicas.context, replica) + (decoding * (done + settled - 1)) / 2 // mean over the steps
  const batch = { prefill: 0, prefillContext: 0, decoding, context }
  countSteps(fleet, replica, { steps, time, tokens: decoding })
  addWork(fleet, replica, steps * computeTime(pool.serving.step, batch), steps * memoryTime(pool.serving.step, batch))
  replicas.settled[replica] = done
}

function countPrefillStep(fleet: FleetState, pool: TokenPool, replica: number): void {
  const { replicas, running, telemetry } = fleet
  const { step } = pool.serving
  const prefill = i32(replicas.prefill, replica)
  const prefillContext = f64(replicas.prefillContext, replica)
  const decoding = i32(running.count, replica)
  const batch = { prefill, prefillContext, decoding, context: f64(replicas.context, replica) }
  const time = f64(replicas.until, replica) - f64(replicas.start, replica)
  countSteps(fleet, replica, { steps: 1, time, tokens: prefill + decoding })
  addWork(fleet, replica, computeTime(step, batch), memoryTime(step, batch))
  addF64(telemetry.pool.prefill, i32(replicas.pool, replica), prefillTime(step, prefill, prefillContext))
  replicas.prefill[replica] = 0
  replicas.prefillContext[replica] = 0
}

/** What prefill adds to a step [s]. */
function prefillTime(step: StepModel, prefill: number, prefillContext: number): number {
  return (step.perToken + step.perTokenLink) * prefill + step.perContext * prefillContext
}

/** Counts equal steps of a replica: output tokens and gaps between them by flow, and each flow's part of the time. */
function countSteps(
  fleet: FleetState,
  replica: number,
  stretch: { steps: number; time: number; tokens: number },
): void {
  const { replicas, telemetry } = fleet
  const pool = i32(replicas.pool, replica)
  const { firstFlow, flows } = fleet.pools[pool] as PoolState
  const lanes = i32(replicas.lanes, replica)
  addF64(telemetry.pool.steps, pool, stretch.steps)
  addF64(telemetry.pool.busy, pool, stretch.time)
  for (let i = 0; i < flows; i++) {
    const decoding = i32(replicas.laneRunning, lanes + i)
    const prefill = i32(replicas.lanePrefill, lanes + i)
    if (decoding > 0) {
      const tokens = stretch.steps * decoding
      addF64(telemetry.flow.outputTokens, firstFlow + i, tokens)
      record(telemetry, firstFlow + i, ITL, stretch.time / stretch.steps, tokens)
    }
    replicas.lanePrefill[lanes + i] = 0
    if (decoding + prefill > 0) {
      addF64(telemetry.flow.busy, firstFlow + i, (stretch.time * (decoding + prefill)) / stretch.tokens)
    }
  }
}

function addWork(fleet: FleetState, replica: number, compute: number, memory: number): void {
  const pool = i32(fleet.replicas.pool, replica)
  addF64(fleet.telemetry.pool.compute, pool, compute)
  addF64(fleet.telemetry.pool.memory, pool, memory)
}

/** Time of the first steps of the leap under way [s]: each takes `slope` longer than the one before. */
function leapTime(fleet: FleetState, replica: number, steps: number): number {
  return f64(fleet.replicas.base, replica) * steps + (f64(fleet.replicas.slope, replica) * steps * (steps - 1)) / 2
}

/** Steps of the leap under way that have ended by a time. */
function stepsWithin(fleet: FleetState, replica: number, time: number): number {
  const { replicas } = fleet
  const passed = time - f64(replicas.start, replica)
  const leap = i32(replicas.leap, replica)
  const slope = f64(replicas.slope, replica)
  // positive root of slope/2 · n² + (base − slope/2) · n = passed, in the form that does not cancel
  const linear = f64(replicas.base, replica) - slope / 2
  const root = (2 * passed) / (linear + Math.sqrt(linear * linear + 2 * slope * passed))
  let steps = Math.min(leap, Math.floor(root))
  while (steps < leap && leapTime(fleet, replica, steps + 1) <= passed) steps++
  while (steps > 0 && leapTime(fleet, replica, steps) > passed) steps--
  return steps
}

function laneOf(fleet: FleetState, replica: number, request: number): number {
  const { firstFlow } = fleet.pools[i32(fleet.replicas.pool, replica)] as PoolState
  return i32(fleet.replicas.lanes, replica) + i32(fleet.requests.flow, request) - firstFlow
}
