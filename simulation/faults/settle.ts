import { i32 } from '../columns'
import { chooseFrom, type PickerState } from '../routing/picker'
import { openRouter } from '../routing/open-routes'
import { followClocks, worstSlowdown } from '../serving/clocks'
import type { FleetState } from '../serving/fleet-state'
import { freeze, lose, restore } from '../serving/health'
import type { PoolState } from '../serving/pool'
import { idle, type PoolActivity } from '../serving/power'
import { relocate } from '../serving/relocate'
import { HEALTH, LOST, SOUND, STUCK, int } from '../serving/replicas'
import { resize, train } from '../serving/training'
import type { Simulation } from '../simulation'
import { poolGrowth, windowLength, type PoolCounter } from '../telemetry/telemetry'
import { conditionOf, type Condition } from './condition'
import { nextChange } from './fault-state'
import { withoutRdma } from './links'
import { notePrices } from './prices'

/**
 * Brings pools into the condition that the faults under way, drains and moves leave them in: replicas are lost or come back,
 * routes lead around pools that take nothing, and requests that have lost their replica, those `left` too, go on elsewhere.
 */
export function settlePools(
  simulation: Simulation,
  pools: ReadonlySet<number>,
  time: number,
  left: readonly number[] = [],
): void {
  const { fleet, faults } = simulation
  const evacuated = [...left]
  const opened = fleet.health.open.slice()
  for (const index of [...pools].sort((a, b) => a - b)) {
    const pool = fleet.pools[index] as PoolState
    const condition = conditionOf(faults, pool)
    const losses = note(fleet, pool, condition)
    if (!pool.own) continue
    evacuated.push(...setHealth(fleet, pool, condition, time))
    setMembers(fleet, pool, condition)
    setClocks(fleet, pool, condition, time)
    if (pool.serving.kind === 'training') setTraining(simulation, pool, time, losses <= 0)
  }
  const turned = fleet.pools.filter(({ index }) => fleet.health.open[index] !== opened[index])
  rebuildRouters(simulation, crossing(simulation, turned))
  for (const request of evacuated) relocate(fleet, request, time)
  notePrices(faults, time)
  faults.due = nextChange(faults)
}

/** Makes workloads use the routes that are open now. */
export function rebuildRouters({ scenario, flows, routing, fleet }: Simulation, workloads: readonly string[]): void {
  fleet.workloads.forEach((workload, index) => {
    if (!workloads.includes(workload.id)) return
    workload.router = openRouter(scenario.fleet, flows, fleet.health, index, routing[workload.id] ?? [])
  })
}

/** Lets the training job on a pool go on up to a time [s]. */
export function trainUntil({ fleet, flows }: Simulation, pool: PoolState, time: number): void {
  for (let flow = pool.firstFlow; flow < pool.firstFlow + pool.flows; flow++) {
    const held = fleet.workloads[flows[flow]?.workload ?? -1]?.router.prefill.includes(flow) ?? false
    train(fleet, flow, time, held)
  }
}

/** Workloads with a route that begins or ends in some pools. */
function crossing({ routing }: Simulation, pools: readonly PoolState[]): string[] {
  return Object.keys(routing).filter(workload =>
    routing[workload]?.some(({ prefill, decode }) => pools.some(({ id }) => id === prefill || id === decode)),
  )
}

/** Notes what routing and figures need of any pool, also of one that is simulated elsewhere; returns how many more are lost. */
function note({ health, network }: FleetState, pool: PoolState, condition: Condition): number {
  const { index, replicas } = pool
  const within = (some: Set<number>): number => [...some].filter(replica => replica < replicas).length
  const before = i32(health.lost, index)
  health.lost[index] = within(condition.lost)
  health.dark[index] = within(condition.dark)
  health.reachable[index] = replicas - within(new Set([...condition.lost, ...condition.drained]))
  health.open[index] = !condition.closed && i32(health.reachable, index) > 0 ? 1 : 0
  health.errors[index] = condition.errors
  health.cap[index] = condition.cap
  network.slowdown[index] = condition.slowdown
  network.limit[index] = condition.lostRdma ? withoutRdma.value * pool.chipsPerReplica : Infinity
  return i32(health.lost, index) - before
}

/** Loses replicas, lets them stand or come back; returns the requests that they had. */
function setHealth(fleet: FleetState, pool: PoolState, { lost, stuck }: Condition, time: number): number[] {
  const evacuated: number[] = []
  for (let i = 0; i < pool.replicas; i++) {
    const replica = pool.first + i
    const wanted = lost.has(i) ? LOST : stuck.has(i) ? STUCK : SOUND
    if (int(fleet.replicas, HEALTH, replica) === wanted) continue
    // what was stuck is restarted
    if (wanted === LOST || int(fleet.replicas, HEALTH, replica) === STUCK)
      evacuated.push(...lose(fleet, pool, replica, time))
    if (wanted !== LOST && int(fleet.replicas, HEALTH, replica) === LOST) restore(fleet, replica, time)
    if (wanted === STUCK) freeze(fleet, pool, replica, time)
  }
  return evacuated
}

function setMembers(fleet: FleetState, pool: PoolState, { lost, drained }: Condition): void {
  const picker = fleet.pickers[pool.index] as PickerState
  const members: number[] = []
  for (let i = 0; i < pool.replicas; i++) if (!lost.has(i) && !drained.has(i)) members.push(i)
  const same =
    members.length === picker.replicas &&
    members.every((member, i) => member === (picker.members === null ? i : i32(picker.members, i)))
  if (!same) chooseFrom(picker, members, fleet.replicas.outstanding)
}

function setClocks(fleet: FleetState, pool: PoolState, { clock, clocks, cap }: Condition, time: number): void {
  const { health, replicas } = fleet
  for (let i = 0; i < pool.replicas; i++) {
    replicas.clock[pool.first + i] = Math.min(clock, clocks.get(i) ?? 1)
  }
  const throttled = clock < 1 || clocks.size > 0 || cap < Infinity
  if (!throttled && health.throttled[pool.index] === 0) return
  health.throttled[pool.index] = throttled ? 1 : 0
  followClocks(fleet, pool, throttled ? recentActivity(fleet, pool) : idle, time)
}

/** What a pool did over the window: shares of the time of its replicas. */
function recentActivity({ telemetry }: FleetState, { index, replicas }: PoolState): PoolActivity {
  const time = replicas * windowLength(telemetry)
  const mean = (counter: PoolCounter): number => (time > 0 ? poolGrowth(telemetry, counter, index) / time : 0)
  return { busy: mean('busy'), compute: mean('compute'), memory: mean('memory'), steps: mean('steps') }
}

function setTraining(simulation: Simulation, pool: PoolState, time: number, saves: boolean): void {
  const { fleet } = simulation
  trainUntil(simulation, pool, time)
  for (let flow = pool.firstFlow; flow < pool.firstFlow + pool.flows; flow++) {
    const job = fleet.training[flow]
    if (!job) continue
    job.pace = 1 / worstSlowdown(fleet, pool)
    resize(fleet, flow, i32(fleet.health.reachable, pool.index), time, saves)
  }
}
