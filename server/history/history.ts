import type { Figure, Frame } from '../../simulation/index'
import { packState, unpackState } from '../live/state'
import type { History } from '../protocol'

/** What charts draw. */
const fleetSeries = [
  'goodput',
  'arrived',
  'attainment',
  'ttftP95',
  'ttftP95Low',
  'ttftP95High',
  'ttftCount',
  'itlP95',
  'itlP95Low',
  'itlP95High',
  'itlCount',
  'costPerMtok',
  'energyPerToken',
  'power',
  'outputTokens',
] as const
const familySeries = [
  'ttftP95',
  'ttftCount',
  'itlP95',
  'itlCount',
  'outputTokens',
  'costPerMtok',
  'energyPerToken',
  'power',
  'saturation',
  'running',
  'waiting',
  'rejected',
] as const
const workloadSeries = [
  'ttftP95',
  'ttftP99',
  'ttftCount',
  'itlP95',
  'itlCount',
  'e2eP95',
  'outputTokens',
  'goodput',
  'attainment',
  'arrived',
  'running',
  'waiting',
  'rejected',
] as const
const poolSeries = [
  'ttftP95',
  'itlP95',
  'outputTokens',
  'power',
  'saturation',
  'waiting',
  'rejected',
  'batch',
  'kvUse',
  'prefixHitRate',
  'preemptions',
] as const

const capacity = 600
/** So many of the newest points are sent as they are, of the older ones every fourth: a screen shows no more. */
const fine = 120
const coarseStep = 4

/** Recent figures, one point per simulated second, or per frame where frames lie further apart. */
export interface HistoryRecord {
  add(frame: Frame): void
  view(): History
  /** All of it, for `createHistory`. */
  save(): ArrayBuffer
}

/**
 * Points lie in one table of fixed size, oldest overwritten first, so that a long run takes no more memory than a short
 * one. A row holds the fleet's series, then by group and series one figure per member; NaN is none.
 */
interface Table {
  times: Float64Array
  figures: Float64Array
  width: number
}

/** Empty, or as it was saved. */
export function createHistory(saved: ArrayBuffer | null = null): HistoryRecord {
  let { table, members, added } = saved ? (unpackState(saved) as Saved) : empty
  let viewed: History | null = null

  return { add, view: () => (viewed ??= view()), save: () => packState({ table, members, added }) }

  function add(frame: Frame): void {
    if (table && added > 0 && frame.time < timeOf(table, added - 1) + 1 - 1e-9) return
    viewed = null
    const row = rowOf(frame)
    if (!table) {
      members = membersOf(frame)
      table = createTable(row.length)
    }
    table.times[added % capacity] = frame.time
    table.figures.set(row, (added % capacity) * table.width)
    added++
  }

  function view(): History {
    const places = shownPoints(added).map(point => point % capacity)
    let column = 0
    const next = (): Figure[] => {
      const at = column++
      return places.map(place => short(table?.figures[place * table.width + at] ?? NaN))
    }
    const group = (series: readonly string[], count: number): Record<string, Figure[]>[] => {
      const rows = Array.from({ length: count }, (): Record<string, Figure[]> => ({}))
      for (const metric of series) for (const row of rows) row[metric] = next()
      return rows
    }
    return {
      time: places.map(place => table?.times[place] ?? NaN),
      fleet: Object.fromEntries(fleetSeries.map(metric => [metric, next()])),
      families: group(familySeries, members.families),
      workloads: group(workloadSeries, members.workloads),
      pools: group(poolSeries, members.pools),
    }
  }
}

interface Saved {
  table: Table | null
  members: { families: number; workloads: number; pools: number }
  added: number
}

const empty: Saved = { table: null, members: { families: 0, workloads: 0, pools: 0 }, added: 0 }

/** Which of the points so far are sent, oldest first. */
function shownPoints(added: number): number[] {
  const first = Math.max(0, added - capacity)
  const fineFrom = added - fine
  return Array.from({ length: added - first }, (_, index) => first + index).filter(
    point => point >= fineFrom || (fineFrom - point) % coarseStep === 0,
  )
}

function createTable(width: number): Table {
  return { times: new Float64Array(capacity), figures: new Float64Array(capacity * width), width }
}

function timeOf({ times }: Table, point: number): number {
  return times[point % capacity] ?? NaN
}

function rowOf({ fleet, families, workloads, pools }: Frame): number[] {
  const figures = [
    fleetSeries.map(metric => fleet[metric]),
    familySeries.flatMap(metric => families[metric]),
    workloadSeries.flatMap(metric => workloads[metric]),
    poolSeries.flatMap(metric => pools[metric]),
  ]
  return figures.flat().map(figure => figure ?? NaN)
}

function membersOf({ families, workloads, pools }: Frame): { families: number; workloads: number; pools: number } {
  return {
    families: families.outputTokens.length,
    workloads: workloads.outputTokens.length,
    pools: pools.outputTokens.length,
  }
}

/** Three significant digits: a chart shows no more. */
function short(figure: number): Figure {
  return Number.isNaN(figure) ? null : Number(figure.toPrecision(3))
}
