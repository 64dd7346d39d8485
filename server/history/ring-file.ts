import { open, rename, rm, statfs, type FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { withPath } from '../journal/files'

/** What is known of a row without reading it. Ordinals count all rows that the ring ever took, from 0. */
export interface Entry {
  ordinal: number
  time: number
  sequence: number
  crc: number
}

export interface WrittenRow extends Entry {
  bytes: Uint8Array
}

/**
 * A ring of rows of one size in a file of one size: an entry for each place, then the rows. Both carry a checksum, so that
 * what was torn is known.
 */
export interface RingFile {
  /** Rows in the order of their ordinals, which follow one another. */
  write(rows: readonly WrittenRow[]): Promise<void>
  /** Bytes of rows whose ordinals follow one another; what they hold is checked by nobody here. */
  read(from: number, to: number): Promise<ArrayBuffer>
  sync(): Promise<void>
  close(): Promise<void>
}

export interface Opened {
  file: RingFile
  /** Those that are whole, oldest first. */
  entries: Entry[]
}

export const entryBytes = 32
/** What a history leaves of the disk to the journal. */
const leftBytes = 16 * 2 ** 20

/** One of another capacity is moved to the wished one, its newest rows first. `keeps` says which entries may stay. */
export async function openRingFile(
  path: string,
  { capacity, rowBytes }: { capacity: number; rowBytes: number },
  keeps: (entry: Entry) => boolean,
): Promise<Opened> {
  const handle = await openOrMake(path)
  try {
    const { size } = await handle.stat()
    const found = size / (entryBytes + rowBytes)
    if (found === capacity) return await openWhole(handle, path, { capacity, rowBytes }, keeps)
    if (size === 0 || !Number.isInteger(found)) {
      await handle.truncate(0)
      await handle.truncate(capacity * (entryBytes + rowBytes))
      return { file: fileOn(handle, path, capacity, rowBytes), entries: [] }
    }
    const old = await openWhole(handle, path, { capacity: found, rowBytes }, keeps)
    await moveTo(`${path}.draft`, old, { capacity, rowBytes })
    await handle.close()
    await rename(`${path}.draft`, path)
    return await openRingFile(path, { capacity, rowBytes }, keeps)
  } catch (cause) {
    await handle.close().catch(() => {})
    throw withPath(cause, path)
  }
}

async function openOrMake(path: string): Promise<FileHandle> {
  await (await open(path, 'a')).close()
  return open(path, 'r+')
}

async function openWhole(
  handle: FileHandle,
  path: string,
  { capacity, rowBytes }: { capacity: number; rowBytes: number },
  keeps: (entry: Entry) => boolean,
): Promise<Opened> {
  const bytes = Buffer.alloc(capacity * entryBytes)
  await handle.read(bytes, 0, bytes.length, 0)
  const entries: Entry[] = []
  for (let place = 0; place < capacity; place++) {
    const entry = decode(bytes.subarray(place * entryBytes, (place + 1) * entryBytes))
    if (!entry || entry.ordinal % capacity !== place) continue
    if (keeps(entry)) entries.push(entry)
    // it would be taken for one of the run some other time
    else await handle.write(Buffer.alloc(entryBytes), 0, entryBytes, place * entryBytes)
  }
  entries.sort((one, other) => one.ordinal - other.ordinal)
  const first = (entries.at(-1)?.ordinal ?? 0) - capacity
  return { file: fileOn(handle, path, capacity, rowBytes), entries: entries.filter(({ ordinal }) => ordinal > first) }
}

async function moveTo(
  path: string,
  { file, entries }: Opened,
  { capacity, rowBytes }: { capacity: number; rowBytes: number },
): Promise<void> {
  await rm(path, { force: true })
  const handle = await openOrMake(path)
  try {
    await handle.truncate(capacity * (entryBytes + rowBytes))
    const to = fileOn(handle, path, capacity, rowBytes)
    for (const entry of entries.slice(-capacity)) {
      const bytes = new Uint8Array(await file.read(entry.ordinal, entry.ordinal + 1))
      await to.write([{ ...entry, bytes }])
    }
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

function fileOn(handle: FileHandle, path: string, capacity: number, rowBytes: number): RingFile {
  const rowsAt = capacity * entryBytes
  return { write, read, sync: () => handle.datasync(), close: () => handle.close() }

  async function write(rows: readonly WrittenRow[]): Promise<void> {
    const { bavail, bsize } = await statfs(path)
    if (bavail * bsize < leftBytes)
      throw new Error(`ENOSPC: less than ${leftBytes} bytes left, which are the journal's`)
    for (const piece of pieces(rows[0]?.ordinal ?? 0, rows.length)) {
      const part = rows.slice(piece.at, piece.at + piece.count)
      await handle.writev(
        part.map(({ bytes }) => bytes),
        rowsAt + piece.place * rowBytes,
      )
      const entries = Buffer.concat(part.map(encode))
      await handle.write(entries, 0, entries.length, piece.place * entryBytes)
    }
  }

  async function read(from: number, to: number): Promise<ArrayBuffer> {
    const memory = new ArrayBuffer((to - from) * rowBytes)
    for (const { at, place, count } of pieces(from, to - from))
      await handle.read(
        new Uint8Array(memory, at * rowBytes, count * rowBytes),
        0,
        count * rowBytes,
        rowsAt + place * rowBytes,
      )
    return memory
  }

  /** Ordinals that follow one another lie in one piece, or in two around the end of the file. */
  function pieces(first: number, length: number): { at: number; place: number; count: number }[] {
    const place = first % capacity
    const head = Math.min(length, capacity - place)
    const tail = { at: head, place: 0, count: length - head }
    return [{ at: 0, place, count: head }, tail].filter(({ count }) => count > 0)
  }
}

function encode({ ordinal, time, sequence, crc }: Entry): Buffer {
  const bytes = Buffer.alloc(entryBytes)
  bytes.writeDoubleLE(ordinal, 0)
  bytes.writeDoubleLE(time, 8)
  bytes.writeDoubleLE(sequence, 16)
  bytes.writeUInt32LE(crc, 24)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28)
  return bytes
}

/** `null` where there is none that is good. */
function decode(bytes: Buffer): Entry | null {
  if (bytes.readUInt32LE(28) !== crc32(bytes.subarray(0, 28))) return null
  return {
    ordinal: bytes.readDoubleLE(0),
    time: bytes.readDoubleLE(8),
    sequence: bytes.readDoubleLE(16),
    crc: bytes.readUInt32LE(24),
  }
}
