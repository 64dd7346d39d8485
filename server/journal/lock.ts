import { readFileSync } from 'node:fs'
import { readlink, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from './files'

/** Another server that runs has the folder. */
export class Locked extends Error {
  constructor(
    readonly folder: string,
    readonly pid: number,
  ) {
    super(`${folder} is in use by process ${pid}`)
  }
}

/**
 * Takes a folder for this process; resolves to how to give it back. A link that leads nowhere but names the process is the
 * lock: it is made in one step, needs no room on the disk, and one left behind by a process that has ended is taken over.
 */
export async function lock(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock')
  const mine = nameOf(process.pid)
  for (;;) {
    try {
      await symlink(mine, path)
      return () => rm(path, { force: true })
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') throw cause
    }
    const holder = await read(path)
    if (holder === null) continue
    const pid = Number.parseInt(holder, 10)
    if (isAlive(pid) && nameOf(pid) === holder) throw new Locked(folder, pid)
    await takeAway(path, holder)
  }
}

/** Removes a stale lock, and nothing that came in its place meanwhile. */
async function takeAway(path: string, stale: string): Promise<void> {
  const aside = `${path}.${process.pid}`
  try {
    await rename(path, aside)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return
    throw cause
  }
  if ((await read(aside)) === stale) await rm(aside, { force: true })
  else await rename(aside, path)
}

async function read(path: string): Promise<string | null> {
  try {
    return await readlink(path)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null
    throw cause
  }
}

/** A process and when it started, where the system tells: numbers of processes are used again. */
function nameOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const started = stat.slice(stat.lastIndexOf(')')).split(' ')[20]
    return `${pid}-${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}-${started}`
  } catch {
    return `${pid}`
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return codeOf(cause) === 'EPERM'
  }
}
