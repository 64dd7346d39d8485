import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Entry } from '../../server/journal/entry'

/** Folder of the newest run in a data folder. */
export async function runFolder(data: string): Promise<string> {
  const newest = (await readdir(join(data, 'runs'))).sort().at(-1)
  if (newest === undefined) throw new Error(`there is no run in ${data}`)
  return join(data, 'runs', newest)
}

/** The entries of the newest run, every line of which must be whole. */
export async function journalOf(data: string): Promise<Entry[]> {
  const text = await readFile(join(await runFolder(data), 'journal.ndjson'), 'utf8')
  if (!text.endsWith('\n')) throw new Error('the last line of the journal is not whole')
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
}
