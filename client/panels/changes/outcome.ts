/** What came of a change, as rows. Pure. */
import type { AuditEntry, Foretold } from '../../../server/protocol'
import type { FleetOutlook, FleetView } from '../../../simulation/index'
import { difference, digits, quantity, text, type Kind } from '../../format'

/** How figures are called, and what they are. */
const figures: Record<FleetOutlook, { name: string; kind: Kind }> = {
  ttftP95: { name: 'p95 TTFT', kind: 'latency' },
  itlP95: { name: 'p95 ITL', kind: 'latency' },
  goodput: { name: 'goodput', kind: 'requests' },
  attainment: { name: 'attainment', kind: 'share' },
  rejected: { name: 'rejected', kind: 'share' },
  costPerMtok: { name: 'cost', kind: 'costPerMtok' },
  energyPerToken: { name: 'energy', kind: 'energy' },
  power: { name: 'power', kind: 'power' },
}

function nameOf(fleet: FleetView | null, workload: string | null, metric: FleetOutlook): string {
  const of = workload === null ? 'Fleet' : (fleet?.workloads.find(({ id }) => id === workload)?.name ?? workload)
  return `${of}, ${figures[metric].name}`
}

export interface ToldRow {
  name: string
  told: string
  between: string
  /** Empty until it is known. */
  actual: string
  inside: boolean
  /** Places on a line that has room for all of them, 0 to 1. */
  track: { low: number; high: number; value: number; actual: number | null }
}

/** What a change was told to do, beside what it did as far as that is known. */
export function toldRows(fleet: FleetView | null, { score, predicted }: AuditEntry): ToldRow[] {
  const told: (Foretold & { actual?: number })[] = score?.figures ?? predicted?.figures ?? []
  return told.map(({ metric, workload, value, low, high, actual = null }) => {
    const { kind } = figures[metric]
    return {
      name: nameOf(fleet, workload, metric),
      told: text(kind, value),
      between: betweenOf(kind, low, high),
      actual: actual === null ? '' : text(kind, actual),
      inside: actual !== null && actual >= low && actual <= high,
      track: trackOf({ low, high, value, actual }),
    }
  })
}

/** The figure that says most: one that came otherwise than predicted, else one of what the change moved. */
export function leadRow(fleet: FleetView | null, entry: AuditEntry): ToldRow | null {
  const rows = toldRows(fleet, entry)
  return rows.find(({ actual, inside }) => actual !== '' && !inside) ?? rows[0] ?? null
}

/** "242 to 273 ms", "257 ms to 5.42 s". */
function betweenOf(kind: Kind, low: number, high: number): string {
  const [from, to] = [quantity(kind, low), quantity(kind, high)]
  const alike = from.unit === to.unit && from.prefix === to.prefix
  return `${alike ? digits(kind, low) : text(kind, low)} to ${text(kind, high)}`
}

function trackOf(figure: ToldRow['track']): ToldRow['track'] {
  const known = Object.values(figure).filter(each => each !== null)
  const [from, to] = [Math.min(...known), Math.max(...known)]
  // a figure that cannot be other than told stands in the middle
  const place = (each: number) => (to > from ? 0.08 + (0.84 * (each - from)) / (to - from) : 0.5)
  const { low, high, value, actual } = figure
  return { low: place(low), high: place(high), value: place(value), actual: actual === null ? null : place(actual) }
}

/** "6 of 7 figures came as predicted"; `null` without a score. */
export function toldWell({ score }: AuditEntry): { words: string; all: boolean } | null {
  const count = score?.figures.length ?? 0
  if (!score || count === 0) return null
  const inside = score.figures.filter(({ actual, low, high }) => actual >= low && actual <= high).length
  const all = inside === count
  if (all)
    return { words: count === 1 ? 'its figure came as predicted' : `all ${count} figures came as predicted`, all }
  return { words: `${inside} of ${count} figures came as predicted`, all }
}

export interface AroundRow {
  name: string
  before: string
  after: string
  change: string
  points: (number | null)[]
}

/** Figures before and after. */
export function aroundRows(fleet: FleetView | null, { around }: AuditEntry): AroundRow[] {
  return (around?.figures ?? []).map(({ metric, workload, before, after, points }) => {
    const { kind } = figures[metric]
    const change = before === null || after === null ? null : after - before
    const [was, is] = [text(kind, before), text(kind, after)]
    return { name: nameOf(fleet, workload, metric), before: was, after: is, change: difference(kind, change), points }
  })
}
