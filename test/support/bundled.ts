import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.js'

/** A module of the tests' support in one piece, as the server is built. */
export async function importBundled<Module>(name: string): Promise<Module> {
  const folder = await bundle(`bundled-${name}-${process.pid}`, { [name]: `test/support/${name}.ts` })
  try {
    return (await import(pathToFileURL(join(folder, `${name}.js`)).href)) as Module
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
