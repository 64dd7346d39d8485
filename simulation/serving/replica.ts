import { addF64, f64, i32 } from '../columns'
import { formPrefill, joinPrefilled, makeRoom, stopDecoding } from './batch'
import { countLeap, countPrefillStep } from './count-steps'
import type { FleetState } from './fleet-state'
import { blocksOf, makeWay, mostBlocks, stepsUntilFull, type TokenPool } from './kv-cache'
import { cutLeap, leapTime, stepsWithin } from './leap'
import { cancelRequest, deadlineOf, finishRequest, turnAway } from './outcome'
import { dequeue, enqueue, nextQueue, receive } from './queue'
import { DOWN, firstQueue, IDLE, LEAP, PREFILL } from './replicas'
import { NONE, OUTPUT, PROMPT, READY, read, readTime } from './requests'
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
    const inbox = i32(replicas.inboxHead, replica)
    const arrival = inbox === NONE ? Infinity : readTime(requests, READY, inbox)
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

/** Counts what leaps under way have done by a time, so that figures do not lag behind long leaps, and the KV cache in use. */
export function settle(fleet: FleetState, pool: TokenPool, time: number): void {
  const { replicas, running, telemetry } = fleet
  let blocks = 0
  for (let replica = pool.first; replica < pool.first + pool.replicas; replica++) {
    if (replicas.phase[replica] === LEAP) countLeap(fleet, pool, replica, stepsWithin(replicas, replica, time))
    // of the last blocks, as many tokens are free as not
    const held = mostBlocks(fleet, replica, i32(replicas.settled, replica)) - i32(running.count, replica) / 2
    blocks += Math.min(Math.max(0, held), pool.serving.kvBlocks)
  }
  telemetry.kv[pool.index] = blocks
}

/** Lets a replica that rests try again: its KV cache has room that it had not. */
export function resume(fleet: FleetState, pool: TokenPool, replica: number, time: number): void {
  const { replicas } = fleet
  if (i32(replicas.waiting, replica) === 0) return
  if (replicas.phase[replica] === LEAP) {
    cutLeap(replicas, replica, time)
    replicas.due[replica] = Math.min(f64(replicas.due, replica), f64(replicas.until, replica))
  }
  if (replicas.phase[replica] !== IDLE) return
  beginStep(fleet, pool, replica, time)
  replicas.due[replica] = Math.min(f64(replicas.due, replica), f64(replicas.until, replica))
}

/** Takes the next request from the inbox; a leap ends with its present step if the request can start then. */
function admit(fleet: FleetState, pool: TokenPool, replica: number, time: number): void {
  const { replicas, requests, running } = fleet
  const request = receive(replicas, requests, replica)
  const length = read(requests, PROMPT, request) + read(requests, OUTPUT, request)
  if (length > pool.serving.context || blocksOf(length) > pool.serving.kvBlocks) {
    turnAway(fleet, replica, request, time, false)
    return
  }
  if (pool.timesOut && i32(replicas.waiting, replica) >= pool.queueLimit) dropExpired(fleet, pool, replica, time)
  if (i32(replicas.waiting, replica) >= pool.queueLimit) {
    turnAway(fleet, replica, request, time, true)
    return
  }
  enqueue(fleet, pool, replica, request)
  const phase = replicas.phase[replica]
  if (phase === IDLE) {
    beginStep(fleet, pool, replica, time)
  } else if (phase === LEAP && i32(running.count, replica) < pool.maxSequences) {
    const next = i32(replicas.waitingHead, nextQueue(fleet, pool, replica))
    if (next === request) cutLeap(replicas, replica, time, pool.serving.ahead ? 1 : 0)
  }
  if (pool.timesOut && phase === LEAP) cutAtDeadline(fleet, replica, Math.max(time, deadlineOf(fleet, request)))
}

/** Forms the next step, or leaps over the steps that only decode, or comes to rest. */
function beginStep(fleet: FleetState, pool: TokenPool, replica: number, time: number): void {
  const { replicas, running } = fleet
  const { step } = pool.serving
  if (replicas.phase[replica] === DOWN) return
  replicas.start[replica] = time
  replicas.settled[replica] = 0
  if (pool.timesOut && f64(replicas.deadline, replica) <= time) expire(fleet, pool, replica, time)
  makeRoom(fleet, pool, replica)
  if (pool.timesOut && i32(replicas.waiting, replica) > 0) dropExpired(fleet, pool, replica, time)
  // with nothing under way, the step is composed when it begins
  if (i32(running.count, replica) === 0 && i32(replicas.partial, replica) === NONE) replicas.planned[replica] = time
  formPrefill(fleet, pool, replica)
  const decoding = i32(running.count, replica)
  const prefill = i32(replicas.prefill, replica)
  const context = f64(replicas.context, replica)
  const slowdown = f64(replicas.slowdown, replica)
  if (prefill > 0) {
    const prefillContext = f64(replicas.prefillContext, replica)
    replicas.phase[replica] = PREFILL
    replicas.until[replica] = time + slowdown * stepTime(step, prefill, prefillContext, decoding, context)
  } else if (decoding > 0) {
    const toFinish = nextFinish(running, replica) - f64(replicas.steps, replica)
    const longest = comesNext(fleet, pool, replica) ? 1 : fleet.longestLeap
    const leap = stepsUntilFull(fleet, pool, replica, Math.min(toFinish, longest))
    replicas.phase[replica] = LEAP
    replicas.leap[replica] = leap
    replicas.base[replica] = slowdown * stepTime(step, 0, 0, decoding, context)
    replicas.slope[replica] = slowdown * kvSlope(step, decoding)
    replicas.until[replica] = time + leapTime(replicas, replica, leap)
    if (pool.timesOut) {
      cutAtDeadline(fleet, replica, Math.min(f64(replicas.deadline, replica), headDeadline(fleet, pool, replica)))
    }
  } else {
    replicas.phase[replica] = IDLE
    replicas.until[replica] = Infinity
  }
}

/** Whether a request waits that was not ready when the step that begins was composed. */
function comesNext(fleet: FleetState, pool: TokenPool, replica: number): boolean {
  const { replicas, requests } = fleet
  if (!pool.serving.ahead || i32(replicas.waiting, replica) === 0) return false
  const head = i32(replicas.waitingHead, nextQueue(fleet, pool, replica))
  return readTime(requests, READY, head) > f64(replicas.planned, replica)
}

/** Ends the stretch under way: counts it, gives out first tokens, lets finished requests go. */
function finishStretch(fleet: FleetState, pool: TokenPool, replica: number): void {
  const { replicas, running } = fleet
  const until = f64(replicas.until, replica)
  const decoding = i32(running.count, replica)
  const leaps = replicas.phase[replica] === LEAP
  const steps = leaps ? i32(replicas.leap, replica) : 1
  if (leaps) countLeap(fleet, pool, replica, steps)
  else countPrefillStep(fleet, pool, replica)
  addF64(replicas.context, replica, steps * decoding)
  addF64(replicas.steps, replica, steps)
  replicas.planned[replica] = pool.serving.ahead ? lastStart(fleet, replica) : until
  makeWay(fleet, pool, replica)
  if (decoding > 0) finishDecoded(fleet, pool, replica, until)
  if (!leaps) joinPrefilled(fleet, pool, replica, until)
}

/** When the last step of the stretch under way has begun [s]. */
function lastStart({ replicas }: FleetState, replica: number): number {
  const start = f64(replicas.start, replica)
  if (replicas.phase[replica] !== LEAP) return start
  return start + leapTime(replicas, replica, i32(replicas.leap, replica) - 1)
}

function finishDecoded(fleet: FleetState, pool: TokenPool, replica: number, time: number): void {
  const { replicas, requests, running } = fleet
  const steps = f64(replicas.steps, replica)
  while (i32(running.count, replica) > 0 && nextFinish(running, replica) === steps) {
    const request = pop(running, replica)
    const held = read(requests, PROMPT, request) + read(requests, OUTPUT, request) - 1
    stopDecoding(fleet, pool, replica, request, held)
    finishRequest(fleet, replica, request, time)
  }
}

/** Takes out the decoding requests whose clients have given up by a time. */
function expire(fleet: FleetState, pool: TokenPool, replica: number, time: number): void {
  const { replicas, requests, running } = fleet
  const offset = i32(running.offset, replica)
  let position = 0
  let next = Infinity
  while (position < i32(running.count, replica)) {
    const request = i32(running.request, offset + position)
    const deadline = deadlineOf(fleet, request)
    if (deadline > time) {
      next = Math.min(next, deadline)
      position++
      continue
    }
    const left = f64(running.finish, offset + position) - f64(replicas.steps, replica)
    removeAt(running, replica, position)
    stopDecoding(
      fleet,
      pool,
      replica,
      request,
      read(requests, PROMPT, request) + read(requests, OUTPUT, request) - left - 1,
    )
    cancelRequest(fleet, replica, request, time)
    // taking one out reorders the others
    position = 0
    next = Infinity
  }
  replicas.deadline[replica] = next
}

/** Drops the requests at the head of the queues whose clients have given up by a time. */
function dropExpired(fleet: FleetState, pool: TokenPool, replica: number, time: number): void {
  const first = firstQueue(pool, replica)
  for (let queue = first; queue < first + pool.levels; queue++) {
    while (deadlineAt(fleet, queue) <= time) cancelRequest(fleet, replica, dequeue(fleet, replica, queue), time)
  }
}

/** When the first client at the head of a queue gives up [s]; `Infinity` if nobody waits. */
function headDeadline(fleet: FleetState, pool: TokenPool, replica: number): number {
  if (i32(fleet.replicas.waiting, replica) === 0) return Infinity
  const first = firstQueue(pool, replica)
  let deadline = Infinity
  for (let queue = first; queue < first + pool.levels; queue++) {
    deadline = Math.min(deadline, deadlineAt(fleet, queue))
  }
  return deadline
}

function deadlineAt(fleet: FleetState, queue: number): number {
  const head = i32(fleet.replicas.waitingHead, queue)
  return head === NONE ? Infinity : deadlineOf(fleet, head)
}

/** Ends a leap with the step in which a client gives up. */
function cutAtDeadline({ replicas }: FleetState, replica: number, deadline: number): void {
  if (deadline < f64(replicas.until, replica)) cutLeap(replicas, replica, deadline)
}
