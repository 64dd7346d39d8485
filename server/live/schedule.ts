import type { Lateness } from './messages'

export const frameIntervalMs = 250
/** Beyond this lateness the schedule is moved and the loss counted. */
const mostBehindMs = 5000

/**
 * When frames are due on the wall clock: a fixed grid, so that lateness never adds up unseen. Late frames follow one
 * another as fast as they can be computed until they are on the grid again; what is more than 5 s late moves the grid.
 */
export interface Schedule {
  /** The next frame is due [ms]. */
  due: number
  /** Of the newest frame. */
  behindMs: number
  lostMs: number
}

export function createSchedule(now: number): Schedule {
  return { due: now + frameIntervalMs, behindMs: 0, lostMs: 0 }
}

/** Notes that the frame that was due is there. */
export function tick(schedule: Schedule, now: number): Lateness {
  const late = Math.max(0, now - schedule.due)
  const moved = Math.max(0, late - mostBehindMs)
  schedule.behindMs = late - moved
  schedule.lostMs += moved
  schedule.due += moved + frameIntervalMs
  // a frame within its own interval is in time
  const behind = schedule.behindMs < frameIntervalMs ? 0 : schedule.behindMs
  return { behind: tenths(behind), lost: tenths(schedule.lostMs) }
}

/** Starts the grid anew after a rest. */
export function restart(schedule: Schedule, now: number): void {
  schedule.due = now + frameIntervalMs
  schedule.behindMs = 0
}

function tenths(ms: number): number {
  return Math.round(ms / 100) / 10
}
