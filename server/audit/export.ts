import { fleetOutlook } from '../../simulation/index'
import type { Foretold } from '../control/foretold'
import type { AuditEntry } from './entry'

type Value = string | number | boolean | null | undefined
interface Column {
  name: string
  of: (entry: AuditEntry) => Value
}

const said = [
  ...(['number', 'at', 'time', 'by', 'role', 'via', 'automatic', 'of', 'kind'] as const),
  ...(['revision', 'reason', 'summary', 'id'] as const),
].map((name): Column => ({ name, of: entry => entry[name] }))

const aroundMetrics = ['ttftP95', 'costPerMtok', 'energyPerToken', 'power'] as const

const columns: Column[] = [
  ...said,
  { name: 'sharesBefore', of: entry => sharesOf(entry, 'from') },
  { name: 'sharesAfter', of: entry => sharesOf(entry, 'to') },
  { name: 'workload', of: entry => figuresIn(entry)[0]?.workload },
  ...told('workloadTtftP95', ({ metric, workload }) => metric === 'ttftP95' && workload !== null),
  ...fleetOutlook.flatMap(name => told(name, ({ metric, workload }) => metric === name && workload === null)),
  { name: 'scoredSeconds', of: ({ score }) => score?.seconds },
  { name: 'figuresScored', of: ({ score }) => score?.figures.length },
  {
    name: 'figuresInside',
    of: ({ score }) => score?.figures.filter(({ actual, low, high }) => actual >= low && actual <= high).length,
  },
  { name: 'notScored', of: ({ untold }) => untold },
  ...aroundMetrics.flatMap(metric =>
    (['before', 'after'] as const).map((side): Column => ({
      name: `${metric}${side === 'before' ? 'Before' : 'After'}`,
      of: ({ around }) => around?.figures.find(each => each.metric === metric && each.workload === null)?.[side],
    })),
  ),
]

/**
 * RFC 4180, a row per entry, in base units; times in seconds of the simulation. Figures are the fleet's, but for the p95 TTFT of the
 * first workload that a change moves; what was told is of the seconds that were scored, or of the whole horizon until then.
 */
export function* csvOf(entries: Iterable<AuditEntry>): Iterable<string> {
  yield `${columns.map(({ name }) => name).join(',')}\r\n`
  for (const entry of entries) yield `${columns.map(({ of }) => cell(of(entry) ?? null)).join(',')}\r\n`
}

/** One JSON object a line, with the shares before and after, and what came of it. */
export function* linesOf(entries: Iterable<AuditEntry>): Iterable<string> {
  for (const entry of entries) yield `${JSON.stringify(entry)}\n`
}

/** "chat b200-chat 0.42; chat h200-chat 0.58": of what changed, mirrors as "mirror of chat". */
function sharesOf({ routes, mirrors }: AuditEntry, side: 'from' | 'to'): string {
  const words = (whose: string) => (route: AuditEntry['routes'][number]) =>
    `${whose}${route.workload} ${route.prefill === route.decode ? route.decode : `${route.prefill}>${route.decode}`} ${route[side]}`
  return [...routes.map(words('')), ...mirrors.map(words('mirror of '))].join('; ')
}

/** A figure as it was told, its interval, and what came. */
function told(name: string, is: (figure: Foretold) => boolean): Column[] {
  const figure = (entry: AuditEntry) => figuresIn(entry).find(is)
  return [
    { name: `${name}Predicted`, of: entry => figure(entry)?.value },
    { name: `${name}Low`, of: entry => figure(entry)?.low },
    { name: `${name}High`, of: entry => figure(entry)?.high },
    { name: `${name}Actual`, of: ({ score }) => score?.figures.find(is)?.actual },
  ]
}

function figuresIn({ score, predicted }: AuditEntry): readonly Foretold[] {
  return score?.figures ?? predicted?.figures ?? []
}

/** Text that a spreadsheet would take for a formula is marked as text. */
function cell(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
