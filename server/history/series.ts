import type { Figure } from '../../simulation/index'
import type { History } from '../protocol'
import type { Layout } from './layout'
import { metrics } from './metrics'
import { significant, timeOf, type Row } from './row'

/** A missing point lies so long after the one before [s]. */
const gap = 1e-3

export const seriesGroups = ['fleet', 'families', 'workloads', 'pools'] as const
type SeriesGroup = (typeof seriesGroups)[number]
/** Metrics of each group that are wanted. */
export type Series = Record<SeriesGroup, readonly string[]>

/** Every name that can be asked for: "fleet.goodput", "pools.kvUse". */
export const seriesNames: readonly string[] = seriesGroups.flatMap(group =>
  Object.keys(metrics[group]).map(metric => `${group}.${metric}`),
)

export function seriesOf(names: readonly string[]): Series {
  const wanted = (group: SeriesGroup) =>
    names.flatMap(name => (name.startsWith(`${group}.`) ? [name.slice(group.length + 1)] : []))
  return {
    fleet: wanted('fleet'),
    families: wanted('families'),
    workloads: wanted('workloads'),
    pools: wanted('pools'),
  }
}

/** Where the figures of series stand in a row. */
export function placesOf(layout: Layout, series: Series): number[] {
  return seriesGroups.flatMap(group =>
    series[group].flatMap(metric => {
      const first = layout.columnOf(group, metric)
      return Array.from({ length: layout.members[group] }, (_, member) => first + member)
    }),
  )
}

/** Rows as columns of so many digits; where rows are missing (`null`), a point without figures stands right after the one before. */
export function columnsOf(layout: Layout, rows: readonly (Row | null)[], series: Series, digits: number): History {
  let last = 0
  const time = rows.map(row => (row ? (last = timeOf(row)) : last + gap))
  const column = (at: number): Figure[] => rows.map(row => (row ? significant(row.figures[at] ?? NaN, digits) : null))
  const membersOf = (group: SeriesGroup): Record<string, Figure[]>[] =>
    Array.from({ length: layout.members[group] }, (_, member) =>
      Object.fromEntries(series[group].map(metric => [metric, column(layout.columnOf(group, metric) + member)])),
    )
  return {
    time,
    fleet: membersOf('fleet')[0] ?? {},
    families: membersOf('families'),
    workloads: membersOf('workloads'),
    pools: membersOf('pools'),
  }
}
