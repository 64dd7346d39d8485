import type { Figure, Frame } from '../../simulation/index'
import type { History } from '../protocol'

/** What charts draw. */
const fleetSeries = [
  'goodput',
  'arrived',
  'attainment',
  'ttftP95',
  'itlP95',
  'costPerMtok',
  'energyPerToken',
  'power',
  'outputTokens',
] as const
const familySeries = ['ttftP95', 'itlP95', 'outputTokens', 'costPerMtok', 'power', 'saturation'] as const
const workloadSeries = ['ttftP95', 'itlP95', 'outputTokens', 'goodput', 'attainment', 'arrived'] as const
const poolSeries = ['ttftP95', 'itlP95', 'outputTokens', 'power', 'saturation'] as const

const capacity = 600
/** So many of the newest points are sent as they are, of the older ones every fourth: a screen shows no more. */
const fine = 120
const coarseStep = 4

/** Recent figures, one point per simulated second, or per frame where frames lie further apart. */
export interface HistoryRecord {
  add(frame: Frame): void
  view(): History
}

type Point = Pick<Frame, 'time'> & Record<'fleet', Row<typeof fleetSeries>> & Groups
interface Groups {
  families: Row<typeof familySeries, Figure[]>
  workloads: Row<typeof workloadSeries, Figure[]>
  pools: Row<typeof poolSeries, Figure[]>
}
type Row<Series extends readonly string[], Value = Figure> = Record<Series[number], Value>

export function createHistory(): HistoryRecord {
  let points: Point[] = []
  let viewed: History | null = null

  return { add, view: () => (viewed ??= view()) }

  function add(frame: Frame): void {
    const last = points.at(-1)
    if (last && frame.time < last.time + 1 - 1e-9) return
    viewed = null
    points.push({
      time: frame.time,
      fleet: pick(frame.fleet, fleetSeries),
      families: pick(frame.families, familySeries),
      workloads: pick(frame.workloads, workloadSeries),
      pools: pick(frame.pools, poolSeries),
    })
    // cut seldom, so that adding stays cheap
    if (points.length >= capacity * 2) points = points.slice(-capacity)
  }

  function view(): History {
    const kept = points.slice(-capacity)
    const coarse = kept.length - fine
    const shown = kept.filter((_, index) => index >= coarse || (coarse - index) % coarseStep === 0)
    return {
      time: shown.map(({ time }) => time),
      fleet: Object.fromEntries(fleetSeries.map(metric => [metric, shown.map(({ fleet }) => short(fleet[metric]))])),
      families: columns(
        familySeries,
        shown.map(({ families }) => families),
      ),
      workloads: columns(
        workloadSeries,
        shown.map(({ workloads }) => workloads),
      ),
      pools: columns(
        poolSeries,
        shown.map(({ pools }) => pools),
      ),
    }
  }
}

function columns<Metric extends string>(
  series: readonly Metric[],
  rows: Record<Metric, Figure[]>[],
): Record<string, Figure[]>[] {
  const first = series[0]
  const count = (first && rows[0]?.[first].length) ?? 0
  return Array.from({ length: count }, (_, index) =>
    Object.fromEntries(series.map(metric => [metric, rows.map(row => short(row[metric][index] ?? null))])),
  )
}

function pick<Metric extends string, Value>(
  from: Record<Metric, Value>,
  series: readonly Metric[],
): Record<Metric, Value> {
  return Object.fromEntries(series.map(metric => [metric, from[metric]])) as Record<Metric, Value>
}

/** Three significant digits: a chart shows no more. */
function short(figure: Figure): Figure {
  return figure === null ? null : Number(figure.toPrecision(3))
}
