import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.js'

const folder = 'threads'
const place = (name: string): URL => pathToFileURL(join(import.meta.dirname, '../../node_modules/.cache', folder, name))

/** The code of threads, as the server is built. */
export const runThread = place('run.js')
export const experimentThread = place('experiment.js')

/** Bundles it, once before the tests. */
export async function setup(): Promise<void> {
  await bundle(folder, { run: 'server/live/worker.ts', experiment: 'server/experiments/worker.ts' })
}
