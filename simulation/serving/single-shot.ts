import { addF64, i32 } from '../columns'
import type { FleetState } from './fleet-state'
import { dropCopies } from './copies'
import { dropExpired } from './expire'
import { deadlineOf, finishQuery, turnAway } from './outcome'
import type { PoolState } from './pool'
import { binOf } from '../telemetry/histogram'
import { recordSteps } from '../telemetry/telemetry'
import { dequeue, enqueue, nextQueue, receive } from './queue'
import {
  BATCH,
  BATCH_COUNT,
  BATCH_HEAD,
  DEADLINE,
  GATHER,
  IDLE,
  INBOX_HEAD,
  int,
  PHASE,
  real,
  setInt,
  setReal,
  SLOWDOWN,
  START,
  UNTIL,
  WAITING,
} from './replicas'
import { FLOW, NEXT, NONE, READY, read, readTime, write } from './requests'

/** A pool whose replicas answer queries in batches. */
export type QueryPool = PoolState & { serving: { kind: 'single-shot' } }

/**
 * Lets a replica work until a time [s]: a free replica gathers queries until the batch is full or the first one has
 * waited for the delay, then runs them as one batch.
 */
export function serveQueries(fleet: FleetState, pool: QueryPool, replica: number, end: number): void {
  const { replicas, requests } = fleet
  for (;;) {
    const inbox = int(replicas, INBOX_HEAD, replica)
    const arrival = inbox === NONE ? Infinity : readTime(requests, READY, inbox)
    const until = real(replicas, UNTIL, replica)
    if (arrival <= until && arrival <= end) {
      admit(fleet, pool, replica, arrival)
    } else if (until <= end) {
      if (int(replicas, PHASE, replica) === BATCH) finishBatch(fleet, pool, replica)
      else startBatch(fleet, pool, replica, until)
    } else {
      replicas.due[replica] = Math.min(arrival, until)
      return
    }
  }
}

function admit(fleet: FleetState, pool: QueryPool, replica: number, time: number): void {
  const { replicas, requests } = fleet
  const request = receive(replicas, requests, replica)
  if (int(replicas, WAITING, replica) >= pool.queueLimit) expire(fleet, pool, replica, time)
  if (int(replicas, WAITING, replica) >= pool.queueLimit) dropCopies(fleet, pool, replica, request, time)
  if (int(replicas, WAITING, replica) >= pool.queueLimit) {
    turnAway(fleet, replica, request, time, true)
    return
  }
  enqueue(fleet, pool, replica, request)
  setReal(replicas, DEADLINE, replica, Math.min(real(replicas, DEADLINE, replica), deadlineOf(fleet, request)))
  const phase = int(replicas, PHASE, replica)
  if (phase === IDLE || phase === GATHER) gather(fleet, pool, replica, time)
}

/** Starts a batch if it is full, else waits for more queries until the delay of the first one is over. */
function gather(fleet: FleetState, pool: QueryPool, replica: number, time: number): void {
  const { replicas, requests } = fleet
  const queue = nextQueue(fleet, pool, replica)
  if (queue === NONE) {
    setInt(replicas, PHASE, replica, IDLE)
    setReal(replicas, UNTIL, replica, Infinity)
    return
  }
  const over = readTime(requests, READY, i32(replicas.waitingHead, queue)) + pool.serving.delay
  if (int(replicas, WAITING, replica) >= pool.maxSequences || over <= time) {
    startBatch(fleet, pool, replica, time)
  } else {
    setInt(replicas, PHASE, replica, GATHER)
    setReal(replicas, UNTIL, replica, over)
  }
}

function startBatch(fleet: FleetState, pool: QueryPool, replica: number, time: number): void {
  const { replicas, requests, telemetry } = fleet
  expire(fleet, pool, replica, time)
  let queries = 0
  let batch = NONE
  while (queries < pool.maxSequences && int(replicas, WAITING, replica) > 0) {
    const request = dequeue(fleet, replica, nextQueue(fleet, pool, replica))
    addF64(telemetry.flowRunning, read(requests, FLOW, request), 1)
    write(requests, NEXT, request, batch)
    batch = request
    queries++
  }
  if (queries === 0) {
    gather(fleet, pool, replica, time)
    return
  }
  setInt(replicas, BATCH_HEAD, replica, batch)
  setInt(replicas, BATCH_COUNT, replica, queries)
  setInt(replicas, PHASE, replica, BATCH)
  setReal(replicas, START, replica, time)
  const { fixed, perQuery } = pool.serving.batch
  setReal(replicas, UNTIL, replica, time + real(replicas, SLOWDOWN, replica) * (fixed + perQuery * queries))
}

/** Drops the waiting queries whose clients have given up by a time. */
function expire(fleet: FleetState, pool: QueryPool, replica: number, time: number): void {
  const { replicas } = fleet
  if (real(replicas, DEADLINE, replica) > time) return
  setReal(replicas, DEADLINE, replica, dropExpired(fleet, pool, replica, time))
}

function finishBatch(fleet: FleetState, pool: QueryPool, replica: number): void {
  const { replicas, requests, telemetry } = fleet
  const { batch } = pool.serving
  const queries = int(replicas, BATCH_COUNT, replica)
  const until = real(replicas, UNTIL, replica)
  const time = until - real(replicas, START, replica)
  recordSteps(telemetry, pool.index, 1, time, binOf(time))
  addF64(telemetry.pool.compute, pool.index, batch.computePerQuery * queries)
  addF64(telemetry.pool.memory, pool.index, batch.memoryFixed + batch.memoryPerQuery * queries)
  let request = int(replicas, BATCH_HEAD, replica)
  setInt(replicas, BATCH_HEAD, replica, NONE)
  setInt(replicas, BATCH_COUNT, replica, 0)
  while (request !== NONE) {
    const next = read(requests, NEXT, request)
    const flow = read(requests, FLOW, request)
    addF64(telemetry.flow.busy, flow, time / queries)
    addF64(telemetry.flowRunning, flow, -1)
    finishQuery(fleet, replica, request, until)
    request = next
  }
  gather(fleet, pool, replica, until)
}
