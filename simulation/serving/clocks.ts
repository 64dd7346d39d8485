import { f64 } from '../columns'
import type { FleetState } from './fleet-state'
import { slow } from './health'
import type { PoolState } from './pool'
import { cappedClock, slowdownAt, type PoolActivity } from './power'
import { real, SLOWDOWN } from './replicas'

/**
 * Sets the clocks of a pool's replicas by their heat and the cap on their power, as its load asks for now, and how long
 * steps take at these. The load is what was seen at the present clocks; all replicas are taken to work alike.
 */
export function followClocks(fleet: FleetState, pool: PoolState, seen: PoolActivity, time: number): void {
  const { health, replicas } = fleet
  const { index } = pool
  const slowdown = slowdownAt(f64(health.clock, index), f64(health.computePart, index))
  const activity = { ...seen, busy: seen.busy / slowdown }
  if (activity.busy > 0) health.computePart[index] = Math.min(1, activity.compute / activity.busy)
  const cap = f64(health.cap, index)
  if (cap === Infinity || pool.power === null) health.cappedClock[index] = 1
  else if (activity.busy > 0) health.cappedClock[index] = cappedClock(pool.power, activity, cap)
  let sum = 0
  for (let replica = pool.first; replica < pool.first + pool.replicas; replica++) {
    const clock = Math.min(f64(replicas.clock, replica), f64(health.cappedClock, index))
    sum += clock
    slow(fleet, replica, slowdownAt(clock, f64(health.computePart, index)), time)
  }
  health.clock[index] = pool.replicas > 0 ? sum / pool.replicas : 1
}

/** Longest that a step takes on a replica of a pool, in times of what it takes at the full clock. */
export function worstSlowdown({ replicas }: FleetState, pool: PoolState): number {
  let worst = 1
  for (let replica = pool.first; replica < pool.first + pool.replicas; replica++) {
    worst = Math.max(worst, real(replicas, SLOWDOWN, replica))
  }
  return worst
}
