import type { Pace } from '../protocol'

const leastIntervalMs = 1000
/** A lateness that differs by less is not worth telling [s]. */
const smallest = 0.2

/** Tells of the pace when it changes enough to matter: at once of speed and pause, at most once a second of lateness. */
export function createPaceTeller(tell: (pace: Pace) => void, now: () => number): (pace: Pace) => void {
  let told: Pace | null = null
  let toldAt = -Infinity
  return pace => {
    const switched = told === null || told.speed !== pace.speed || told.paused !== pace.paused
    const recovered = told !== null && told.behind > 0 && pace.behind === 0
    const differs = told === null || Math.abs(told.behind - pace.behind) >= smallest || told.lost !== pace.lost
    if (!switched && ((!differs && !recovered) || now() - toldAt < leastIntervalMs)) return
    told = pace
    toldAt = now()
    tell(pace)
  }
}
