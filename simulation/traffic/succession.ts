import { i32 } from '../columns'
import { isCopy } from '../serving/copies'
import type { FleetState } from '../serving/fleet-state'
import { FLOW, NONE, read, USER } from '../serving/requests'
import { arrive, ask } from './arrive'
import { endTurn } from './sessions'
import { drawOutput, drawPrompt, takeSuccessor } from './source'
import type { WorkloadState } from './workload-state'

/** What follows a request that leaves a replica at a time: the next of a closed loop, or of its session. */
export function succeed(fleet: FleetState, replica: number, request: number, time: number, tokens: number): void {
  const index = i32(fleet.flows.workload, read(fleet.requests, FLOW, request))
  const workload = fleet.workloads[index] as WorkloadState
  if (!workload.follows || isCopy(fleet, request)) return
  const { source, sessions } = workload
  const user = read(fleet.requests, USER, request)
  if (sessions !== null && user !== NONE) {
    endTurn(sessions, user, tokens)
    const next = sessions.waiting[user]?.shift()
    // replicas work after the arrivals of a tick: the next request may come later in it
    if (next) arrive(fleet, index, Math.max(time, next.time), next.prompt, next.output, user, replica)
  }
  if (takeSuccessor(source)) ask(fleet, index, time, drawPrompt(source), drawOutput(source), replica)
}
