import { f64, i32 } from '../columns'
import type { Replicas } from './replicas'

/** Time of the first steps of the leap under way [s]: each takes `slope` longer than the one before. */
export function leapTime(replicas: Replicas, replica: number, steps: number): number {
  return f64(replicas.base, replica) * steps + (f64(replicas.slope, replica) * steps * (steps - 1)) / 2
}

/** Steps of the leap under way that have ended by a time. */
export function stepsWithin(replicas: Replicas, replica: number, time: number): number {
  const passed = time - f64(replicas.start, replica)
  const leap = i32(replicas.leap, replica)
  const slope = f64(replicas.slope, replica)
  // positive root of slope/2 · n² + (base − slope/2) · n = passed, in the form that does not cancel
  const linear = f64(replicas.base, replica) - slope / 2
  const root = (2 * passed) / (linear + Math.sqrt(linear * linear + 2 * slope * passed))
  let steps = Math.min(leap, Math.floor(root))
  while (steps < leap && leapTime(replicas, replica, steps + 1) <= passed) steps++
  while (steps > 0 && leapTime(replicas, replica, steps) > passed) steps--
  return steps
}

/** Ends a leap with the step that is under way at a time, or so many steps later. */
export function cutLeap(replicas: Replicas, replica: number, time: number, later = 0): void {
  let steps = stepsWithin(replicas, replica, time) + later
  if (leapTime(replicas, replica, steps - later) < time - f64(replicas.start, replica)) steps++
  steps = Math.max(1, steps)
  if (steps >= i32(replicas.leap, replica)) return
  replicas.leap[replica] = steps
  replicas.until[replica] = f64(replicas.start, replica) + leapTime(replicas, replica, steps)
}
