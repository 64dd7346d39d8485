import type { AuditEntry } from './entry'

const columns = ['number', 'at', 'time', 'by', 'role', 'via', 'kind', 'revision', 'reason', 'summary', 'id'] as const

/** RFC 4180, a row per entry; times in seconds of the simulation. */
export function* csvOf(entries: Iterable<AuditEntry>): Iterable<string> {
  yield `${columns.join(',')}\r\n`
  for (const entry of entries) yield `${columns.map(column => cell(entry[column])).join(',')}\r\n`
}

/** One JSON object a line, with the shares before and after. */
export function* linesOf(entries: Iterable<AuditEntry>): Iterable<string> {
  for (const entry of entries) yield `${JSON.stringify(entry)}\n`
}

/** Text that a spreadsheet would take for a formula is marked as text. */
function cell(value: string | number | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
