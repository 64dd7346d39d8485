/** Panels as files: CSV and JSON in base units, with what they are of. Pure, but for `save`. */
export interface Column {
  name: string
  /** Left out where it has none. */
  unit?: string
}

export type Cell = string | number | null

/** What a panel shows as a table; missing figures are `null`. */
export interface Sheet {
  title: string
  /** What it shows, in words. */
  note?: string
  columns: Column[]
  rows: Cell[][]
}

/** Of which run, and when. */
export interface Origin {
  run: string
  scenario: string
  seed: number
  /** Routing in force. */
  revision: number | null
  /** Simulated time shown: seconds since the start of the run, and its clock. */
  simulated: number | null
  clock: string
  /** Wall time, ISO 8601. */
  saved: string
}

/** RFC 4180, sheet after sheet; lines with `#` say what they are of. */
export function csvOf(sheets: readonly Sheet[], origin: Origin): string {
  const said = Object.entries(origin).map(([name, value]) => comment(`${name}: ${value ?? ''}`))
  const blocks = sheets.map(({ title, note, columns, rows }) => {
    const head = columns.map(({ name, unit }) => field(unit ? `${name} [${unit}]` : name)).join(',')
    return [comment(title), ...(note ? [comment(note)] : []), head, ...rows.map(row => row.map(field).join(','))]
  })
  return [said, ...blocks].map(lines => lines.join('\r\n')).join('\r\n\r\n') + '\r\n'
}

export function jsonOf(sheets: readonly Sheet[], origin: Origin): string {
  return `${JSON.stringify({ ...origin, panels: sheets }, null, 1)}\n`
}

/** "headgate-p95-ttft-by-family-r2-13h58m20s.csv": what, which routing, when. */
export function fileName(title: string, { revision, clock }: Origin, ending: string): string {
  const words = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  const at = clock.replace(/^(\d\d):(\d\d):(\d\d)$/, '$1h$2m$3s')
  return (
    ['headgate', words, ...(revision === null ? [] : [`r${revision}`]), ...(at ? [at] : [])].join('-') + `.${ending}`
  )
}

export function save(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // the browser has taken hold of it by then
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

function comment(text: string): string {
  return `# ${text.replace(/\s+/g, ' ')}`
}

/** Text that a spreadsheet would take for a formula is marked as text. */
function field(value: Cell): string {
  if (typeof value !== 'string') return value === null ? '' : String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
