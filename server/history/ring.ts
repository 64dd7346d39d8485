import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import type { Layout } from './layout'
import type { Opened, RingFile, WrittenRow } from './ring-file'
import { rowAt, sequenceOf, timeOf, type Row } from './row'

/** Rows of one resolution, in the order of time: the newest in memory, those before on disk. */
export interface Ring {
  /** Seconds of a row. */
  seconds: number
  add(row: Row): void
  /** Times of the oldest and the newest row; `null` without any. */
  extent(): { oldest: number; newest: number } | null
  /** Rows with times in [from, to]. */
  count(from: number, to: number): number
  /** The same, oldest first, some at a time; `null` stands where one or more are missing. */
  rows(from: number, to: number): AsyncGenerator<(Row | null)[]>
  /** The last row that is whole at or before a time. */
  before(time: number): Promise<Row | null>
  /** The newest rows, oldest first. */
  hot(): Row[]
  failing(): string | null
  /** Resolves when all rows so far are written, or cannot be. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** So many rows of each resolution are kept in memory. */
export const hotRows = 600
const chunkBytes = 4 * 1024 * 1024
export interface RingPlan {
  seconds: number
  capacity: number
  layout: Layout
  /** What is on disk; `null` where there can be none. */
  opened: Opened | null
  /** Why there can be none. */
  cause: string | null
}

export async function openRing({ seconds, capacity, layout, opened, cause }: RingPlan): Promise<Ring> {
  const { bytes: rowBytes, width } = layout
  const file: RingFile | null = opened?.file ?? null
  const times = new Float64Array(capacity)
  const sequences = new Float64Array(capacity)
  const checks = new Uint32Array(capacity)
  const present = new Uint8Array(capacity)
  let end = 0
  let first = 0
  // by ordinal; those that are not on disk yet are among them
  const memory = new Map<number, Row>()
  let written = 0
  let writing: Promise<void> | null = null
  let failing = cause

  for (const { ordinal, time, sequence, crc } of opened?.entries ?? []) {
    if (end === 0) first = end = ordinal
    while (end < ordinal) miss()
    enter(time, sequence, crc)
  }
  written = end
  const warm = Math.max(first, end - hotRows)
  for (const [index, row] of (await load(warm, end)).entries()) if (row) memory.set(warm + index, row)

  return { seconds, add, extent, count, rows, before, hot, failing: () => failing, flush, close }

  function enter(time: number, sequence: number, crc: number): void {
    const place = end % capacity
    times[place] = time
    sequences[place] = sequence
    checks[place] = crc
    present[place] = 1
    end++
    first = Math.max(first, end - capacity)
  }

  /** A place of which nothing is known keeps the time before it, so that times still ascend. */
  function miss(): void {
    const place = end % capacity
    times[place] = times[(end - 1) % capacity] ?? 0
    present[place] = 0
    end++
    first = Math.max(first, end - capacity)
  }

  function add(row: Row): void {
    const ordinal = end
    enter(timeOf(row), sequenceOf(row), crc32(row.bytes))
    memory.set(ordinal, row)
    const forgotten = ordinal - Math.min(hotRows, capacity)
    if (memory.delete(forgotten) && forgotten >= written) present[forgotten % capacity] = 0
    if (!file) first = Math.max(first, forgotten + 1)
    void flush()
  }

  function extent(): { oldest: number; newest: number } | null {
    if (end === first) return null
    return { oldest: times[first % capacity] ?? NaN, newest: times[(end - 1) % capacity] ?? NaN }
  }

  function count(from: number, to: number): number {
    return Math.max(0, after(to) - at(from))
  }

  async function* rows(from: number, to: number): AsyncGenerator<(Row | null)[]> {
    const most = Math.max(1, Math.floor(chunkBytes / rowBytes))
    for (let next = at(from); next < after(to);) {
      const start = Math.max(next, first)
      next = Math.min(after(to), start + most)
      const found = await load(start, next)
      yield found.flatMap((row, index) => (row && isAfterGap(start + index) ? [null, row] : [row]))
      await setImmediate()
    }
  }

  /** Whether rows of which nobody knows came before it: it lies further on than the frames between explain. */
  function isAfterGap(ordinal: number): boolean {
    const [place, before] = [ordinal % capacity, (ordinal - 1) % capacity]
    if (ordinal <= first || present[before] !== 1) return false
    const step = (times[place] ?? 0) - (times[before] ?? 0)
    const frame = step / Math.max(1, (sequences[place] ?? 0) - (sequences[before] ?? 0))
    return step > 1.5 * (seconds + frame)
  }

  async function before(time: number): Promise<Row | null> {
    for (let ordinal = after(time) - 1; ordinal >= first; ordinal--) {
      const [row = null] = await load(ordinal, ordinal + 1)
      if (row) return row
    }
    return null
  }

  async function load(from: number, to: number): Promise<(Row | null)[]> {
    const known = Array.from({ length: to - from }, (_, index) => memory.get(from + index))
    const cold = known.findIndex(row => row === undefined)
    if (cold < 0) return known.map(row => row ?? null)
    const until = known.findLastIndex(row => row === undefined) + 1
    const bytes = await read(from + cold, from + until)
    return known.map((row, index) => {
      if (row) return row
      const ordinal = from + index
      if (!bytes || present[ordinal % capacity] !== 1 || ordinal < end - capacity) return null
      const found = rowAt(bytes, (index - cold) * rowBytes, width, rowBytes)
      return crc32(found.bytes) === checks[ordinal % capacity] ? found : null
    })
  }

  async function read(from: number, to: number): Promise<ArrayBuffer | null> {
    try {
      return (await file?.read(from, to)) ?? null
    } catch (cause) {
      failing = messageOf(cause)
      return null
    }
  }

  function hot(): Row[] {
    const from = Math.max(first, end - hotRows)
    return Array.from({ length: end - from }, (_, index) => memory.get(from + index)).filter(row => row !== undefined)
  }

  function flush(): Promise<void> {
    if (!file || written === end) return writing ?? Promise.resolve()
    return (writing ??= write(file).finally(() => (writing = null)))
  }

  async function write(to: RingFile): Promise<void> {
    // one attempt at all that waits; what cannot be written now waits for the next row
    await setImmediate()
    while (written < end) {
      const from = Math.max(written, end - hotRows, first)
      const batch: WrittenRow[] = []
      for (let ordinal = from; ordinal < end; ordinal++) {
        const row = memory.get(ordinal)
        if (!row) break
        const crc = checks[ordinal % capacity] ?? 0
        batch.push({ ordinal, time: timeOf(row), sequence: sequenceOf(row), crc, bytes: row.bytes })
      }
      if (batch.length === 0) return
      try {
        await to.write(batch)
        failing = null
      } catch (cause) {
        failing = messageOf(cause)
        return
      }
      written = from + batch.length
    }
  }

  async function close(): Promise<void> {
    await flush()
    await file?.sync().catch(() => {})
    await file?.close()
  }

  /** Ordinal of the first row at a time or after it. */
  function at(time: number): number {
    return search(ordinal => (times[ordinal % capacity] ?? 0) >= time - 1e-6)
  }

  /** Ordinal of the first row after a time. */
  function after(time: number): number {
    return search(ordinal => (times[ordinal % capacity] ?? 0) > time + 1e-6)
  }

  function search(holds: (ordinal: number) => boolean): number {
    let [low, high] = [first, end]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (holds(middle)) high = middle
      else low = middle + 1
    }
    return low
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
