import { mkdir, open, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The durable, append-only record of a run: one JSON object per line, the run itself first, then what was done to it. */
export interface Journal {
  file: string
  /**
   * Resolves to the number of the entry when it is on disk; until then nothing may be acknowledged. An entry that fails
   * leaves no part of it.
   */
  append(entry: object): Promise<number>
  close(): Promise<void>
  /** Takes the file away, of a run that did not start. */
  discard(): Promise<void>
}

/** Starts the journal of a run in a folder, which it makes if need be. Fails where it cannot write. */
export async function openJournal(folder: string, id: string, run: object): Promise<Journal> {
  const journals = join(folder, 'journal')
  await makeFolder(journals)
  const file = join(journals, `${id}.ndjson`)
  const handle = await open(file, 'ax')
  let length = 0
  let torn = false
  let entries = 0
  try {
    await append(run)
    await syncFolder(journals)
  } catch (cause) {
    await discard().catch(() => {})
    // what a handle fails with does not say on which file
    throw cause instanceof Error ? Object.assign(cause, { path: file }) : cause
  }
  return { file, append, close: () => handle.close(), discard }

  async function discard(): Promise<void> {
    await handle.close()
    await rm(file)
  }

  async function append(entry: object): Promise<number> {
    const bytes = Buffer.from(`${JSON.stringify(entry)}\n`)
    if (torn) await mend()
    try {
      await handle.appendFile(bytes)
      await handle.datasync()
      length += bytes.length
      return entries++
    } catch (cause) {
      torn = true
      await mend().catch(() => {})
      throw cause
    }
  }

  /** Takes back what a failed line left; as long as that fails too, no other line is written. */
  async function mend(): Promise<void> {
    await handle.truncate(length)
    await handle.datasync()
    torn = false
  }
}

/** With the folders above it. Not by `recursive`, which on Node 20 tries for ever where there can be no folder, as in /proc. */
async function makeFolder(path: string, aboveMade = false): Promise<void> {
  try {
    await mkdir(path)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (code !== 'ENOENT' || aboveMade) throw cause
    await makeFolder(dirname(path))
    await makeFolder(path, true)
  }
}

/** So that the file itself is still there after a loss of power. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
