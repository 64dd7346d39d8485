import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { codeOf, makeFolder, writeWhole } from '../journal/files'
import { lock, Locked } from '../journal/lock'
import { refusalOf } from '../refusal'
import { tokenRecordSchema, type TokenRecord } from './tokens'

const name = 'tokens.json'
const patienceMs = 2000
const schema = z.strictObject({ version: z.literal(1), tokens: z.array(tokenRecordSchema) })

/** The file of tokens is there and is not one. */
export class BadTokens extends Error {}

export function tokenFile(data: string): string {
  return join(folderOf(data), name)
}

/** Empty where there is no file; fails with `BadTokens` where it is none of tokens. */
export async function readTokens(data: string): Promise<TokenRecord[]> {
  return (await readFound(data)) ?? []
}

/** `null` where there is no file. */
export async function readFound(data: string): Promise<TokenRecord[] | null> {
  const file = tokenFile(data)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null
    throw cause
  }
  const input = parse(text)
  const { success, data: found, error } = schema.safeParse(input)
  if (success) return found.tokens
  const { field, expected } = refusalOf(error, input, 'file')
  throw new BadTokens(`${file}: ${field}: expected ${expected}`)
}

/** Reads, edits and writes the tokens, one program at a time; an edit that gives none writes nothing. */
export async function editTokens<Result extends { tokens: TokenRecord[] } | { refusal: unknown }>(
  data: string,
  edit: (tokens: TokenRecord[]) => Result,
): Promise<Result> {
  const folder = folderOf(data)
  await makeFolder(data)
  await makeFolder(folder)
  const unlock = await lockPatiently(folder)
  try {
    const result = edit(await readTokens(data))
    if ('tokens' in result) {
      const text = JSON.stringify({ version: 1, tokens: result.tokens }, null, 2)
      await writeWhole(folder, name, [Buffer.from(`${text}\n`)], 0o600)
    }
    return result
  } finally {
    await unlock()
  }
}

function folderOf(data: string): string {
  return join(data, 'access')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Another program is done with the file within milliseconds. */
async function lockPatiently(folder: string): Promise<() => Promise<void>> {
  const end = performance.now() + patienceMs
  for (;;) {
    try {
      return await lock(folder)
    } catch (cause) {
      if (!(cause instanceof Locked) || performance.now() > end) throw cause
      await wait(20)
    }
  }
}
