/**
 * `npm run --silent bench [-- NAME…]`: one JSON line per benchmark, all but the long ones unless named.
 * Exit code 1 if one misses its bar, 2 if a name is unknown.
 */
import { readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundle } from '../support/bundle.js'
import { endLeftovers, mark } from '../support/processes.js'

const root = join(import.meta.dirname, '../..')
process.chdir(root)
process.env[mark.name] = mark.value
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => endLeftovers().then(() => process.exit(1)))
/** @type {import('./benchmark').Benchmark[]} */
const benchmarks = await load()
const names = process.argv.slice(2)
const unknown = names.filter(name => !benchmarks.some(benchmark => benchmark.name === name))
if (unknown.length > 0) {
  const known = benchmarks.map(({ name }) => name).join(', ')
  process.stderr.write(`bench: no benchmark is called ${unknown.join(', ')}; there are ${known}\n`)
  process.exit(2)
}

const chosen = benchmarks.filter(({ name, long }) => (names.length > 0 ? names.includes(name) : !long))
for (const { name, unit, bar, better, measure } of chosen) {
  process.stderr.write(`${name}…\n`)
  const { value, ...extra } = await measure()
  const [low, high] =
    typeof bar === 'number' ? [better === 'higher' ? bar : -Infinity, better === 'lower' ? bar : Infinity] : bar
  const ok = value >= low && value <= high
  if (!ok) process.exitCode = 1
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length }
  process.stdout.write(`${JSON.stringify({ name, value, unit, bar, ok, ...extra, ...machine })}\n`)
}

/** Bundled as the server is, so that what is measured is what ships. */
async function load() {
  const files = readdirSync(import.meta.dirname).filter(file => file.endsWith('.ts'))
  const input = {
    ...Object.fromEntries(files.map(file => [basename(file, '.ts'), `test/bench/${file}`])),
    worker: 'server/live/worker.ts',
    tune: 'server/tune.ts',
  }
  const outDir = await bundle('bench', input)
  const { tune } = await import(pathToFileURL(join(outDir, 'tune.js')).href)
  tune()
  const modules = Object.keys(input).filter(
    name => !['wire-clients', 'wire-bound', 'preview-client', 'worker', 'tune'].includes(name),
  )
  const loaded = await Promise.all(modules.map(name => import(pathToFileURL(join(outDir, `${name}.js`)).href)))
  return loaded.flatMap(({ benchmarks = [] }) => benchmarks)
}
