/** The panels of Live as tables for files: base units, every figure, also those that the screen has no room for. Pure. */
import type { Figure, FleetMetric, FleetView, Frame, PoolMetric } from '../../../simulation/index'
import { shownIn, type Filter } from '../../charts/members'
import type { Cell, Column, Sheet } from '../../export'
import { endsOf, flows, type FlowFilter } from './demand'

interface Named<Metric> {
  metric: Metric
  name: string
  unit?: string
}

const headline: Named<FleetMetric>[] = [
  { metric: 'arrived', name: 'Offered', unit: 'req/s' },
  { metric: 'goodput', name: 'Goodput', unit: 'req/s' },
  { metric: 'attainment', name: 'Attainment', unit: 'share, 0 to 1' },
  { metric: 'ttftP95', name: 'p95 TTFT', unit: 's' },
  { metric: 'ttftP95Low', name: 'p95 TTFT, 95 % interval, low', unit: 's' },
  { metric: 'ttftP95High', name: 'p95 TTFT, 95 % interval, high', unit: 's' },
  { metric: 'ttftCount', name: 'p95 TTFT, samples' },
  { metric: 'itlP95', name: 'p95 ITL', unit: 's' },
  { metric: 'itlP95Low', name: 'p95 ITL, 95 % interval, low', unit: 's' },
  { metric: 'itlP95High', name: 'p95 ITL, 95 % interval, high', unit: 's' },
  { metric: 'itlCount', name: 'p95 ITL, samples' },
  { metric: 'costPerMtok', name: 'Cost', unit: '$/Mtok' },
  { metric: 'costCoverage', name: 'Cost is known for', unit: 'share of output tokens, 0 to 1' },
  { metric: 'heldCost', name: 'Cost of provisioned chips', unit: '$/s' },
  { metric: 'revenue', name: 'Revenue', unit: '$/s' },
  { metric: 'energyPerToken', name: 'Energy', unit: 'J/tok' },
  { metric: 'power', name: 'Power', unit: 'W' },
  { metric: 'powerCoverage', name: 'Power is known for', unit: 'share of output tokens, 0 to 1' },
  { metric: 'carbon', name: 'Carbon', unit: 'gCO2e/s' },
  { metric: 'outputTokens', name: 'Output', unit: 'tok/s' },
]

/** Figures that families and pools both have, then those of pools alone. */
const ledger: Named<PoolMetric>[] = [
  { metric: 'outputTokens', name: 'output', unit: 'tok/s' },
  { metric: 'finished', name: 'finished', unit: 'req/s' },
  { metric: 'costPerMtok', name: 'cost', unit: '$/Mtok' },
  { metric: 'energyPerToken', name: 'energy', unit: 'J/tok' },
  { metric: 'power', name: 'power', unit: 'W' },
  { metric: 'ttftP95', name: 'p95 TTFT', unit: 's' },
  { metric: 'ttftCount', name: 'TTFT samples' },
  { metric: 'itlP95', name: 'p95 ITL', unit: 's' },
  { metric: 'itlCount', name: 'ITL samples' },
  { metric: 'saturation', name: 'saturation', unit: 'share, 0 to 1' },
  { metric: 'running', name: 'running', unit: 'requests' },
  { metric: 'waiting', name: 'waiting', unit: 'requests' },
  { metric: 'rejected', name: 'rejected', unit: 'req/s' },
  { metric: 'batch', name: 'batch', unit: 'requests per replica' },
  { metric: 'kvUse', name: 'KV cache in use', unit: 'share, 0 to 1' },
  { metric: 'prefixHitRate', name: 'prefix hits', unit: 'share of prompt tokens, 0 to 1' },
  { metric: 'preemptions', name: 'preemptions', unit: 'per s' },
]

export function headlineSheet(frame: Frame | null): Sheet {
  return {
    title: 'Headline figures',
    columns: [{ name: 'figure' }, { name: 'value' }, { name: 'unit' }],
    rows: headline.map(({ metric, name, unit }) => [name, frame?.fleet[metric] ?? null, unit ?? null]),
  }
}

/** Of pools that frames do not tell of, the figures of those in sight are known. */
export function ledgerSheet(
  fleet: FleetView | null,
  frame: Frame | null,
  filter: Filter,
  poolFigure: (index: number, metric: PoolMetric) => Figure,
): Sheet {
  const wide = frame?.familyFlows !== undefined
  const title = `Accelerator families and pools${wide ? ', figures of those in sight' : ''}`
  const columns = [{ name: 'family' }, { name: 'pool' }, { name: 'chip' }, { name: 'chips' }, ...ledger.map(columnOf)]
  if (!fleet) return { title, columns, rows: [] }
  const shown = shownIn(fleet, filter)
  const families: Record<string, Figure[]> = frame?.families ?? {}
  const figures = (figuresOf: Record<string, Figure[]>, row: number): Cell[] =>
    ledger.map(({ metric }) => figuresOf[metric]?.[row] ?? null)
  const rows = fleet.families.flatMap((family, index) => {
    if (!shown.families.has(index)) return []
    const pools = fleet.pools.flatMap((pool, at) =>
      pool.family === index && shown.pools.has(at)
        ? [[family.name, pool.id, pool.chipName, pool.chips, ...ledger.map(({ metric }) => poolFigure(at, metric))]]
        : [],
    )
    return [[family.name, 'all', null, family.chips, ...figures(families, index)], ...pools]
  })
  return { title, columns, rows }
}

export function flowSheet(fleet: FleetView | null, frame: Frame | null, filter: Filter): Sheet {
  const shown = fleet && shownIn(fleet, filter)
  return {
    title: 'Demand to pools',
    columns: [
      { name: 'workload' },
      { name: 'pool' },
      { name: 'family' },
      { name: 'requests', unit: 'req/s' },
      { name: 'output', unit: 'tok/s' },
      { name: 'pool saturation', unit: 'share, 0 to 1' },
    ],
    rows: fleet && shown ? flowRows(fleet, frame, shown) : [],
  }
}

/** A family stands for its pools where a frame does not tell of each. */
function flowRows(fleet: FleetView, frame: Frame | null, shown: FlowFilter): Cell[][] {
  const wide = frame?.familyFlows !== undefined
  const ends = endsOf(fleet, () => !wide)
  return flows(fleet, frame, ends, shown).flatMap(({ workload, end, requests, tokens }) => {
    const { family, pool } = ends[end] ?? {}
    return [
      [
        fleet.workloads[workload]?.name ?? null,
        fleet.pools[pool ?? -1]?.id ?? 'all',
        fleet.families[family ?? -1]?.name ?? null,
        frame ? requests : null,
        frame ? tokens : null,
        (wide ? frame?.families.saturation[family ?? -1] : frame?.pools.saturation[pool ?? -1]) ?? null,
      ],
    ]
  })
}

function columnOf({ name, unit }: Named<string>): Column {
  return unit ? { name, unit } : { name }
}
