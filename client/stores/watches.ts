/** What guards a change may be given, what they show now, and what is sent of them. Pure. */
import { baseUnit, round, text, unknown } from '../format'
import type { Guard } from '../../server/protocol'
import type { Figure, FleetView, Frame, PoolMetric } from '../../simulation/index'

/** A guard as the panel offers it, or as somebody made it. */
export interface Watch extends Pick<Guard, 'action' | 'against' | 'samples'> {
  key: string
  of: Pick<Guard, 'metric' | 'workload' | 'pool'>
  side: 'above' | 'below'
  /** In the base unit of the figure, or a factor of it before the first step. */
  limit: number
}

/** Objectives of the workloads that change, and room to spare in the pools that gain. */
export function watchesFor(view: FleetView, workloads: readonly string[], pools: readonly string[]): Watch[] {
  const changed = view.workloads.filter(({ id, kind }) => workloads.includes(id) && kind !== 'training')
  const usual = { against: 'limit', samples: 20 } as const
  return [
    ...changed.flatMap(({ id, objectives }) =>
      (['ttft', 'tpot', 'e2e'] as const).flatMap((name): Watch[] => {
        const limit = objectives[name]
        if (limit === undefined) return []
        const of = { workload: id, metric: `${name}P95` }
        return [{ ...usual, key: `${id} ${name}`, action: 'roll-back', of, side: 'above', limit }]
      }),
    ),
    { ...usual, key: 'attainment', action: 'roll-back', of: { metric: 'attainment' }, side: 'below', limit: 0.9 },
    ...pools.map((id): Watch => ({
      ...usual,
      key: `${id} saturation`,
      action: 'hold',
      of: { pool: id, metric: 'saturation' },
      side: 'above',
      limit: 0.95,
    })),
  ]
}

/** Figures that a guard may watch of the fleet, a workload or a pool, by their names in frames. */
export function metricsOf(frame: Frame, { workload, pool }: Pick<Guard, 'workload' | 'pool'>): string[] {
  const columns = workload !== undefined ? frame.workloads : pool !== undefined ? frame.pools : frame.fleet
  return Object.keys(columns).sort((one, other) => metricName(one).localeCompare(metricName(other)))
}

/** What a watch shows now; a frame has no figures of some pools. */
export function presentOf(
  view: FleetView,
  { frame, poolFigure }: { frame: Frame | null; poolFigure: (index: number, metric: PoolMetric) => Figure },
  { workload, pool, metric }: Watch['of'],
): Figure {
  if (!frame) return null
  const columns: Readonly<Record<string, readonly Figure[]>> = frame.workloads
  const figures: Readonly<Record<string, Figure>> = frame.fleet
  const place = pool === undefined ? -1 : view.pools.findIndex(({ id }) => id === pool)
  if (pool !== undefined) return place < 0 ? null : poolFigure(place, metric as PoolMetric)
  if (workload !== undefined) return columns[metric]?.[view.workloads.findIndex(({ id }) => id === workload)] ?? null
  return figures[metric] ?? null
}

/** Whether a figure is past the limit of a watch; before any step it is itself the state before. */
export function isPast(figure: Figure, { side, limit, against }: Pick<Watch, 'side' | 'limit' | 'against'>): boolean {
  if (figure === null) return false
  const bound = against === 'before' ? figure * limit : limit
  return side === 'above' ? figure > bound : figure < bound
}

export function guardOf({ action, of, side, limit, against, samples }: Watch): Guard {
  return { action, ...of, [side]: limit, against, samples }
}

/** "p95 TTFT of Chat above". */
export function wordsOf(view: FleetView, { of, side }: Pick<Watch, 'of' | 'side'>): string {
  return `${nameOf(view, of)} ${side}`
}

/** "p95 TTFT of Chat". */
export function nameOf(view: FleetView, { metric, workload, pool }: Watch['of']): string {
  const whose = pool ?? view.workloads.find(({ id }) => id === workload)?.name
  return whose === undefined ? metricName(metric) : `${metricName(metric)} of ${whose}`
}

const called: Readonly<Record<string, string>> = { costPerMtok: 'cost per Mtok', kvUse: 'KV use' }

/** "p95 TTFT"; a figure without a name of its own is called as in frames, in words. */
export function metricName(metric: string): string {
  const percentile = /^(ttft|itl|tpot|e2e)P(\d\d)(Low|High)?$/.exec(metric)
  if (!percentile) return called[metric] ?? metric.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
  const [, what, rank, end] = percentile
  const bound = end === undefined ? '' : `, ${end.toLowerCase()} end`
  return `p${rank} ${what === 'e2e' ? 'latency' : what?.toUpperCase()}${bound}`
}

/** How a figure of frames is shown; `null` for a bare number. */
export function kindOf(metric: string): 'latency' | 'level' | 'power' | 'costPerMtok' | 'energy' | null {
  if (/^(ttft|itl|tpot|e2e)P\d\d/.test(metric)) return 'latency'
  if (/^(attainment|saturation|busy|kvUse|available|drained|prefixHitRate|\w+Utilisation|\w+Coverage)$/.test(metric))
    return 'level'
  if (/^(power|idlePower)$/.test(metric)) return 'power'
  if (metric === 'energyPerToken') return 'energy'
  return metric === 'costPerMtok' ? 'costPerMtok' : null
}

export function figureText(metric: string, figure: Figure): string {
  const kind = kindOf(metric)
  if (kind) return text(kind, figure)
  return figure === null ? unknown : round(figure)
}

/** What a limit is typed in, and how much of the base unit one of it is. */
export function limitUnit({ of: { metric }, against }: Pick<Watch, 'of' | 'against'>): { unit: string; scale: number } {
  if (against === 'before') return { unit: '× before', scale: 1 }
  const kind = kindOf(metric)
  if (kind === 'latency') return { unit: 'ms', scale: 1e-3 }
  if (kind === 'level') return { unit: '%', scale: 1e-2 }
  return { unit: kind ? baseUnit(kind) : '', scale: 1 }
}
