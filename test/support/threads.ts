import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'
import { bundleOutput } from '../../server/bundle-output.js'

const root = join(import.meta.dirname, '../..')
const outDir = join(root, 'node_modules/.cache/threads')
const input = {
  run: join(root, 'server/live/worker.ts'),
  experiment: join(root, 'server/experiments/worker.ts'),
}

/** The code of threads, as the server is built. */
export const runThread = pathToFileURL(join(outDir, 'run.js'))
export const experimentThread = pathToFileURL(join(outDir, 'experiment.js'))

/** Bundles it, once before the tests. */
export async function setup(): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node20',
      rolldownOptions: { input, output: bundleOutput },
    },
  })
}
