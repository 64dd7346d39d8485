/** What guards a change may be given, what they show now, and what is sent of them. Pure. */
import type { Guard } from '../../server/protocol'
import type { Figure, FleetView, Frame, PoolMetric } from '../../simulation/index'

/** A guard as the panel offers it. */
export interface Watch {
  key: string
  /** "Chat p95 TTFT over". */
  words: string
  kind: 'milliseconds' | 'level'
  action: Guard['action']
  of: Pick<Guard, 'metric' | 'workload' | 'pool'>
  side: 'above' | 'below'
  limit: number
}

/** Objectives of the workloads that change, and room to spare in the pools that gain. */
export function watchesFor(view: FleetView, workloads: readonly string[], pools: readonly string[]): Watch[] {
  const changed = view.workloads.filter(({ id, kind }) => workloads.includes(id) && kind !== 'training')
  return [
    ...changed.flatMap(({ id, name, objectives }): Watch[] => {
      const timed = { kind: 'milliseconds', action: 'roll-back', side: 'above' } as const
      return [
        ...(objectives.ttft === undefined
          ? []
          : [
              {
                ...timed,
                key: `${id} ttft`,
                words: `${name} p95 TTFT over`,
                of: { workload: id, metric: 'ttftP95' },
                limit: objectives.ttft,
              },
            ]),
        ...(objectives.tpot === undefined
          ? []
          : [
              {
                ...timed,
                key: `${id} tpot`,
                words: `${name} p95 TPOT over`,
                of: { workload: id, metric: 'tpotP95' },
                limit: objectives.tpot,
              },
            ]),
        ...(objectives.e2e === undefined
          ? []
          : [
              {
                ...timed,
                key: `${id} e2e`,
                words: `${name} p95 latency over`,
                of: { workload: id, metric: 'e2eP95' },
                limit: objectives.e2e,
              },
            ]),
      ]
    }),
    {
      key: 'attainment',
      words: 'Attainment under',
      kind: 'level',
      action: 'roll-back',
      of: { metric: 'attainment' },
      side: 'below',
      limit: 0.9,
    },
    ...pools.map((id): Watch => ({
      key: `${id} saturation`,
      words: `${id} saturation over`,
      kind: 'level',
      action: 'hold',
      of: { pool: id, metric: 'saturation' },
      side: 'above',
      limit: 0.95,
    })),
  ]
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

/** Whether a figure is past a limit. */
export function isPast(figure: Figure, side: Watch['side'], limit: number): boolean {
  return figure !== null && (side === 'above' ? figure > limit : figure < limit)
}

export function guardOf({ action, of, side, limit }: Watch): Guard {
  return { action, ...of, [side]: limit, against: 'limit', samples: 20 }
}

/** "p95 TTFT of Chat"; a figure without a name of its own is called as in frames. */
export function nameOf(view: FleetView, { metric, workload, pool }: Guard): string {
  const percentile = /^(ttft|itl|tpot|e2e)P(\d\d)$/.exec(metric)
  const what = percentile
    ? `p${percentile[2]} ${percentile[1] === 'e2e' ? 'latency' : percentile[1]?.toUpperCase()}`
    : metric
  const whose = pool ?? view.workloads.find(({ id }) => id === workload)?.name
  return whose === undefined ? what : `${what} of ${whose}`
}

/** How a figure of frames is shown; `null` for a bare number. */
export function kindOf(metric: string): 'latency' | 'level' | 'power' | 'costPerMtok' | null {
  if (/^(ttft|itl|tpot|e2e)P\d\d/.test(metric)) return 'latency'
  if (/^(attainment|saturation|busy|kvUse|available|prefixHitRate)$/.test(metric)) return 'level'
  if (/^(power|idlePower)$/.test(metric)) return 'power'
  return metric === 'costPerMtok' ? 'costPerMtok' : null
}
