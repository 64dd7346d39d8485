import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'
import { bundleOutput } from '../../server/bundle-output.js'

/** A module of the tests' support in one piece, as the server is built: the engine runs many times as fast as under a test. */
export async function importBundled<Module>(name: string): Promise<Module> {
  const root = join(import.meta.dirname, '../..')
  const outDir = join(root, 'node_modules/.cache', `bundled-${name}-${process.pid}`)
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node20',
      rolldownOptions: { input: { [name]: join(import.meta.dirname, `${name}.ts`) }, output: bundleOutput },
    },
  })
  try {
    return (await import(pathToFileURL(join(outDir, `${name}.js`)).href)) as Module
  } finally {
    await rm(outDir, { recursive: true, force: true })
  }
}
