import type { Figure, Frame } from '../../simulation/index'
import { metricsOf } from './check'
import { timedToFirstToken, type Evidence } from './metrics'
import type { Guard } from './plan'

/**
 * Guards judge by the newest seconds [s], so that harm is all that they see within four of it; the 15 s of a frame would
 * dilute it for as long.
 */
export const judgeWindow = 3

/** What guards are judged by, after a frame. */
export interface Sight {
  time: number
  /**
   * Figures of the newest seconds, and of the whole window of a frame: where too few requests left in the first, the second
   * tells. Their pools are those of the places.
   */
  newest: Frame
  window: Frame
  /** Requests that wait for their first token for longer than so many seconds. */
  overdue: (guard: Guard, limit: number) => number
  /** Requests of the changed workloads that the pools which gain have finished since the start of the run. */
  finished: number
}

/** Ids of workloads and pools in the order of the columns of frames. */
export interface Places {
  workloads: readonly string[]
  pools: readonly string[]
}

export interface Verdict {
  state: 'fine' | 'breach' | 'unknown'
  value: Figure
  /** What it is held against; `null` where there was no figure before. */
  limit: Figure
  /** What the figure is made of, as far as it is made of requests. */
  samples: number | null
}

/** The figure that a guard watches. */
export function figureOf(frame: Frame, { workload, pool, metric }: Guard, places: Places): Figure {
  if (workload !== undefined) return at(frame.workloads, metric, places.workloads.indexOf(workload))
  if (pool !== undefined) return at(frame.pools, metric, places.pools.indexOf(pool))
  const figures: Readonly<Record<string, Figure>> = frame.fleet
  return figures[metric] ?? null
}

/** Holds a guard against what is seen; `before` is its figure before the first step. */
export function judge(guard: Guard, sight: Sight, before: Figure, places: Places): Verdict {
  const { above, below, against, samples: least } = guard
  const bound = above ?? below ?? 0
  const limit = against === 'limit' ? bound : before === null ? null : before * bound
  const enough = [sight.newest, sight.window].find(frame => samplesOf(frame, guard, places) >= least)
  const value = figureOf(enough ?? sight.window, guard, places)
  const counted = samplesOf(enough ?? sight.window, guard, places)
  const samples = Number.isFinite(counted) ? counted : null
  if (limit === null) return { state: 'unknown', value, limit, samples }
  if (above !== undefined && waitsTooLong(guard, sight, limit, places))
    return { state: 'breach', value: Math.max(limit, value ?? 0), limit, samples }
  if (!enough || value === null) return { state: 'unknown', value, limit, samples }
  const breach = above !== undefined ? value > limit : value < limit
  return { state: breach ? 'breach' : 'fine', value, limit, samples }
}

/** Whether those that still wait are so many that the percentile will be past its limit whatever the others do. */
function waitsTooLong(guard: Guard, sight: Sight, limit: number, places: Places): boolean {
  const part = [0.5, 0.05, 0.01][timedToFirstToken.indexOf(guard.metric)]
  if (part === undefined) return false
  const waiting = sight.overdue(guard, limit)
  const all = waiting + samplesOf(sight.newest, guard, places)
  return all >= Math.max(1, guard.samples) && waiting > part * all
}

function samplesOf(frame: Frame, guard: Guard, places: Places): number {
  const evidence = evidenceOf(guard)
  if (evidence === 'none') return Infinity
  const count = (metric: string): number => figureOf(frame, { ...guard, metric }, places) ?? 0
  if (evidence === 'ttft') return count('ttftCount')
  if (evidence === 'itl') return count('itlCount')
  return Math.round((count('finished') + count('rejected') + count('cancelled')) * frame.window)
}

function evidenceOf(guard: Guard): Evidence {
  const metrics: Readonly<Record<string, Evidence>> = metricsOf(guard)
  return metrics[guard.metric] ?? 'none'
}

function at(columns: Readonly<Record<string, readonly Figure[]>>, metric: string, row: number): Figure {
  return columns[metric]?.[row] ?? null
}

/** Units of figures that are no time, share or count. */
const units: Readonly<Record<string, string>> = { power: ' W', energyPerToken: ' J/token', costPerMtok: ' $/Mtok' }

const shares = /^(attainment|saturation|busy|kvUse|available|drained|prefixHitRate|\w+Utilisation|\w+Coverage)$/

/** "ttftP95 of chat 2.31 s, limit 0.8 s", "saturation of h200-chat 99.5 %, limit 95 %". */
export function describeBreach({ metric, workload, pool }: Guard, { value, limit }: Verdict): string {
  const unit = /P\d\d/.test(metric) ? ' s' : shares.test(metric) ? ' %' : (units[metric] ?? '')
  const scale = unit === ' %' ? 100 : 1
  const number = (figure: Figure): string =>
    figure === null ? 'unknown' : `${Number((figure * scale).toPrecision(3))}${unit}`
  return `${metric} of ${workload ?? pool ?? 'the fleet'} ${number(value)}, limit ${number(limit)}`
}
