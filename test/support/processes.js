import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** Every process that inherits this variable belongs to the present test run. */
export const mark = { name: 'HEADGATE_TEST_RUN', value: randomUUID() }

/**
 * Ends what the run has left behind and tells what it was; a process that is about to end of itself gets a moment to.
 * Knows them from `/proc`, so it finds nothing where there is none.
 * @returns {Promise<string[]>} their command lines
 */
export async function endLeftovers() {
  for (let attempt = 0; attempt < 20 && findMarked().length > 0; attempt++) await wait(100)
  const left = findMarked()
  for (const { pid } of left) end(pid)
  return left.map(({ pid, command }) => `${pid} ${command}`)
}

function findMarked() {
  return list('/proc')
    .map(Number)
    .filter(
      pid => pid > 0 && pid !== process.pid && read(`/proc/${pid}/environ`).includes(`${mark.name}=${mark.value}`),
    )
    .map(pid => ({ pid, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() }))
}

/** @param {number} pid */
function end(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended meanwhile
  }
}

/** @param {string} folder */
function list(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
