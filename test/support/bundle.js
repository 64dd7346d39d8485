import { join } from 'node:path'
import { build } from 'vite'
import { bundleOutput } from '../../server/bundle-output.js'

const root = join(import.meta.dirname, '../..')

/**
 * Bundles modules as the server is built: the engine runs many times as fast as from its sources.
 * @param {string} folder for the files, in the cache; what was there before is gone
 * @param {Record<string, string>} input paths from the root, by the names of the files
 * @returns {Promise<string>} where they are
 */
export async function bundle(folder, input) {
  const outDir = join(root, 'node_modules/.cache', folder)
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node20',
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(input).map(([name, path]) => [name, join(root, path)])),
        output: bundleOutput,
      },
    },
  })
  return outDir
}
