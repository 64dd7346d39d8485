import { f64 } from '../columns'
import type { PoolState } from '../serving/pool'
import { timeOf, type Simulation } from '../simulation'
import { checkFault, replicasOfNode, type Fault } from './fault'
import { takeFailure } from './failures'
import type { Trouble } from './fault-state'
import { load } from './loading'
import { arriveMoves } from './moves'
import { settlePools } from './settle'

/** A fault befalls a run now; throws if it cannot, or if one of that name is under way. */
export function inject(simulation: Simulation, fault: Fault): void {
  const { scenario, faults } = simulation
  const refusal = checkFault(scenario.fleet, fault)
  if (refusal)
    throw new Error(`fault ${fault.id}: ${refusal.field}: ${String(refusal.value)}, expected ${refusal.expected}`)
  if (faults.active.some(trouble => trouble.fault.id === fault.id)) {
    throw new Error(`fault ${fault.id}: one of this name is under way`)
  }
  const changed = new Set<number>()
  begin(simulation, fault, timeOf(simulation), changed)
  settlePools(simulation, changed, timeOf(simulation))
}

/** Ends a fault now, what was lost then loads its weights; returns whether one of that name was under way. */
export function clear(simulation: Simulation, id: string): boolean {
  const trouble = simulation.faults.active.find(({ fault }) => fault.id === id)
  if (!trouble) return false
  const changed = new Set<number>()
  end(simulation, trouble, timeOf(simulation), changed)
  settlePools(simulation, changed, timeOf(simulation))
  return true
}

/** Lets everything happen that is due by a time [s], the start of a tick. */
export function passTime(simulation: Simulation, time: number): void {
  const { faults, fleet } = simulation
  const changed = new Set<number>()
  for (const trouble of faults.active.filter(({ end }) => end <= time)) end(simulation, trouble, time, changed)
  const evacuated = arriveMoves(simulation, time, changed)
  while ((faults.scheduled[0]?.at ?? Infinity) <= time) {
    const fault = faults.scheduled.shift()
    if (fault) begin(simulation, fault, time, changed)
  }
  for (const pool of fleet.pools) {
    while (f64(faults.next, pool.index) <= time) begin(simulation, takeFailure(faults, pool), time, changed)
  }
  settlePools(simulation, changed, time, evacuated)
}

function begin({ faults, fleet }: Simulation, fault: Fault, time: number, changed: Set<number>): void {
  const pool = 'pool' in fault ? fleet.pools.find(({ id }) => id === fault.pool) : undefined
  faults.active.push({
    fault,
    pool: pool?.index ?? -1,
    replicas: pool ? replicasOf(fault, pool) : [],
    end: time + (fault.duration ?? Infinity),
  })
  if (pool) changed.add(pool.index)
}

function end(simulation: Simulation, trouble: Trouble, time: number, changed: Set<number>): void {
  const { faults, fleet } = simulation
  const { fault, pool, replicas } = trouble
  faults.active = faults.active.filter(other => other !== trouble)
  const of = fleet.pools[pool]
  if (!of) return
  changed.add(pool)
  if (fault.kind === 'chip-loss' || fault.kind === 'node-loss' || fault.kind === 'stuck') {
    load(simulation, of, replicas, fault.id, time)
  }
}

function replicasOf(fault: Fault, pool: PoolState): number[] {
  if (fault.kind === 'node-loss') return replicasOfNode(pool, pool.chipsPerReplica, pool.slots, fault.node)
  return 'replica' in fault && fault.replica !== undefined ? [fault.replica] : []
}
