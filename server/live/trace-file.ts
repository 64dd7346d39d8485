import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import {
  addRecord,
  beginLap,
  createBatch,
  createReplay,
  createSums,
  detectTraceFormat,
  endReplay,
  inspect,
  isRefusal,
  longestLine,
  parseTraceLine,
  refuseLine,
  replayRecord,
  startsWithRecord,
  type Refusal,
  type TraceBatch,
  type TraceFormat,
  type TraceInspection,
  type TraceRecord,
} from '../../simulation/index'

/** An inspected file, and by what to tell that it is still the same one. */
export interface CheckedTrace extends TraceInspection {
  /** [bytes] */
  size: number
  /** Last change [ms since 1970]. */
  modified: number
}

export interface TraceReader {
  /** The requests that follow, at least up to a simulated time [s], or to the end; one call at a time. */
  read(time: number): Promise<TraceBatch>
  close(): Promise<void>
}

/** A trace file that cannot be used; the refusal names its line where one is at fault. */
export class BadTrace extends Error {
  constructor(
    path: string,
    readonly refusal: Refusal,
  ) {
    const { field, value, expected } = refusal
    super(`trace ${path}: ${field}: got ${JSON.stringify(value ?? null)}, expected ${expected}`)
  }
}

interface Piece {
  format: TraceFormat
  records: TraceRecord[]
}

/** Reads a whole trace file once, piece by piece, and checks every line of it. Fails with `BadTrace`. */
export async function inspectTrace(path: string): Promise<CheckedTrace> {
  const state = await look(path)
  const sums = createSums()
  let format: TraceFormat | null = null
  for await (const piece of readPieces(path, state)) {
    format = piece.format
    for (const record of piece.records) addRecord(sums, record)
  }
  if (!format) throw new BadTrace(path, { field: 'file', value: 'an empty file', expected: 'a trace' })
  const inspection = inspect(format, sums)
  if (isRefusal(inspection)) throw new BadTrace(path, inspection)
  return { ...inspection, ...state }
}

/**
 * Replays an inspected file from simulated time 0, `scale` times as fast; at its end it is read again, unless it is
 * replayed `once`. Reading fails with `BadTrace` if the file is not the inspected one any more.
 */
export function openTrace(
  path: string,
  trace: CheckedTrace,
  pace: { scale: number; seed: number; once?: boolean },
): TraceReader {
  const replay = createReplay(trace, pace)
  let pieces = readPieces(path, trace)
  return {
    async read(time) {
      const batch = createBatch()
      batch.horizon = replay.horizon
      while (replay.horizon < time) {
        const next = await pieces.next()
        if (next.done && pace.once) {
          endReplay(replay, batch)
        } else if (next.done) {
          beginLap(replay)
          pieces = readPieces(path, trace)
        } else for (const record of next.value.records) replayRecord(replay, record, batch)
      }
      return batch
    },
    async close() {
      await pieces.return()
    },
  }
}

/** The requests of a file in pieces, as long as the file stays as it was. */
async function* readPieces(path: string, expected: FileState): AsyncGenerator<Piece, void, void> {
  let format: TraceFormat | null = null
  let blank: number | null = null
  let previous = -Infinity
  for await (const { lines, number } of readLines(path, expected)) {
    const records: TraceRecord[] = []
    for (const [index, line] of lines.entries()) {
      const lineNumber = number + index
      // lines without anything may only stand at the end
      if (line.trim() === '') {
        blank ??= lineNumber
        continue
      }
      if (blank !== null) throw new BadTrace(path, refuseLine(blank, '', '', 'a request'))
      if (!format) {
        format = accept(path, detectTraceFormat(line))
        if (!startsWithRecord(format)) continue
      }
      const record = accept(path, parseTraceLine(format, line, lineNumber, previous))
      previous = record.time
      records.push(record)
    }
    if (format) yield { format, records }
  }
}

/** The lines of a file in pieces, with the number of the first of each. */
async function* readLines(path: string, expected: FileState): AsyncGenerator<{ lines: string[]; number: number }> {
  let number = 1
  let rest = ''
  const stream = createReadStream(path, { encoding: 'utf8', highWaterMark: longestLine })
  try {
    for await (const chunk of stream) {
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop() ?? ''
      const binary = [...lines, rest].findIndex(line => line.includes('\0'))
      if (binary >= 0) throw new BadTrace(path, refuseLine(number + binary, '', 'binary', 'text'))
      if (rest.length > longestLine)
        throw new BadTrace(path, refuseLine(number + lines.length, '', rest, `at most ${longestLine} characters`))
      await checkSame(path, expected)
      yield { lines, number }
      number += lines.length
    }
  } catch (error) {
    throw badFile(path, error)
  } finally {
    stream.destroy()
  }
  await checkSame(path, expected)
  if (rest) yield { lines: [rest], number }
}

interface FileState {
  size: number
  modified: number
}

async function look(path: string): Promise<FileState> {
  try {
    const found = await stat(path)
    if (found.isFile()) return { size: found.size, modified: found.mtimeMs }
  } catch (error) {
    throw badFile(path, error)
  }
  throw new BadTrace(path, { field: 'file', value: path, expected: 'a file, no directory or device' })
}

async function checkSame(path: string, expected: FileState): Promise<void> {
  const { size, modified } = await look(path)
  if (size !== expected.size || modified !== expected.modified)
    throw new BadTrace(path, { field: 'file', value: 'it changed', expected: 'the same file as when it was checked' })
}

function accept<Result extends TraceFormat | TraceRecord>(path: string, result: Result | Refusal): Result {
  if (typeof result === 'object' && isRefusal(result)) throw new BadTrace(path, result)
  return result
}

/** What the system says about a file, as a refusal; anything else stays what it is. */
function badFile(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (typeof code !== 'string') return error
  const reason = code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'no right to read it' : code
  return new BadTrace(path, { field: 'file', value: reason, expected: 'a file that can be read' })
}
