/** Both futures as rows, in a sentence, and how well earlier ones were told. Pure. */
import { saturationLimit, type FleetOutlook, type FleetView, type Told } from '../../../simulation/index'
import type { Forecast, Score } from '../../../server/protocol'
import { difference, signedDigits, digits, quantity, text, type Kind } from '../../format'

/** A figure under the routing in force and under the draft. */
export interface FutureRow {
  key: string
  name: string
  unit: string
  kind: Kind
  stay: Told
  draft: Told
  /** An objective that a time is to keep [s]. */
  goal: number | null
  /** In words; `null` where the interval of the draft holds the figure in force. */
  change: string | null
}

const fleetRows: { metric: FleetOutlook; name: string; kind: Kind }[] = [
  { metric: 'itlP95', name: 'p95 ITL', kind: 'latency' },
  { metric: 'attainment', name: 'Attainment', kind: 'share' },
  { metric: 'goodput', name: 'Goodput', kind: 'requests' },
  { metric: 'rejected', name: 'Rejected', kind: 'share' },
  { metric: 'costPerMtok', name: 'Cost', kind: 'costPerMtok' },
  { metric: 'energyPerToken', name: 'Energy', kind: 'energy' },
  { metric: 'power', name: 'Power', kind: 'power' },
]

/** Times to first token of the workloads that the draft moves, then figures of the whole fleet. */
export function toRows(fleet: FleetView, { stay, draft }: Forecast, workloads: readonly string[]): FutureRow[] {
  const moved = fleet.workloads.flatMap((workload, index) => {
    const [before, after] = [stay.workloads.ttftP95[index], draft.workloads.ttftP95[index]]
    if (!workloads.includes(workload.id) || !before || !after) return []
    const goal = workload.objectives.ttft ?? null
    return [toRow(`ttft ${workload.id}`, `${workload.name} p95 TTFT`, 'latency', before, after, goal)]
  })
  return [
    ...moved,
    ...fleetRows.map(({ metric, name, kind }) => toRow(metric, name, kind, stay.fleet[metric], draft.fleet[metric])),
  ]
}

function toRow(key: string, name: string, kind: Kind, stay: Told, draft: Told, goal: number | null = null): FutureRow {
  const unit = quantity(kind, draft.value ?? stay.value).unit
  return { key, name, unit, kind, stay, draft, goal, change: changeOf(kind, stay, draft) }
}

function changeOf(kind: Kind, stay: Told, draft: Told): string | null {
  if (stay.value === null || draft.value === null || holds(draft, stay.value) || holds(stay, draft.value)) return null
  const step = draft.value - stay.value
  // the units of these are long, and are never other than beside the figure itself
  return kind === 'costPerMtok' || kind === 'energy' ? signedDigits(kind, step) : difference(kind, step)
}

function holds({ low, high }: Told, value: number): boolean {
  return low !== null && high !== null && value >= low && value <= high
}

/** Where on a track, 0 to 1, the parts of a row lie. */
export interface Track {
  stay: number | null
  stayFrom: number
  stayTo: number
  draft: number | null
  from: number
  to: number
  goal: number | null
}

/** An objective is drawn where it does not push the rest into a corner. */
export function toTrack({ stay, draft, goal }: Pick<FutureRow, 'stay' | 'draft' | 'goal'>): Track {
  const known = [stay.low, stay.high, stay.value, draft.low, draft.high, draft.value].filter(each => each !== null)
  const [least, most] = [Math.min(...known), Math.max(...known)]
  const near = goal !== null && goal < 2 * most && goal > least / 2 ? goal : null
  const [low, high] = [Math.min(least, near ?? least), Math.max(most, near ?? most)]
  const room = (high - low || Math.abs(high) || 1) * 0.06
  const place = (value: number) => (value - low + room) / (high - low + 2 * room)
  const at = (value: number | null) => (value === null ? null : place(value))
  return {
    stay: at(stay.value),
    stayFrom: at(stay.low) ?? 0,
    stayTo: at(stay.high) ?? 0,
    draft: at(draft.value),
    from: at(draft.low) ?? 0,
    to: at(draft.high) ?? 0,
    goal: at(near),
  }
}

/** Saturation of a pool; `past` where the draft brings it beyond its limit. */
export interface PoolFuture {
  row: FutureRow
  past: boolean
}

/** Of the pools that the draft touches. */
export function toPools(fleet: FleetView, { stay, draft }: Forecast, touched: readonly number[]): PoolFuture[] {
  return touched.flatMap(pool => {
    const id = fleet.pools[pool]?.id
    const [before, after] = [stay, draft].map(({ pools }) => pools.saturation[pool])
    if (id === undefined || !before || !after) return []
    return [{ row: toRow(`saturation ${id}`, id, 'share', before, after), past: (after.value ?? 0) >= saturationLimit }]
  })
}

/** One sentence of what it does to requests and one of what it costs; `worse` where an objective is lost or a pool full. */
export function verdictOf(rows: readonly FutureRow[], pools: readonly PoolFuture[]) {
  const times = rows.filter(({ key }) => key.startsWith('ttft '))
  const lost = times.filter(row => !keeps(row, 'draft') && keeps(row, 'stay'))
  const won = times.filter(row => keeps(row, 'draft') && !keeps(row, 'stay'))
  const full = pools.filter(({ past }) => past)
  const [lead] = [...lost, ...won, ...times.filter(({ change }) => change !== null), ...times]
  const way = lead && `${lead.name} ${span(lead)}`
  const how =
    lead && lost.includes(lead)
      ? ', past its objective'
      : lead && won.includes(lead)
        ? ', back inside its objective'
        : ''
  const rest = [
    ...full.map(({ row }) => `pool ${row.name} at ${text('share', row.draft.value)}`),
    cost(rows.find(({ key }) => key === 'costPerMtok')),
  ].filter(part => part !== '')
  return {
    worse: lost.length > 0 || full.length > 0,
    lead: way ? `${way}${how}.` : '',
    rest: begun(rest.join('; ')),
  }
}

function begun(words: string): string {
  return words === '' ? '' : `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
}

function keeps({ goal, ...row }: FutureRow, side: 'stay' | 'draft'): boolean {
  const { value } = row[side]
  return goal === null || value === null || value <= goal
}

function span({ kind, stay, draft, change }: FutureRow): string {
  if (change === null) return `stays near ${text(kind, draft.value)}`
  return quantity(kind, stay.value).unit === quantity(kind, draft.value).unit
    ? `${digits(kind, stay.value)} → ${text(kind, draft.value)}`
    : `${text(kind, stay.value)} → ${text(kind, draft.value)}`
}

function cost(row: FutureRow | undefined): string {
  if (!row) return ''
  return row.change === null ? 'a token costs about the same' : `a token costs ${span(row)}`
}

/** Of the first figure of each score: how many were inside their interval, and the median error by what came. */
export function judge(scores: readonly Score[]): { changes: number; inside: number; error: number } | null {
  const heads = scores.flatMap(({ figures }) => figures[0] ?? [])
  const errors = heads
    .map(({ value, actual }) => (actual === 0 ? 0 : Math.abs(value / actual - 1)))
    .sort((a, b) => a - b)
  const error = errors[Math.floor(errors.length / 2)]
  if (error === undefined) return null
  return {
    changes: heads.length,
    inside: heads.filter(({ low, high, actual }) => actual >= low && actual <= high).length,
    error,
  }
}
