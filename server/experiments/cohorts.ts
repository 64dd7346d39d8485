import type { Workload } from '../../simulation/index'

/** Times at which a workload's requests become others: the warm-up is over, a stage begins; ascending [s]. */
export function cohortsOf({ arrivals }: Workload, warmup: number): number[] {
  if (arrivals === null || arrivals.kind === 'closed') return []
  const times = [warmup, ...stagesOf(arrivals).map(({ start }) => start)]
  return [...new Set(times)].filter(time => time > 0).sort((a, b) => a - b)
}

/** A stage of arrivals and its requests: the cohorts, counted from 0, and the seconds in which they come. */
export interface StageCohorts {
  cohorts: number[]
  seconds: number
}

/** What of each stage comes after the warm-up. */
export function stageCohorts(workload: Workload, warmup: number): StageCohorts[] {
  const { arrivals } = workload
  if (arrivals === null) return []
  return stagesOf(arrivals).map(({ start, end }) => ({
    cohorts: end > start ? cohortsBetween(workload, Math.max(start, warmup), end, warmup) : [],
    seconds: Math.max(0, end - Math.max(start, warmup)),
  }))
}

/** Cohorts whose requests come from one time on, up to another [s]. */
export function cohortsBetween(workload: Workload, from: number, to: number, warmup: number): number[] {
  return [0, ...cohortsOf(workload, warmup)].flatMap((start, cohort) => (start >= from && start < to ? [cohort] : []))
}

function stagesOf(arrivals: NonNullable<Workload['arrivals']>): { start: number; end: number }[] {
  if (!('stages' in arrivals)) return []
  let end = 0
  return arrivals.stages.map(({ duration }) => {
    const start = end
    end += duration
    return { start, end }
  })
}
