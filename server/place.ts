/** Where things lie: the same for the sources under a loader and for the build in dist/server. */
import { fileURLToPath } from 'node:url'

const fromSource = import.meta.url.endsWith('.ts')
export const root = fileURLToPath(new URL(fromSource ? '..' : '../..', import.meta.url))

/** The built page. */
export const builtPage = fileURLToPath(new URL(fromSource ? '../dist/client' : '../client', import.meta.url))

/** The code of the simulation's thread, and what Node needs to run it. */
export const worker = {
  code: new URL(fromSource ? './live/worker.ts' : './worker.js', import.meta.url),
  execArgv: fromSource ? ['--import', 'tsx'] : [],
}
