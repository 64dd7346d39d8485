import { addF64, addI32, f64, i32 } from '../columns'
import { E2E, ITL, record, TPOT, TTFT } from '../telemetry/telemetry'
import { succeed } from '../traffic/succession'
import { isCopy } from './copies'
import type { FleetState } from './fleet-state'
import {
  ARRIVAL,
  FIRST_TOKEN,
  FLOW,
  GENERATED,
  HOPS,
  LAST_TOKEN,
  LEAVES,
  NONE,
  OUTPUT,
  PROMPT,
  add,
  freeSlot,
  read,
  readTime,
  writeTime,
} from './requests'

/**
 * A request has its first token, or its next one after a preemption. Its prompt counts with the first, and once: a
 * tenant does not pay again for what a preemption computes again.
 */
export function firstToken(fleet: FleetState, request: number, time: number): void {
  const { requests, telemetry } = fleet
  const flow = read(requests, FLOW, request)
  if (read(requests, GENERATED, request) === 0) {
    writeTime(requests, FIRST_TOKEN, request, time)
    record(telemetry, flow, TTFT, time - readTime(requests, ARRIVAL, request))
    addF64(telemetry.flow.promptTokens, flow, read(requests, PROMPT, request))
  } else {
    record(telemetry, flow, ITL, time - readTime(requests, LAST_TOKEN, request))
  }
  addF64(telemetry.flow.outputTokens, flow, 1)
}

/** A token request has its last token: times it, holds it against its objectives, lets it go. */
export function finishRequest(fleet: FleetState, replica: number, request: number, time: number): void {
  const { requests, telemetry, flows } = fleet
  if (read(requests, LEAVES, request) === 1 || deadlineOf(fleet, request) < time) {
    cancelRequest(fleet, replica, request, time)
    return
  }
  const flow = read(requests, FLOW, request)
  const ttft = readTime(requests, FIRST_TOKEN, request) - readTime(requests, ARRIVAL, request)
  const e2e = time - readTime(requests, ARRIVAL, request)
  const gaps = read(requests, OUTPUT, request) - 1
  const tpot = gaps > 0 ? (e2e - ttft) / gaps : 0
  if (gaps > 0) record(telemetry, flow, TPOT, tpot)
  record(telemetry, flow, E2E, e2e)
  const good = ttft <= f64(flows.ttft, flow) && tpot <= f64(flows.tpot, flow) && e2e <= f64(flows.e2e, flow)
  if (good) addF64(telemetry.flow.good, flow, 1)
  addF64(telemetry.flow.finished, flow, 1)
  leave(fleet, replica, request, time, read(requests, PROMPT, request) + read(requests, OUTPUT, request))
}

/** A query of a single-shot model is answered. */
export function finishQuery(fleet: FleetState, replica: number, request: number, time: number): void {
  const { requests, telemetry, flows } = fleet
  if (deadlineOf(fleet, request) < time) {
    cancelRequest(fleet, replica, request, time)
    return
  }
  const flow = read(requests, FLOW, request)
  const e2e = time - readTime(requests, ARRIVAL, request)
  record(telemetry, flow, E2E, e2e)
  if (e2e <= f64(flows.e2e, flow)) addF64(telemetry.flow.good, flow, 1)
  addF64(telemetry.flow.finished, flow, 1)
  leave(fleet, replica, request, time, 0)
}

/** The client of a request is gone, before its answer was complete. */
export function cancelRequest(fleet: FleetState, replica: number, request: number, time: number): void {
  addF64(fleet.telemetry.flow.cancelled, read(fleet.requests, FLOW, request), 1)
  leave(fleet, replica, request, time, 0)
}

/**
 * A replica turns a request away: its queue is full, or the request can never fit. Where the queue is the cause, and the
 * workload spills, the request tries another route when the tick is over.
 */
export function turnAway(fleet: FleetState, replica: number, request: number, time: number, elsewhere: boolean): void {
  const { requests, telemetry, flows } = fleet
  const flow = read(requests, FLOW, request)
  const workload = fleet.workloads[i32(flows.workload, flow)]
  if (
    elsewhere &&
    workload?.spill &&
    !isCopy(fleet, request) &&
    read(requests, HOPS, request) < workload.router.pools - 1
  ) {
    add(requests, HOPS, request, 1)
    addI32(fleet.replicas.outstanding, replica, -1)
    fleet.network.turnedAway.push(request)
    return
  }
  addF64(telemetry.flow.rejected, flow, 1)
  leave(fleet, replica, request, time, 0)
}

/** When the client of a request gives up [s]. */
export function deadlineOf({ requests, flows }: FleetState, request: number): number {
  return readTime(requests, ARRIVAL, request) + f64(flows.timeout, read(requests, FLOW, request))
}

/** A request that no replica has is gone, unanswered. */
export function retire(fleet: FleetState, how: 'rejected' | 'cancelled', request: number, time: number): void {
  addF64(fleet.telemetry.flow[how], read(fleet.requests, FLOW, request), 1)
  succeed(fleet, NONE, request, time, 0)
  freeSlot(fleet.requests, request)
}

/** Gives the slot of a request back, answered with so many `tokens` in all; another one may follow it. */
function leave(fleet: FleetState, replica: number, request: number, time: number, tokens: number): void {
  addI32(fleet.replicas.outstanding, replica, -1)
  succeed(fleet, replica, request, time, tokens)
  freeSlot(fleet.requests, request)
}
