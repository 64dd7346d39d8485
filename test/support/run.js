/**
 * `npm test`: brings in what the tests need, checks types, lint and format, builds, and runs every test.
 * `npm test -- FILTER…` hands the filter to vitest and leaves the checks out.
 * Ends with a line of the figures; the exit code is 0 only if nothing failed.
 */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findChromium, installChromium } from './chromium.js'
import { findNode24, installNode24 } from './node-24.js'
import { endLeftovers, mark } from './processes.js'

const root = join(import.meta.dirname, '../..')
const report = join(root, 'node_modules/.cache/tests.json')
const filters = process.argv.slice(2)
/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => stop(signal))

bringChromium()
bringNode24()

let failed = 0
if (filters.length === 0) {
  const checks = await Promise.all([
    step('type check', ['node_modules/vue-tsc/bin/vue-tsc.js', '-b']),
    step('lint', ['node_modules/eslint/bin/eslint.js', '.']),
    step('format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']),
  ])
  failed += checks.reduce((sum, each) => sum + each)
}
// starting the server with a question for its flags builds what is stale
const unbuilt = await step('build', ['server/start.js', '--help'], 'ignore')
failed += unbuilt
let counts = { passed: 0, failed: 0, skipped: 0 }
if (unbuilt === 0) counts = await runTests()

for (const left of await endLeftovers()) {
  console.error(`left behind, now ended: ${left}`)
  failed++
}
failed += counts.failed
console.log(`${counts.passed} passed, ${failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`)
process.exitCode = failed === 0 ? 0 : 1

function bringChromium() {
  if (findChromium()) return
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    console.log('Installing Chromium for the browser journeys…')
    installChromium()
  } else if (filters.length === 0) {
    console.error(
      'The browser journeys need Chromium: `apt-get install chromium`, or set HEADGATE_CHROMIUM to its path.',
    )
    process.exit(1)
  }
}

function bringNode24() {
  if (process.platform !== 'linux' || process.arch !== 'x64' || process.version.startsWith('v24.') || findNode24())
    return
  console.log('Installing Node 24 for the golden run…')
  try {
    installNode24()
  } catch (error) {
    if (process.env.CI) throw error
    console.error('Node 24 cannot be installed: the golden run is not repeated on it.')
  }
}

/**
 * Runs a script of the project to its end.
 * @param {string[]} command
 * @param {'inherit' | 'ignore'} [stdout]
 * @returns {Promise<number>} the exit code
 */
function run([script = '', ...rest], stdout = 'inherit') {
  const child = spawn(process.execPath, [join(root, script), ...rest], {
    cwd: root,
    stdio: ['ignore', stdout, 'inherit'],
    env: { ...process.env, [mark.name]: mark.value },
  })
  running.add(child)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', code => {
      running.delete(child)
      resolve(code ?? 1)
    })
  })
}

/**
 * @param {string} name
 * @param {string[]} command
 * @param {'inherit' | 'ignore'} [stdout]
 * @returns {Promise<number>} how many failed: 0 or 1
 */
async function step(name, command, stdout) {
  const began = performance.now()
  const code = await run(command, stdout)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`${code === 0 ? '✓' : '✗'} ${name} (${seconds} s)`)
  return code === 0 ? 0 : 1
}

async function runTests() {
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await run(['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...filters])
  const counts = readCounts()
  // a file that does not load, or an error outside of a test, fails the run without a test to show for it
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

function readCounts() {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'))
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests }
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}

/** @param {NodeJS.Signals} signal */
async function stop(signal) {
  for (const child of running) child.kill(signal)
  await endLeftovers()
  process.exit(1)
}
