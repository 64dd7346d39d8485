import type { AuditEntry } from './entry'

const columns: { name: string; of: (entry: AuditEntry) => string | number | null | undefined }[] = [
  ...(['number', 'at', 'time', 'by', 'role', 'via', 'kind', 'revision', 'reason', 'summary', 'id'] as const).map(
    name => ({ name, of: (entry: AuditEntry) => entry[name] }),
  ),
  { name: 'predicted', of: ({ score }) => score?.figures[0]?.value },
  { name: 'predictedLow', of: ({ score }) => score?.figures[0]?.low },
  { name: 'predictedHigh', of: ({ score }) => score?.figures[0]?.high },
  { name: 'actual', of: ({ score }) => score?.figures[0]?.actual },
  ...(['ttftP95', 'costPerMtok', 'energyPerToken', 'power'] as const).flatMap(metric =>
    (['before', 'after'] as const).map(side => ({
      name: `${metric}${side === 'before' ? 'Before' : 'After'}`,
      of: ({ around }: AuditEntry) =>
        around?.figures.find(figure => figure.metric === metric && figure.workload === null)?.[side],
    })),
  ),
]

/**
 * RFC 4180, a row per entry, in base units; times in seconds of the simulation. Predicted is the first figure that a change
 * was told of: p95 TTFT of the workload that it moves. Figures before and after are the fleet's.
 */
export function* csvOf(entries: Iterable<AuditEntry>): Iterable<string> {
  yield `${columns.map(({ name }) => name).join(',')}\r\n`
  for (const entry of entries) yield `${columns.map(({ of }) => cell(of(entry) ?? null)).join(',')}\r\n`
}

/** One JSON object a line, with the shares before and after, and what came of it. */
export function* linesOf(entries: Iterable<AuditEntry>): Iterable<string> {
  for (const entry of entries) yield `${JSON.stringify(entry)}\n`
}

/** Text that a spreadsheet would take for a formula is marked as text. */
function cell(value: string | number | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
