import { addF64, addI32, f64, i32 } from '../columns'
import type { Router } from '../routing/router'
import { pickFor, place } from '../traffic/arrive'
import type { WorkloadState } from '../traffic/workload-state'
import type { FleetState } from './fleet-state'
import { fails, isGone, releaseSent } from './health'
import { holdSent, type TokenPool } from './kv-cache'
import { transfer, type HandOff } from './network'
import type { PoolState } from './pool'
import { send } from './queue'
import { firstToken } from './outcome'
import { moveElsewhere, moveTo } from './relocate'
import {
  BROUGHT,
  DECODE,
  FLOW,
  GENERATED,
  LAST_TOKEN,
  PREFILLED,
  PROMPT,
  READY,
  add,
  read,
  write,
  writeTime,
} from './requests'

/** A request's prefill has ended on a replica and it is decoded elsewhere; its blocks stay until they have been sent. */
export function handOff(fleet: FleetState, pool: TokenPool, replica: number, request: number, time: number): void {
  const { requests, replicas, telemetry, network } = fleet
  const sent = holdSent(fleet, pool, replica, request)
  addI32(replicas.outstanding, replica, -1)
  addF64(telemetry.flowRunning, read(requests, FLOW, request), -1)
  network.handOffs.push({ ...sent, request, time })
}

/** Sends on their way, in the order of time, the requests whose prefill has ended in this tick. */
export function sendHandOffs(fleet: FleetState): void {
  const { network } = fleet
  if (network.handOffs.length === 0) return
  network.handOffs.sort((a, b) => a.time - b.time)
  for (const each of network.handOffs) sendHandOff(fleet, each)
  network.handOffs = []
}

/** Frees what transfers that have ended by a time have held; their replicas have room again. */
export function endTransfers(fleet: FleetState, time: number): void {
  const { network, telemetry } = fleet
  if (network.transfers.length === 0) return
  for (const transfer of network.transfers) {
    if (transfer.end > time) continue
    addF64(telemetry.transferring, transfer.flow, -1)
    releaseSent(fleet, transfer.from, transfer, time)
  }
  network.transfers = network.transfers.filter(({ end }) => end > time)
}

/** Sends the requests that were turned away in this tick along the next route of their workload. */
export function retryTurnedAway(fleet: FleetState): void {
  const { network, requests, flows } = fleet
  for (const request of network.turnedAway) {
    const index = i32(flows.workload, read(requests, FLOW, request))
    const workload = fleet.workloads[index] as WorkloadState
    const { prefill, decode } = workload.router
    const cohort = i32(flows.cohort, read(requests, FLOW, request))
    const route = nextRoute(workload.router, read(requests, FLOW, request) - cohort)
    write(requests, DECODE, request, i32(decode, route) + cohort)
    write(requests, PREFILLED, request, 0)
    write(requests, BROUGHT, request, 0)
    moveTo(fleet, request, i32(prefill, route) + cohort)
    place(fleet, i32(flows.pool, i32(prefill, route)), index, request, fleet.now, -1)
  }
  network.turnedAway = []
}

function sendHandOff(fleet: FleetState, { request, time, ...sent }: HandOff): void {
  const { network, requests, flows, telemetry } = fleet
  const [source, target] = [read(requests, FLOW, request), read(requests, DECODE, request)]
  const from = fleet.pools[i32(flows.pool, source)] as PoolState
  const to = fleet.pools[i32(flows.pool, target)] as PoolState
  if (isGone(fleet, to.index) || fails(fleet, to.index)) {
    releaseSent(fleet, from.index, sent, fleet.now)
    if (isGone(fleet, to.index)) moveElsewhere(fleet, request, fleet.now)
    else fleet.health.failed.push(request)
    return
  }
  const chosen = pickFor(fleet, to, i32(flows.workload, target), request)
  const held = read(requests, PROMPT, request) + read(requests, GENERATED, request)
  const bytes = held * f64(flows.kvBytes, target)
  const end = Math.max(
    transfer(network, { pool: from, replica: sent.replica }, { pool: to, replica: chosen }, bytes, time),
    fleet.now,
  )
  network.transfers.push({ ...sent, end, request, from: from.index, flow: target })
  addF64(telemetry.pool.transferred, to.index, bytes)
  // the token made last travels with the cache
  moveTo(fleet, request, target)
  addF64(telemetry.transferring, target, 1)
  firstToken(fleet, request, end)
  add(requests, GENERATED, request, 1)
  write(requests, PREFILLED, request, held)
  write(requests, BROUGHT, request, 1)
  writeTime(requests, LAST_TOKEN, request, end)
  writeTime(requests, READY, request, end)
  send(fleet.replicas, requests, chosen, request)
}

/** The route that begins in the next pool after the one that a request was turned away on, by the flow in which it was. */
function nextRoute({ prefill, decode }: Router, flow: number): number {
  let route = prefill.indexOf(flow)
  if (route < 0) route = decode.indexOf(flow)
  do route = route + 1 === prefill.length ? 0 : route + 1
  while (prefill.indexOf(i32(prefill, route)) !== route)
  return route
}
