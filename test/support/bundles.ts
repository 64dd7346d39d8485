/** What tests take as the server ships it, for it runs several times as fast as from its sources: the engine, and threads. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.js'

const root = join(import.meta.dirname, '../..')
const inCache = (name: string): URL => pathToFileURL(join(root, 'node_modules/.cache', name))

/** The code of threads. */
export const runThread = inCache('threads/run.js')
export const experimentThread = inCache('threads/experiment.js')

/** Bundles it, once before the tests. */
export async function setup(): Promise<void> {
  const modules = readdirSync(join(root, 'simulation'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => name.replace(/\.ts$/, ''))
  await bundle('engine', Object.fromEntries(modules.map(name => [name, `simulation/${name}.ts`])))
  await bundle('threads', { run: 'server/live/worker.ts', experiment: 'server/experiments/worker.ts' })
}
