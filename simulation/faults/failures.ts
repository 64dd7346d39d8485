import { chipsPerHost } from '../catalog/storage'
import { addI32, f64, i32 } from '../columns'
import { exponential, integer, uniform, type Stream } from '../random'
import type { PoolState } from '../serving/pool'
import { nodesOf, type Fault } from './fault'
import type { FaultState } from './fault-state'
import { reliability } from './reliability'

/** Draws when the next chip or node of a pool fails after a time [s]. */
export function drawFailure(faults: FaultState, pool: PoolState, time: number): void {
  const rate = faults.rate * (chipRate(pool) + hostRate(pool))
  const stream = faults.streams[pool.index] as Stream
  faults.next[pool.index] = rate > 0 ? time + exponential(stream) / rate : Infinity
}

/** What fails in a pool now, for how long; the next failure is drawn. */
export function takeFailure(faults: FaultState, pool: PoolState): Fault {
  const stream = faults.streams[pool.index] as Stream
  addI32(faults.drawn, pool.index, 1)
  const ofChip = uniform(stream) * (chipRate(pool) + hostRate(pool)) < chipRate(pool)
  const place = integer(stream, ofChip ? pool.replicas : nodesOf(pool, pool.chipsPerReplica, pool.replicas))
  const common = {
    id: `${pool.id} failure ${i32(faults.drawn, pool.index)}`,
    pool: pool.id,
    duration: exponential(stream) * reliability.repair.value,
  }
  drawFailure(faults, pool, f64(faults.next, pool.index))
  return ofChip ? { ...common, kind: 'chip-loss', replica: place } : { ...common, kind: 'node-loss', node: place }
}

/** Failures of chips, and of hosts with all chips they have, by the second. */
function chipRate({ replicas, chipsPerReplica }: PoolState): number {
  return (replicas * chipsPerReplica) / reliability.chip.value
}

function hostRate({ replicas, chipsPerReplica }: PoolState): number {
  return (replicas * chipsPerReplica) / (chipsPerHost * reliability.host.value)
}
