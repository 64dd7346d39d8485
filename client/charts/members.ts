/** Who has a line in a chart: families, workloads or pools that the filter leaves, each with its column of the history. */
import { framedPools, type Family, type FleetView } from '../../simulation/index'
import type { RunHistory } from '../stores/history'
import type { Grouping, Subject } from './subjects'

/** Those that charts and lists are narrowed to; `null` is all. */
export interface Filter {
  families: readonly Family[] | null
  workloads: readonly string[] | null
}

export const everything: Filter = { families: null, workloads: null }

export interface Member {
  id: string
  name: string
  /** `null` where it is of no family: a workload, the fleet. */
  family: Family | null
  /** Among all of its kind; its dash follows from it where it has no family. */
  rank: number
  values: Float64Array
  /** Samples behind each value. */
  counts: Float64Array | null
  /** 95 % interval. */
  interval: { low: Float64Array; high: Float64Array } | null
}

export function membersOf(
  subject: Subject,
  by: Grouping,
  { fleet, history, filter }: { fleet: FleetView; history: RunHistory; filter: Filter },
): Member[] {
  const column = columnOf(history)
  const shown = shownIn(fleet, filter)
  const member = (id: string, name: string, family: Family | null, index: number): Member => ({
    id,
    name,
    family,
    rank: index,
    values: column(by, subject.by, index) ?? new Float64Array(history.time.length).fill(NaN),
    counts: column(by, subject.samples?.by ?? {}, index),
    interval: by === 'fleet' ? intervalOf(subject, history) : null,
  })
  switch (by) {
    case 'family':
      return fleet.families.flatMap(({ id, name }, index) =>
        shown.families.has(index) ? member(id, name, id, index) : [],
      )
    case 'workload':
      return fleet.workloads.flatMap(({ id, name }, index) =>
        shown.workloads.has(index) ? member(id, name, null, index) : [],
      )
    case 'pool':
      // of no others is there a history
      return fleet.pools.flatMap(({ id, family }, index) =>
        shown.pools.has(index) && index < framedPools ? member(id, id, fleet.families[family]?.id ?? null, index) : [],
      )
    case 'fleet':
      return [member('fleet', 'Fleet', null, 0)]
  }
}

/** What is left of a fleet, by index. A family is left with the pools that can serve a workload that is, and the other way round. */
export function shownIn(fleet: FleetView, { families, workloads }: Filter) {
  const wanted = fleet.flows.filter(({ workload, pool }) => {
    const family = fleet.families[fleet.pools[pool]?.family ?? -1]?.id
    const id = fleet.workloads[workload]?.id
    return (!families || (family && families.includes(family))) && (!workloads || (id && workloads.includes(id)))
  })
  const all = !families && !workloads
  return {
    pools: new Set(all ? fleet.pools.keys() : wanted.map(({ pool }) => pool)),
    workloads: new Set(all ? fleet.workloads.keys() : wanted.map(({ workload }) => workload)),
    families: new Set(all ? fleet.families.keys() : wanted.map(({ pool }) => fleet.pools[pool]?.family ?? -1)),
  }
}

function columnOf(history: RunHistory) {
  return (by: Grouping, series: Subject['by'], index: number): Float64Array | null => {
    if (by === 'family' && series.family) return history.family(index, series.family)
    if (by === 'workload' && series.workload) return history.workload(index, series.workload)
    if (by === 'pool' && series.pool) return history.pool(index, series.pool)
    if (by === 'fleet' && series.fleet) return history.fleet(series.fleet)
    return null
  }
}

function intervalOf({ interval }: Subject, history: RunHistory): Member['interval'] {
  return interval ? { low: history.fleet(interval.low), high: history.fleet(interval.high) } : null
}
