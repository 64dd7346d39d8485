/** Time that has passed, whatever somebody does to the clock of the machine, asleep or awake. */

/**
 * Milliseconds since it was made. Two clocks are read, and what has passed is what the one that went further says: the
 * wall clock may be set back, the other may stand still while the machine sleeps. Ages come out too old rather than too young.
 */
export function createElapsed(
  wall: () => number = () => Date.now(),
  steady: () => number = () => performance.now(),
): () => number {
  let before = { wall: wall(), steady: steady() }
  let total = 0
  return () => {
    const now = { wall: wall(), steady: steady() }
    total += Math.max(0, now.wall - before.wall, now.steady - before.steady)
    before = now
    return total
  }
}
