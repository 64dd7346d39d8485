import { BASE, LEAP_STEPS, SLOPE, START, UNTIL, int, real, setInt, setReal } from './replicas'
import type { Replicas } from './replicas'

/** Time of the first steps of the leap under way [s]: each takes `slope` longer than the one before. */
export function leapTime(replicas: Replicas, replica: number, steps: number): number {
  return real(replicas, BASE, replica) * steps + (real(replicas, SLOPE, replica) * steps * (steps - 1)) / 2
}

/** Steps of the leap under way that have ended by a time. */
export function stepsWithin(replicas: Replicas, replica: number, time: number): number {
  const passed = time - real(replicas, START, replica)
  const leap = int(replicas, LEAP_STEPS, replica)
  const slope = real(replicas, SLOPE, replica)
  // positive root of slope/2 · n² + (base − slope/2) · n = passed, in the form that does not cancel
  const linear = real(replicas, BASE, replica) - slope / 2
  const root = (2 * passed) / (linear + Math.sqrt(linear * linear + 2 * slope * passed))
  let steps = Math.min(leap, Math.floor(root))
  while (steps < leap && leapTime(replicas, replica, steps + 1) <= passed) steps++
  while (steps > 0 && leapTime(replicas, replica, steps) > passed) steps--
  return steps
}

/** Ends a leap with the step that is under way at a time, or so many steps later. */
export function cutLeap(replicas: Replicas, replica: number, time: number, later = 0): void {
  let steps = stepsWithin(replicas, replica, time) + later
  if (leapTime(replicas, replica, steps - later) < time - real(replicas, START, replica)) steps++
  steps = Math.max(1, steps)
  if (steps >= int(replicas, LEAP_STEPS, replica)) return
  setInt(replicas, LEAP_STEPS, replica, steps)
  setReal(replicas, UNTIL, replica, real(replicas, START, replica) + leapTime(replicas, replica, steps))
}
