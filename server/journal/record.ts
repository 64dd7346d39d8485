import { crc32 } from 'node:zlib'

/**
 * An entry as a line: JSON with its number first and a checksum last, which covers the line and all lines before it. So a
 * line that is torn, changed, missing or out of place is told from a good one, and the file stays plain JSON lines.
 */
export function encodeRecord(entry: number, content: object, chain: number): { line: string; chain: number } {
  const text = JSON.stringify({ entry, ...content })
  const next = crc32(text, chain)
  return { line: `${text.slice(0, -1)},"crc":"${hex(next)}"}\n`, chain: next }
}

export interface ReadRecords {
  entries: object[]
  /** Checksum of the last good line. */
  chain: number
  /** Bytes of the good lines; what lies behind them is not to be trusted. */
  length: number
}

/** The lines of a journal up to the first that is not good. */
export function readRecords(bytes: Buffer): ReadRecords {
  const read: ReadRecords = { entries: [], chain: 0, length: 0 }
  for (;;) {
    const end = bytes.indexOf('\n', read.length)
    if (end < 0) return read
    const record = decode(bytes.toString('utf8', read.length, end), read.entries.length, read.chain)
    if (!record) return read
    read.entries.push(record.content)
    read.chain = record.chain
    read.length = end + 1
  }
}

const tail = /,"crc":"([0-9a-f]{8})"\}$/

function decode(line: string, entry: number, chain: number): { content: object; chain: number } | null {
  const [end, crc] = tail.exec(line) ?? []
  if (!end || crc === undefined) return null
  const text = `${line.slice(0, -end.length)}}`
  const next = crc32(text, chain)
  if (hex(next) !== crc || !text.startsWith(`{"entry":${entry},`)) return null
  return { content: JSON.parse(text), chain: next }
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0')
}
