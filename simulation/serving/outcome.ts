import { addF64, addI32, f64, i32 } from '../columns'
import { E2E, ITL, record, TPOT, TTFT } from '../telemetry/telemetry'
import type { FleetState } from './fleet-state'
import { freeSlot } from './requests'

/**
 * A request has its first token, or its next one after a preemption. Its prompt counts with the first, and once: a
 * tenant does not pay again for what a preemption computes again.
 */
export function firstToken(fleet: FleetState, request: number, time: number): void {
  const { requests, telemetry } = fleet
  const flow = i32(requests.flow, request)
  if (i32(requests.generated, request) === 0) {
    requests.firstToken[request] = time
    record(telemetry, flow, TTFT, time - f64(requests.arrival, request))
    addF64(telemetry.flow.promptTokens, flow, i32(requests.prompt, request))
  } else {
    record(telemetry, flow, ITL, time - f64(requests.lastToken, request))
  }
  addF64(telemetry.flow.outputTokens, flow, 1)
}

/** A token request has its last token: times it, holds it against its objectives, gives its slot back. */
export function finishRequest(fleet: FleetState, replica: number, request: number, time: number): void {
  const { requests, telemetry, objectives } = fleet
  const flow = i32(requests.flow, request)
  const ttft = f64(requests.firstToken, request) - f64(requests.arrival, request)
  const e2e = time - f64(requests.arrival, request)
  const gaps = i32(requests.output, request) - 1
  const tpot = gaps > 0 ? (e2e - ttft) / gaps : 0
  if (gaps > 0) record(telemetry, flow, TPOT, tpot)
  record(telemetry, flow, E2E, e2e)
  const good =
    ttft <= f64(objectives.ttft, flow) && tpot <= f64(objectives.tpot, flow) && e2e <= f64(objectives.e2e, flow)
  leave(fleet, replica, request, flow, good)
}

/** A query of a single-shot model is answered. */
export function finishQuery(fleet: FleetState, replica: number, request: number, time: number): void {
  const flow = i32(fleet.requests.flow, request)
  const e2e = time - f64(fleet.requests.arrival, request)
  record(fleet.telemetry, flow, E2E, e2e)
  leave(fleet, replica, request, flow, e2e <= f64(fleet.objectives.e2e, flow))
}

/** A request is turned away by its replica: the queue is full, or it can never fit. */
export function rejectRequest(fleet: FleetState, replica: number, request: number): void {
  addF64(fleet.telemetry.flow.rejected, i32(fleet.requests.flow, request), 1)
  addI32(fleet.replicas.outstanding, replica, -1)
  freeSlot(fleet.requests, request)
}

function leave(fleet: FleetState, replica: number, request: number, flow: number, good: boolean): void {
  addF64(fleet.telemetry.flow.finished, flow, 1)
  if (good) addF64(fleet.telemetry.flow.good, flow, 1)
  addI32(fleet.replicas.outstanding, replica, -1)
  freeSlot(fleet.requests, request)
}
