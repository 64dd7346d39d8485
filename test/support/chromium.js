import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome']

/**
 * Path of the browser that the journeys run in: `HEADGATE_CHROMIUM`, or the first on the path; `null` where there is none.
 * @returns {string | null}
 */
export function findChromium() {
  const { HEADGATE_CHROMIUM: given, PATH = '' } = process.env
  if (given) {
    if (!isExecutable(given))
      throw new Error(`HEADGATE_CHROMIUM: ${given} cannot be run, expected the path of Chromium`)
    return given
  }
  const folders = [...PATH.split(delimiter), '/usr/bin']
  return folders.flatMap(folder => names.map(name => join(folder, name))).find(isExecutable) ?? null
}

/** Debian's Chromium, with fonts to draw text in. Needs root and the network. */
export function installChromium() {
  /** @type {import('node:child_process').ExecFileSyncOptions} */
  const options = {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }
  execFileSync('apt-get', ['update', '-qq'], options)
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-liberation'], options)
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
