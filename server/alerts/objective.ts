import type { Figure, Fleet } from '../../simulation/index'
import { countedSince, type Tape } from './tape'

/** What part of the requests of a workload is to meet its objectives over a rolling period [s]. */
export interface Objective {
  workload: string
  target: number
  period: number
}

/** A day of simulated time, unless somebody says otherwise. */
export const usualPeriod = 86_400
const usualTarget = 0.99
/** The windows below are those of a period of thirty days, and shrink with it. */
const fullPeriod = 30 * 86_400
/** With fewer requests a window tells nothing. */
const leastRequests = 20

/** Seconds of the windows of Google's SRE workbook, chapter 5. */
const windows = [300, 1800, 3600, 7200, 21_600, 86_400, 259_200] as const

/** Pairs of windows of the same chapter: where both burn faster than the limit, it is an alert. Fastest first. */
export const burnPairs = [
  { metric: 'burnFastest', short: 300, long: 3600, above: 14.4 },
  { metric: 'burnFast', short: 1800, long: 21_600, above: 6 },
  { metric: 'burnSlow', short: 7200, long: 86_400, above: 3 },
  { metric: 'burnSlowest', short: 21_600, long: 259_200, above: 1 },
] as const

/** How an objective stands. */
export interface Standing extends Objective {
  /** Of the period so far: part that met the objectives, and of how many. */
  attainment: Figure
  requests: number
  /** Budgets of a period that are used up per period, at the speed of the newest seconds; null where too little is known. */
  burns: { seconds: number; rate: Figure }[]
  /** By pair the slower of its two. */
  pairs: { metric: string; short: number; long: number; above: number; rate: Figure }[]
  /** Part of the error budget of a whole period that is left; below 0 where more is spent. */
  left: Figure
  /** Until nothing is left, at the speed of the longer window of the fastest pair [s]; null where that is never. */
  exhaustion: Figure
}

/** Those of the workloads that have any. */
export function usualObjectives({ workloads }: Fleet): Objective[] {
  return workloads.flatMap(({ id, kind, objectives, target = usualTarget }) =>
    kind === 'training' || Object.keys(objectives).length === 0 ? [] : [{ workload: id, target, period: usualPeriod }],
  )
}

/** How an objective stands by what was counted: requests that left in one column of the tape, good ones in the next. */
export function standingOf(objective: Objective, tape: Tape, column: number): Standing {
  const { target, period } = objective
  const now = tape.times.at(-1) ?? 0
  const scale = Math.min(1, period / fullPeriod)
  const burns = windows.map(window => ({ seconds: window * scale, rate: burnOver(window * scale) }))
  const rateOf = (window: number): Figure => burns[windows.findIndex(each => each === window)]?.rate ?? null
  const whole = countsOver(period)
  const bad = whole.left - whole.good
  // a run younger than the period goes on as it began
  const allowed = (1 - target) * whole.left * Math.max(1, period / Math.max(now, 1e-9))
  const left = allowed > 0 ? 1 - bad / allowed : null
  return {
    ...objective,
    attainment: whole.left > 0 ? whole.good / whole.left : null,
    requests: whole.left,
    burns,
    pairs: burnPairs.map(({ metric, short, long, above }) => ({
      metric,
      short: short * scale,
      long: long * scale,
      above,
      rate: slower(rateOf(short), rateOf(long)),
    })),
    left,
    exhaustion: exhaustionOf(left, rateOf(3600)),
  }

  function countsOver(seconds: number): { left: number; good: number } {
    return {
      left: countedSince(tape, now - seconds, column),
      good: countedSince(tape, now - seconds, column + 1),
    }
  }

  function burnOver(seconds: number): Figure {
    const { left, good } = countsOver(seconds)
    // of a window that the run has not half filled nobody can say how fast it burns
    if (now < seconds / 2 || left < leastRequests) return null
    return (1 - good / left) / (1 - target)
  }

  function exhaustionOf(left: Figure, burn: Figure): Figure {
    if (left === null || left <= 0) return left === null ? null : 0
    return burn !== null && burn > 1 ? (left * period) / burn : null
  }
}

function slower(one: Figure, other: Figure): Figure {
  return one === null || other === null ? null : Math.min(one, other)
}
