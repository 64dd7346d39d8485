import { addF64, i32 } from '../columns'
import { integer, uniform } from '../random'
import { pick, type PickerState } from '../routing/picker'
import { routeNext } from '../routing/router'
import type { FleetState } from '../serving/fleet-state'
import type { PoolState } from '../serving/pool'
import { forgetConversation } from '../serving/prefix-cache'
import { fails, isGone } from '../serving/health'
import { send } from '../serving/queue'
import {
  ARRIVAL,
  DECODE,
  FLOW,
  GROUP,
  LEAVES,
  NONE,
  OUTPUT,
  PROMPT,
  READY,
  USER,
  read,
  takeSlot,
  write,
  writeTime,
} from '../serving/requests'
import { ingestTime } from '../serving/step-time'
import { mirror } from './mirror'
import { beginsAnew, beginTurn, nextUser, type Sessions } from './sessions'
import { drawOutput, drawPrompt, nextTime, passRequest } from './source'
import { beginCohort, type WorkloadState } from './workload-state'

/** The next request of a workload arrives, or waits for the answer to the one before in its session. */
export function arriveNext(fleet: FleetState, index: number, workload: WorkloadState): void {
  const { source } = workload
  const time = nextTime(source)
  const prompt = drawPrompt(source)
  const output = drawOutput(source)
  passRequest(source)
  ask(fleet, index, time, prompt, output, NONE)
}

/** A request comes from the user whose turn it is, where there are sessions; it waits if the user's last one is on its way. */
export function ask(
  fleet: FleetState,
  index: number,
  time: number,
  prompt: number,
  output: number,
  from: number,
): void {
  const { sessions } = fleet.workloads[index] as WorkloadState
  const user = sessions === null ? NONE : nextUser(sessions)
  if (sessions?.busy[user] === 1) sessions.waiting[user]?.push({ time, prompt, output })
  else arrive(fleet, index, time, prompt, output, user, from)
}

/** Routes a request and sends it to a replica; `from` is the replica that has let the one before go, or NONE. */
export function arrive(
  fleet: FleetState,
  index: number,
  time: number,
  prompt: number,
  output: number,
  user: number,
  from: number,
): void {
  const { requests, telemetry, flows } = fleet
  const workload = fleet.workloads[index] as WorkloadState
  const { sessions, router } = workload
  while (time >= workload.nextCohort) beginCohort(workload)
  const route = routeNext(router)
  const flow = i32(router.prefill, route) + workload.cohort
  const leaves = workload.abandonment > 0 && uniform(workload.clients) < workload.abandonment
  const given = leaves ? 1 + integer(workload.clients, output) : output
  const group = groupOf(workload, user)
  const pool = i32(flows.pool, flow)
  if (!(fleet.pools[pool] as PoolState).own) {
    if (workload.mirrors !== null) mirror(fleet, index, { time, prompt, output: given, leaves, group, from })
    return
  }
  const asked = sessions === null ? prompt : turn(fleet, index, sessions, user, prompt, output)
  const request = takeSlot(requests)
  write(requests, FLOW, request, flow)
  write(requests, DECODE, request, i32(router.decode, route) + workload.cohort)
  write(requests, PROMPT, request, asked)
  write(requests, OUTPUT, request, given)
  write(requests, LEAVES, request, leaves ? 1 : 0)
  write(requests, GROUP, request, group)
  write(requests, USER, request, user)
  writeTime(requests, ARRIVAL, request, time)
  addF64(telemetry.flow.arrived, flow, 1)
  place(fleet, pool, index, request, time, from)
  if (workload.mirrors !== null) mirror(fleet, index, { time, prompt: asked, output: given, leaves, group, from })
}

/** Sends a request to a replica of a pool, ready once the replica's host has taken it in; it fails where there is none. */
export function place(
  fleet: FleetState,
  poolIndex: number,
  workload: number,
  request: number,
  time: number,
  from: number,
): void {
  const { requests, replicas } = fleet
  const pool = fleet.pools[poolIndex] as PoolState
  if (isGone(fleet, poolIndex) || fails(fleet, poolIndex)) {
    fleet.health.failed.push(request)
    return
  }
  const replica = pickFor(fleet, pool, workload, request)
  const home = fleet.workloads[workload]?.sessions?.home
  const user = read(requests, USER, request)
  if (home && user !== NONE) home[user] = replica
  // a replica works apart from the others within a tick: what one sends another comes when the tick is over
  const start = from === NONE || from === replica ? time : Math.max(time, fleet.now)
  const { serving } = pool
  const ingest =
    serving.kind === 'tokens' ? ingestTime(serving.step, Math.min(read(requests, PROMPT, request), serving.context)) : 0
  writeTime(requests, READY, request, start + ingest)
  send(replicas, requests, replica, request)
}

/** Picks a replica of a pool; one that has the request's conversation or prefix, if the picker looks for it. */
export function pickFor(fleet: FleetState, pool: PoolState, workload: number, request: number): number {
  const { requests } = fleet
  const picker = fleet.pickers[pool.index] as PickerState
  if (pool.picker !== 'prefix-affinity') return pick(picker, NONE)
  const user = read(requests, USER, request)
  const home = fleet.workloads[workload]?.sessions?.home
  const holder = home && user !== NONE ? i32(home, user) : NONE
  if (holder >= pool.first && holder < pool.first + pool.replicas) return pick(picker, holder)
  // spread what has no home yet by a hash of its prefix
  const key = user === NONE ? read(requests, GROUP, request) : user
  if (key === NONE) return pick(picker, NONE)
  return pick(picker, pool.first + (Math.imul(key + 1, 0x9e3779b1) >>> 0))
}

/** Prompt of a user's next turn [tokens]; what is kept of a conversation that is over is forgotten. */
function turn(
  fleet: FleetState,
  workload: number,
  sessions: Sessions,
  user: number,
  question: number,
  output: number,
): number {
  const anew = beginsAnew(sessions, user, question, output)
  if (anew) forgetConversation(fleet, workload, user)
  return beginTurn(sessions, user, question, anew)
}

function groupOf({ groups, prefixes }: WorkloadState, user: number): number {
  if (groups === 0) return NONE
  return user === NONE ? integer(prefixes, groups) : user % groups
}
