import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import type { Snapshot } from '../live/messages'
import { writeWhole } from './files'

export interface Snapshots {
  /** Writes one, unless one is being written; the oldest beyond two goes. */
  write(snapshot: Snapshot): Promise<void>
  /** The newest that is whole and has no entry beyond the last of the journal; tells of those that are not. */
  newest(lastEntry: number, tell: (line: string) => void): Promise<Snapshot | null>
  /** The newest one on disk that this start wrote, and why the newest attempt failed, if it did. */
  state(): { newest: { sequence: number; time: number; bytes: number } | null; failing: string | null }
  /** Resolves when none is being written any more. */
  close(): Promise<void>
}

const kept = 2
const pieceBytes = 4 * 1024 * 1024
const pattern = /^snapshot-(\d{12})$/

export function createSnapshots(folder: string): Snapshots {
  let writing: Promise<void> | null = null
  let newestWritten: { sequence: number; time: number; bytes: number } | null = null
  let failing: string | null = null
  return { write, newest, state: () => ({ newest: newestWritten, failing }), close: async () => writing ?? undefined }

  async function write(snapshot: Snapshot): Promise<void> {
    if (writing) return
    writing = put(snapshot).finally(() => (writing = null))
    return writing
  }

  async function put(snapshot: Snapshot): Promise<void> {
    const { sequence, time } = snapshot
    try {
      const parts = await encode(snapshot)
      await writeWhole(folder, `snapshot-${String(sequence).padStart(12, '0')}`, parts)
      const bytes = parts.reduce((sum, part) => sum + part.length, 0)
      newestWritten = { sequence, time, bytes }
      failing = null
      for (const old of (await names(folder)).slice(kept)) await rm(join(folder, old), { force: true })
    } catch (cause) {
      // the run goes on without: what is on disk already serves, only longer
      failing = cause instanceof Error ? cause.message : String(cause)
    }
  }

  async function newest(lastEntry: number, tell: (line: string) => void): Promise<Snapshot | null> {
    await dropDrafts(folder)
    for (const name of await names(folder)) {
      const path = join(folder, name)
      const snapshot = decode(await readFile(path))
      if (snapshot && snapshot.entry <= lastEntry) return snapshot
      tell(`${name}: ${snapshot ? 'it knows of commands that the journal has lost' : 'it is corrupt'}; not used`)
      await rm(path, { force: true })
    }
    return null
  }
}

/** Of a server that was killed while it wrote. */
async function dropDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith('.draft')) await rm(join(folder, name), { force: true })
  }
}

/** Newest first. */
async function names(folder: string): Promise<string[]> {
  return (await readdir(folder))
    .filter(name => pattern.test(name))
    .sort()
    .reverse()
}

/** A line that says what follows, with a checksum of each part and of itself; then the parts. */
async function encode({ parts, ...rest }: Snapshot): Promise<Uint8Array[]> {
  const bodies = parts.map(part => new Uint8Array(part))
  const list: Header['bodies'] = []
  for (const body of bodies) list.push({ bytes: body.length, crc: await checksum(body) })
  const text = JSON.stringify({ version: 1, ...rest, bodies: list })
  return [Buffer.from(`${crc32(text).toString(16).padStart(8, '0')} ${text}\n`), ...bodies]
}

/** Piece by piece, so that whatever else there is to do need not wait. */
async function checksum(body: Uint8Array): Promise<number> {
  let crc = 0
  for (let at = 0; at < body.length; at += pieceBytes) {
    crc = crc32(body.subarray(at, at + pieceBytes), crc)
    await setImmediate()
  }
  return crc
}

/** `null` where a part of it is not as it was written. */
function decode(file: Buffer): Snapshot | null {
  const end = file.indexOf('\n')
  const [crc = '', text = ''] = [file.toString('latin1', 0, 8), file.toString('utf8', 9, Math.max(9, end))]
  if (end < 0 || parseInt(crc, 16) !== crc32(text)) return null
  const { bodies, version: _, ...rest }: Header = JSON.parse(text)
  const parts: ArrayBuffer[] = []
  let at = end + 1
  for (const { bytes, crc } of bodies) {
    const body = file.subarray(at, at + bytes)
    if (body.length !== bytes || crc32(body) !== crc) return null
    const copy = new ArrayBuffer(bytes)
    new Uint8Array(copy).set(body)
    parts.push(copy)
    at += bytes
  }
  return at === file.length ? { ...rest, parts } : null
}

interface Header extends Omit<Snapshot, 'parts'> {
  version: 1
  bodies: { bytes: number; crc: number }[]
}
