import { f64, i32 } from '../columns'
import { formPrefill, joinPrefilled, makeRoom, stopDecoding } from './batch'
import { dropCopies } from './copies'
import { countLeap, countPrefillStep } from './count-steps'
import type { FleetState } from './fleet-state'
import { dropExpired } from './expire'
import { blocksOf, makeWay, mostBlocks, stepsUntilFull, type TokenPool } from './kv-cache'
import { cutLeap, leapTime, stepsWithin } from './leap'
import { cancelRequest, deadlineOf, finishRequest, turnAway } from './outcome'
import { enqueue, nextQueue, receive } from './queue'
import {
  addReal,
  BASE,
  CONTEXT,
  DEADLINE,
  DECODING,
  DOWN,
  HEAP,
  IDLE,
  INBOX_HEAD,
  int,
  LEAP,
  LEAP_STEPS,
  PARTIAL,
  PHASE,
  PLANNED,
  PREFILL,
  PREFILL_CONTEXT,
  PREFILL_TOKENS,
  real,
  setInt,
  setReal,
  SETTLED,
  SLOPE,
  SLOWDOWN,
  START,
  STEPS,
  UNTIL,
  WAITING,
} from './replicas'
import { DECODE, FLOW, GENERATED, NONE, OUTPUT, PROMPT, READY, read, readTime } from './requests'
import { nextFinish, pop, removeAt } from './running'
import { kvSlope, stepTime } from './step-time'

/**
 * Lets a replica work until a time [s]: continuous batching as in vLLM V1. Running requests decode first, prefill takes
 * what is left of the step's token budget. Between two events a batch only decodes, so the replica leaps to the next
 * arrival or completion, or to the step at which the KV cache would be full or a client gives up.
 */
export function serveTokens(fleet: FleetState, pool: TokenPool, replica: number, end: number): void {
  const { replicas, requests } = fleet
  for (;;) {
    const inbox = int(replicas, INBOX_HEAD, replica)
    const arrival = inbox === NONE ? Infinity : readTime(requests, READY, inbox)
    const until = real(replicas, UNTIL, replica)
    if (arrival <= until && arrival <= end) {
      admit(fleet, pool, replica)
    } else if (until <= end) {
      finishStretch(fleet, pool, replica)
      beginStep(fleet, pool, replica)
    } else {
      replicas.due[replica] = Math.min(arrival, until)
      return
    }
  }
}

/** Counts what leaps under way have done by a time, so that figures do not lag behind long leaps, and the KV cache in use. */
export function settle(fleet: FleetState, pool: TokenPool, time: number): void {
  const { replicas, telemetry } = fleet
  let blocks = 0
  for (let replica = pool.first; replica < pool.first + pool.replicas; replica++) {
    if (int(replicas, PHASE, replica) === LEAP) countLeap(fleet, pool, replica, stepsWithin(replicas, replica, time))
    // of the last blocks, as many tokens are free as not
    const held = mostBlocks(fleet, replica, int(replicas, SETTLED, replica)) - int(replicas, DECODING, replica) / 2
    blocks += Math.min(Math.max(0, held), pool.serving.kvBlocks)
  }
  telemetry.kv[pool.index] = blocks
}

/** Lets a replica that rests try again: its KV cache has room that it had not. */
export function resume(fleet: FleetState, pool: TokenPool, replica: number, time: number): void {
  const { replicas } = fleet
  if (int(replicas, WAITING, replica) === 0) return
  if (int(replicas, PHASE, replica) === LEAP) {
    cutLeap(replicas, replica, time)
    replicas.due[replica] = Math.min(f64(replicas.due, replica), real(replicas, UNTIL, replica))
  }
  if (int(replicas, PHASE, replica) !== IDLE) return
  setReal(replicas, UNTIL, replica, time)
  beginStep(fleet, pool, replica)
  replicas.due[replica] = Math.min(f64(replicas.due, replica), real(replicas, UNTIL, replica))
}

/** Takes the next request from the inbox; a leap ends with its present step if the request can start then. */
function admit(fleet: FleetState, pool: TokenPool, replica: number): void {
  const { replicas, requests } = fleet
  const request = receive(replicas, requests, replica)
  if (!fits(fleet, pool, request)) {
    turnAway(fleet, replica, request, readTime(requests, READY, request), false)
    return
  }
  if (isFull(fleet, pool, replica) && !findPlace(fleet, pool, replica, request)) return
  enqueue(fleet, pool, replica, request)
  const time = readTime(requests, READY, request)
  const phase = int(replicas, PHASE, replica)
  const deadline = deadlineOf(fleet, request)
  if (deadline < real(replicas, DEADLINE, replica)) {
    setReal(replicas, DEADLINE, replica, deadline)
    if (phase === LEAP) cutAtDeadline(fleet, replica, time)
  }
  if (phase === IDLE) {
    setReal(replicas, UNTIL, replica, time)
    beginStep(fleet, pool, replica)
  } else if (phase === LEAP && int(replicas, DECODING, replica) < pool.maxSequences) {
    const next = i32(replicas.waitingHead, nextQueue(fleet, pool, replica))
    if (next === request) cutLeap(replicas, replica, time, pool.serving.ahead ? 1 : 0)
  }
}

/** Whether a replica's KV cache can hold all that a request comes to there. */
function fits({ requests }: FleetState, { serving }: TokenPool, request: number): boolean {
  const length = read(requests, PROMPT, request) + read(requests, OUTPUT, request)
  const decodes = read(requests, DECODE, request) === read(requests, FLOW, request)
  // where it is only prefilled, it needs no room for its answer
  const held = decodes ? length : read(requests, PROMPT, request) + read(requests, GENERATED, request)
  return length <= serving.context && blocksOf(held) <= serving.kvBlocks
}

function isFull({ replicas }: FleetState, pool: TokenPool, replica: number): boolean {
  return int(replicas, WAITING, replica) >= pool.queueLimit
}

/** Looks for a place in a full queue: of who has given up, or of a copy. Turns the request away where there is none. */
function findPlace(fleet: FleetState, pool: TokenPool, replica: number, request: number): boolean {
  const time = readTime(fleet.requests, READY, request)
  if (real(fleet.replicas, DEADLINE, replica) <= time) dropExpired(fleet, pool, replica, time)
  if (isFull(fleet, pool, replica)) dropCopies(fleet, pool, replica, request, time)
  if (!isFull(fleet, pool, replica)) return true
  turnAway(fleet, replica, request, time, true)
  return false
}

/** When the last stretch has ended: forms the next step, or leaps over the steps that only decode, or comes to rest. */
function beginStep(fleet: FleetState, pool: TokenPool, replica: number): void {
  const { replicas, running } = fleet
  const { step } = pool.serving
  if (int(replicas, PHASE, replica) === DOWN) return
  const time = real(replicas, UNTIL, replica)
  setReal(replicas, START, replica, time)
  setInt(replicas, SETTLED, replica, 0)
  if (real(replicas, DEADLINE, replica) <= time) expire(fleet, pool, replica, time)
  makeRoom(fleet, pool, replica)
  // with nothing under way, the step is composed when it begins
  if (int(replicas, DECODING, replica) === 0 && int(replicas, PARTIAL, replica) === NONE)
    setReal(replicas, PLANNED, replica, time)
  formPrefill(fleet, pool, replica)
  const decoding = int(replicas, DECODING, replica)
  const prefill = int(replicas, PREFILL_TOKENS, replica)
  const context = real(replicas, CONTEXT, replica)
  const slowdown = real(replicas, SLOWDOWN, replica)
  if (prefill > 0) {
    const prefillContext = real(replicas, PREFILL_CONTEXT, replica)
    setInt(replicas, PHASE, replica, PREFILL)
    setReal(replicas, UNTIL, replica, time + slowdown * stepTime(step, prefill, prefillContext, decoding, context))
  } else if (decoding > 0) {
    const toFinish = (nextFinish(running, replicas, replica) - real(replicas, STEPS, replica)) | 0
    const longest = comesNext(fleet, pool, replica) ? 1 : fleet.longestLeap
    const leap = stepsUntilFull(fleet, pool, replica, Math.min(toFinish, longest))
    setInt(replicas, PHASE, replica, LEAP)
    setInt(replicas, LEAP_STEPS, replica, leap)
    setReal(replicas, BASE, replica, slowdown * stepTime(step, 0, 0, decoding, context))
    setReal(replicas, SLOPE, replica, slowdown * kvSlope(step, decoding))
    setReal(replicas, UNTIL, replica, time + leapTime(replicas, replica, leap))
    cutAtDeadline(fleet, replica, real(replicas, START, replica))
  } else {
    setInt(replicas, PHASE, replica, IDLE)
    setReal(replicas, UNTIL, replica, Infinity)
  }
}

/** Whether a request waits that was not ready when the step that begins was composed. */
function comesNext(fleet: FleetState, pool: TokenPool, replica: number): boolean {
  const { replicas, requests } = fleet
  if (int(replicas, WAITING, replica) === 0 || !pool.serving.ahead) return false
  const head = i32(replicas.waitingHead, nextQueue(fleet, pool, replica))
  return readTime(requests, READY, head) > real(replicas, PLANNED, replica)
}

/** Ends the stretch under way: counts it, gives out first tokens, lets finished requests go. */
function finishStretch(fleet: FleetState, pool: TokenPool, replica: number): void {
  const { replicas } = fleet
  const until = real(replicas, UNTIL, replica)
  const decoding = int(replicas, DECODING, replica)
  const leaps = int(replicas, PHASE, replica) === LEAP
  const steps = leaps ? int(replicas, LEAP_STEPS, replica) : 1
  if (leaps) countLeap(fleet, pool, replica, steps)
  else countPrefillStep(fleet, pool, replica)
  addReal(replicas, CONTEXT, replica, steps * decoding)
  addReal(replicas, STEPS, replica, steps)
  setReal(replicas, PLANNED, replica, pool.serving.ahead ? lastStart(fleet, replica) : until)
  makeWay(fleet, pool, replica)
  if (decoding > 0) finishDecoded(fleet, pool, replica)
  if (!leaps) joinPrefilled(fleet, pool, replica)
}

/** When the last step of the stretch under way has begun [s]. */
function lastStart({ replicas }: FleetState, replica: number): number {
  const start = real(replicas, START, replica)
  if (int(replicas, PHASE, replica) !== LEAP) return start
  return start + leapTime(replicas, replica, int(replicas, LEAP_STEPS, replica) - 1)
}

function finishDecoded(fleet: FleetState, pool: TokenPool, replica: number): void {
  const { replicas, requests, running } = fleet
  const steps = real(replicas, STEPS, replica)
  while (int(replicas, DECODING, replica) > 0 && nextFinish(running, replicas, replica) === steps) {
    const request = pop(running, replicas, replica)
    const held = read(requests, PROMPT, request) + read(requests, OUTPUT, request) - 1
    stopDecoding(fleet, pool, replica, request, held)
    finishRequest(fleet, replica, request, real(replicas, UNTIL, replica))
  }
}

/** Takes out the decoding and waiting requests whose clients have given up by a time, and notes when the next one does. */
function expire(fleet: FleetState, pool: TokenPool, replica: number, time: number): void {
  const { replicas, requests, running } = fleet
  const partial = int(replicas, PARTIAL, replica)
  const offset = int(replicas, HEAP, replica)
  let position = 0
  let next = partial === NONE ? Infinity : deadlineOf(fleet, partial)
  while (position < int(replicas, DECODING, replica)) {
    const request = i32(running.request, offset + position)
    const deadline = deadlineOf(fleet, request)
    if (deadline > time) {
      next = Math.min(next, deadline)
      position++
      continue
    }
    const left = f64(running.finish, offset + position) - real(replicas, STEPS, replica)
    const length = read(requests, PROMPT, request) + read(requests, OUTPUT, request)
    removeAt(running, replicas, replica, position)
    stopDecoding(fleet, pool, replica, request, length - left - 1)
    cancelRequest(fleet, replica, request, time)
    // taking one out reorders the others
    position = 0
  }
  setReal(replicas, DEADLINE, replica, Math.min(next, dropExpired(fleet, pool, replica, time)))
}

/** Ends a leap with the step in which the next client gives up, or has given up by `time`. */
function cutAtDeadline({ replicas }: FleetState, replica: number, time: number): void {
  const deadline = real(replicas, DEADLINE, replica)
  if (deadline < real(replicas, UNTIL, replica)) cutLeap(replicas, replica, Math.max(time, deadline))
}
