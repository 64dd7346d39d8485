import { addF64, i32 } from '../columns'
import { uniform } from '../random'
import type { FleetState } from '../serving/fleet-state'
import type { PoolState } from '../serving/pool'
import {
  ARRIVAL,
  DECODE,
  FLOW,
  GROUP,
  LEAVES,
  NONE,
  OUTPUT,
  PROMPT,
  USER,
  takeSlot,
  write,
  writeTime,
} from '../serving/requests'
import { place } from './arrive'
import type { WorkloadState } from './workload-state'

/** Flows in which copies are prefilled and decoded, and how many there are of each request on the mean. */
export interface CopyRoute {
  prefill: number
  decode: number
  copies: number
}

/** A request that has arrived: what a copy of it asks, and the replica that has let the one before go, or NONE. */
export interface Original {
  time: number
  prompt: number
  output: number
  leaves: boolean
  group: number
  from: number
}

/**
 * Sends copies of a request where its workload is mirrored to. One of a conversation is a request of its own, with all that
 * was said before as its prompt: of that, it finds only the shared prefix in a cache.
 */
export function mirror(fleet: FleetState, index: number, original: Original): void {
  const { mirrors, copies } = fleet.workloads[index] as WorkloadState
  for (const route of mirrors ?? []) {
    // drawn on every thread, whosever the pool is
    for (let left = Math.floor(route.copies + uniform(copies)); left > 0; left--) copy(fleet, index, route, original)
  }
}

function copy(fleet: FleetState, index: number, { prefill, decode }: CopyRoute, original: Original): void {
  const { requests, telemetry, flows, health } = fleet
  const pool = i32(flows.pool, prefill)
  if (!(fleet.pools[pool] as PoolState).own) return
  addF64(telemetry.flow.arrived, prefill, 1)
  if (health.open[pool] !== 1 || health.open[i32(flows.pool, decode)] !== 1) {
    addF64(telemetry.flow.rejected, prefill, 1)
    return
  }
  const request = takeSlot(requests)
  write(requests, FLOW, request, prefill)
  write(requests, DECODE, request, decode)
  write(requests, PROMPT, request, original.prompt)
  write(requests, OUTPUT, request, original.output)
  write(requests, LEAVES, request, original.leaves ? 1 : 0)
  write(requests, GROUP, request, original.group)
  write(requests, USER, request, NONE)
  writeTime(requests, ARRIVAL, request, original.time)
  place(fleet, pool, index, request, original.time, original.from)
}
