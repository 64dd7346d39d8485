import { open, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Entry } from './entry'
import { codeOf, syncFolder, withPath } from './files'
import { encodeRecord, readRecords } from './record'

/** The durable, append-only record of a run: one entry per line, the run itself first, then what was done to it. */
export interface Journal {
  /**
   * Resolves to the number of the entry when it is on disk; until then nothing may be acknowledged. An entry that fails
   * leaves no part of it.
   */
  append(entry: Entry): Promise<number>
  /** Takes the newest entry off again; where the disk fails at that, it takes no other until it is off. */
  takeBack(): Promise<void>
  /** Entries on disk, and why the newest attempt to add one failed, if it did. */
  state(): { entries: number; failing: string | null }
  close(): Promise<void>
}

/** What was cut off the end of a journal, and the file that keeps it. */
export interface Cut {
  bytes: number
  file: string
}

const name = 'journal.ndjson'

/** Starts the journal of a run in its folder. Fails where it cannot write. */
export async function createJournal(folder: string, first: Entry): Promise<Journal> {
  const path = join(folder, name)
  const handle = await open(path, 'ax')
  const journal = journalOn(handle, { entries: 0, length: 0, chain: 0 })
  try {
    await journal.append(first)
    await syncFolder(folder)
  } catch (cause) {
    await handle.close()
    throw withPath(cause, path)
  }
  return journal
}

/** A journal as it was found: its good entries, and how many bytes they take of the file. */
export interface FoundJournal {
  entries: Entry[]
  chain: number
  length: number
  bytes: Buffer
}

/** `null` where there is none. */
export async function readJournal(folder: string): Promise<FoundJournal | null> {
  const bytes = await readFile(join(folder, name)).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return null
    throw cause
  })
  if (!bytes) return null
  const { entries, ...rest } = readRecords(bytes)
  // the checksum vouches for what this program once wrote
  return { entries: entries as Entry[], ...rest, bytes }
}

/** Goes on with a journal; what is torn or corrupt at its end is cut off and kept aside. */
export async function continueJournal(
  folder: string,
  found: FoundJournal,
): Promise<{ journal: Journal; cut: Cut | null }> {
  const { entries, chain, length, bytes } = found
  const path = join(folder, name)
  const handle = await open(path, 'a')
  try {
    const cut = length < bytes.length ? await cutOff(folder, handle, bytes, length) : null
    const journal = journalOn(handle, { entries: entries.length, length, chain })
    if (cut) await journal.append({ kind: 'cut', at: new Date().toISOString(), ...cut })
    return { journal, cut }
  } catch (cause) {
    await handle.close()
    throw withPath(cause, path)
  }
}

async function cutOff(folder: string, journal: FileHandle, bytes: Buffer, length: number): Promise<Cut> {
  const file = `journal.cut-${new Date().toISOString().replace(/[:.]/g, '-')}`
  const aside = await open(join(folder, file), 'wx')
  try {
    await aside.writeFile(bytes.subarray(length))
    await aside.sync()
  } finally {
    await aside.close()
  }
  await syncFolder(folder)
  await journal.truncate(length)
  await journal.sync()
  return { bytes: bytes.length - length, file }
}

function journalOn(handle: FileHandle, start: { entries: number; length: number; chain: number }): Journal {
  let { entries, length, chain } = start
  let before = start
  let torn = false
  let failing: string | null = null
  return { append, takeBack, state: () => ({ entries, failing }), close: () => handle.close() }

  async function append(entry: Entry): Promise<number> {
    try {
      if (torn) await mend()
      const record = encodeRecord(entries, entry, chain)
      const bytes = Buffer.from(record.line)
      torn = true
      await handle.appendFile(bytes)
      await handle.datasync()
      torn = false
      failing = null
      before = { entries, length, chain }
      length += bytes.length
      chain = record.chain
      return entries++
    } catch (cause) {
      failing = cause instanceof Error ? cause.message : String(cause)
      if (torn) await mend().catch(() => {})
      throw cause
    }
  }

  async function takeBack(): Promise<void> {
    ;({ entries, length, chain } = before)
    torn = true
    await mend().catch((cause: unknown) => {
      failing = cause instanceof Error ? cause.message : String(cause)
    })
  }

  /** Takes back what a failed line left; as long as that fails too, no other line is written. */
  async function mend(): Promise<void> {
    await handle.truncate(length)
    await handle.datasync()
    torn = false
  }
}
