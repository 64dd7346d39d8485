import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** With the folders above it. Not by `recursive`, which on Node 20 tries for ever where there can be no folder, as in /proc. */
export async function makeFolder(path: string, aboveMade = false): Promise<void> {
  try {
    await mkdir(path)
  } catch (cause) {
    const code = codeOf(cause)
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (code !== 'ENOENT' || aboveMade) throw cause
    await makeFolder(dirname(path))
    await makeFolder(path, true)
  }
}

/** So that what was made or renamed in it is still there after a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A file that is there whole or not at all. */
export async function writeWhole(
  folder: string,
  name: string,
  parts: readonly Uint8Array[],
  mode = 0o666,
): Promise<void> {
  const draft = join(folder, `${name}.draft`)
  try {
    const handle = await open(draft, 'w', mode)
    try {
      for (const part of parts) await handle.writeFile(part)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, join(folder, name))
  } catch (cause) {
    await rm(draft, { force: true })
    throw withPath(cause, draft)
  }
  await syncFolder(folder)
}

/** What a handle fails with does not say on which file. */
export function withPath(cause: unknown, path: string): unknown {
  return cause instanceof Error && !('path' in cause) ? Object.assign(cause, { path }) : cause
}

export function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : null
}
