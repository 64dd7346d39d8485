/** What came of a change, as rows. Pure. */
import type { AuditEntry } from '../../../server/protocol'
import type { FleetOutlook, FleetView } from '../../../simulation/index'
import { digits, signed, text, type Kind } from '../../format'

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
  actual: string
  inside: boolean
}

/** What a change was told to do beside what it did. */
export function toldRows(fleet: FleetView | null, { score }: AuditEntry): ToldRow[] {
  return (score?.figures ?? []).map(({ metric, workload, value, low, high, actual }) => {
    const { kind } = figures[metric]
    return {
      name: nameOf(fleet, workload, metric),
      told: text(kind, value),
      between: `${digits(kind, low)} to ${text(kind, high)}`,
      actual: text(kind, actual),
      inside: actual >= low && actual <= high,
    }
  })
}

/** "6 of 7 figures came as told"; empty without a score. */
export function toldWell({ score }: AuditEntry): string {
  if (!score || score.figures.length === 0) return ''
  const inside = score.figures.filter(({ actual, low, high }) => actual >= low && actual <= high).length
  return `${inside} of ${score.figures.length} figures came as told`
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
    return { name: nameOf(fleet, workload, metric), before: was, after: is, change: signed(kind, change), points }
  })
}
