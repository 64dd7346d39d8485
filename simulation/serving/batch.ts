import { addF64, addI32, f64, i32 } from '../columns'
import type { FleetState } from './fleet-state'
import { handOff } from './hand-off'
import {
  addBlocks,
  blocksOf,
  exactBlocks,
  makeWay,
  mostBlocks,
  releaseBlocks,
  releaseDecoding,
  takeBlocks,
  type TokenPool,
} from './kv-cache'
import { finishRequest, firstToken } from './outcome'
import { dequeue, enqueueFirst, nextQueue } from './queue'
import {
  addInt,
  addReal,
  BATCH_HEAD,
  CONTEXT,
  DECODING,
  firstLane,
  HEAP,
  int,
  JOINED,
  PARTIAL,
  PLANNED,
  PREFILL_CONTEXT,
  PREFILL_TOKENS,
  real,
  setInt,
  START,
  STEPS,
  UNTIL,
  WAITING,
} from './replicas'
import {
  DECODE,
  FLOW,
  GENERATED,
  LAST_TOKEN,
  NEXT,
  NONE,
  OUTPUT,
  PREFILLED,
  PROMPT,
  READY,
  add,
  read,
  readTime,
  write,
  writeTime,
} from './requests'
import { push, removeAt } from './running'

/** Preempts requests until every decoding one has room for its next token. */
export function makeRoom(fleet: FleetState, pool: TokenPool, replica: number): void {
  while (freeBlocks(fleet, pool, replica, 0) < 0) preempt(fleet, pool, replica)
}

/** Blocks that are free when every decoding request has made its next token; at least `enough` if it says so. */
function freeBlocks(fleet: FleetState, pool: TokenPool, replica: number, enough: number): number {
  const { kvBlocks } = pool.serving
  const free = kvBlocks - mostBlocks(fleet, replica, 1)
  // as a rule there is no need to look closer
  return free >= enough ? free : kvBlocks - exactBlocks(fleet, replica, 1)
}

/** Chooses what the step prefills: first the request that is prefilled in part, then waiting ones while there is room. */
export function formPrefill(fleet: FleetState, pool: TokenPool, replica: number): void {
  const { replicas } = fleet
  let sequences = int(fleet.replicas, DECODING, replica)
  let budget = pool.stepTokenBudget - sequences
  const partial = int(replicas, PARTIAL, replica)
  if (partial !== NONE && budget > 0) {
    sequences++
    budget -= prefillChunk(fleet, pool, replica, partial, budget)
  }
  while (int(replicas, WAITING, replica) > 0 && budget > 0 && sequences < pool.maxSequences) {
    const taken = admitNext(fleet, pool, replica, sequences, budget)
    if (taken === 0) return
    sequences++
    budget -= taken
  }
}

/** Takes the next waiting request into the step if its KV cache has room; returns its tokens in the step, or 0. */
function admitNext(fleet: FleetState, pool: TokenPool, replica: number, sequences: number, budget: number): number {
  const { replicas, requests, telemetry } = fleet
  const queue = nextQueue(fleet, pool, replica)
  const request = i32(replicas.waitingHead, queue)
  if (readTime(requests, READY, request) > real(replicas, PLANNED, replica)) return 0
  const kept = sequences > 0 ? pool.serving.watermark : 0
  const held = read(requests, PROMPT, request) + read(requests, GENERATED, request) - 1
  const room = freeBlocks(fleet, pool, replica, blocksOf(held + 1) + kept) - kept
  const brought = read(requests, GENERATED, request) > 0 && read(requests, PREFILLED, request) === held
  if (brought) {
    if (blocksOf(held + 1) > room) return 0
    startDecoding(fleet, pool, replica, request)
    makeWay(fleet, pool, replica)
  } else if (!takeBlocks(fleet, pool, replica, request, room)) {
    return 0
  }
  dequeue(fleet, replica, queue)
  addF64(telemetry.flowRunning, read(requests, FLOW, request), 1)
  if (brought) {
    write(requests, NEXT, request, int(replicas, JOINED, replica))
    setInt(replicas, JOINED, replica, request)
    return 1
  }
  addF64(telemetry.pool.prefixTokens, pool.index, held + 1)
  return prefillChunk(fleet, pool, replica, request, budget)
}

/** Requests whose prefill has ended have their next token and decode from now on, here or where they are handed off to. */
export function joinPrefilled(fleet: FleetState, pool: TokenPool, replica: number): void {
  const { replicas, requests } = fleet
  const time = real(replicas, UNTIL, replica)
  let request = int(replicas, BATCH_HEAD, replica)
  setInt(replicas, BATCH_HEAD, replica, NONE)
  while (request !== NONE) {
    const next = read(requests, NEXT, request)
    const last = read(requests, OUTPUT, request) === read(requests, GENERATED, request) + 1
    if (!last && read(requests, DECODE, request) !== read(requests, FLOW, request)) {
      handOff(fleet, pool, replica, request, time)
    } else {
      firstToken(fleet, request, time)
      if (last) {
        addF64(fleet.telemetry.flowRunning, read(requests, FLOW, request), -1)
        releaseBlocks(fleet, pool, replica, request, lengthOf(fleet, request))
        finishRequest(fleet, replica, request, time)
      } else {
        add(requests, GENERATED, request, 1)
        // its own blocks and those it shares count with its tokens from now on
        addBlocks(fleet, pool, replica, -blocksOf(lengthOf(fleet, request) - 1))
        startDecoding(fleet, pool, replica, request)
      }
    }
    request = next
  }
}

/** A request that holds so many tokens decodes no longer: its lane and its blocks are free. */
export function stopDecoding(fleet: FleetState, pool: TokenPool, replica: number, request: number, held: number): void {
  const { replicas, requests, flows, telemetry } = fleet
  const flow = read(requests, FLOW, request)
  addReal(replicas, CONTEXT, replica, -held)
  addI32(replicas.laneRunning, firstLane(pool, replica) + i32(flows.lane, flow), -1)
  addF64(telemetry.flowRunning, flow, -1)
  releaseDecoding(fleet, pool, replica, request, held)
}

/** A request whose KV cache is complete but for its newest token decodes from the next step on. */
function startDecoding(fleet: FleetState, pool: TokenPool, replica: number, request: number): void {
  const { replicas, requests, running, flows } = fleet
  const generated = read(requests, GENERATED, request)
  const held = read(requests, PROMPT, request) + generated - 1
  const flow = read(requests, FLOW, request)
  addReal(replicas, CONTEXT, replica, held)
  addI32(replicas.laneRunning, firstLane(pool, replica) + i32(flows.lane, flow), 1)
  push(
    running,
    replicas,
    replica,
    real(replicas, STEPS, replica) + read(requests, OUTPUT, request) - generated,
    request,
  )
}

/** Tokens that are prefilled before a request decodes: its prompt, and what it had made before a preemption. */
function lengthOf({ requests }: FleetState, request: number): number {
  return read(requests, PROMPT, request) + read(requests, GENERATED, request)
}

/** Adds to the step as many tokens of a request as the budget allows; returns them. */
function prefillChunk(fleet: FleetState, pool: TokenPool, replica: number, request: number, budget: number): number {
  const { replicas, requests, flows } = fleet
  const length = lengthOf(fleet, request)
  const done = read(requests, PREFILLED, request)
  const chunk = Math.min(length - done, budget)
  write(requests, PREFILLED, request, done + chunk)
  addInt(replicas, PREFILL_TOKENS, replica, chunk)
  addReal(replicas, PREFILL_CONTEXT, replica, chunk * (done + chunk / 2))
  addI32(replicas.lanePrefill, firstLane(pool, replica) + i32(flows.lane, read(requests, FLOW, request)), chunk)
  if (done + chunk < length) {
    setInt(replicas, PARTIAL, replica, request)
  } else {
    if (int(replicas, PARTIAL, replica) === request) setInt(replicas, PARTIAL, replica, NONE)
    write(requests, NEXT, request, int(replicas, BATCH_HEAD, replica))
    setInt(replicas, BATCH_HEAD, replica, request)
  }
  return chunk
}

/** Takes the newest request of the lowest priority out of the batch; its tokens will be prefilled again. */
function preempt(fleet: FleetState, pool: TokenPool, replica: number): void {
  const { replicas, requests, running, telemetry } = fleet
  const offset = int(replicas, HEAP, replica)
  let position = 0
  for (let i = 1; i < int(replicas, DECODING, replica); i++) {
    if (goesBefore(fleet, i32(running.request, offset + i), i32(running.request, offset + position))) position = i
  }
  const left = f64(running.finish, offset + position) - real(replicas, STEPS, replica)
  const request = removeAt(running, replicas, replica, position)
  const generated = read(requests, OUTPUT, request) - left
  stopDecoding(fleet, pool, replica, request, read(requests, PROMPT, request) + generated - 1)
  write(requests, GENERATED, request, generated)
  write(requests, PREFILLED, request, 0)
  writeTime(requests, LAST_TOKEN, request, real(replicas, START, replica))
  addF64(telemetry.pool.preempted, pool.index, 1)
  enqueueFirst(fleet, pool, replica, request)
}

/** Whether a request is preempted before another. */
function goesBefore({ requests, flows }: FleetState, a: number, b: number): boolean {
  const [low, other] = [i32(flows.level, read(requests, FLOW, a)), i32(flows.level, read(requests, FLOW, b))]
  return low === other ? readTime(requests, READY, a) > readTime(requests, READY, b) : low > other
}
