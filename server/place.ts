/** Where things lie: the same for the sources under a loader and for the build in dist/server. */
import { fileURLToPath } from 'node:url'

const fromSource = import.meta.url.endsWith('.ts')
export const root = fileURLToPath(new URL(fromSource ? '..' : '../..', import.meta.url))

/** The built page. */
export const builtPage = fileURLToPath(new URL(fromSource ? '../dist/client' : '../client', import.meta.url))

const source = new URL('./live/worker.ts', import.meta.url).href

/** The code of the simulation's thread. Workers take no loader from their parent, so that sources register it first. */
export const worker: { code: string | URL; eval: boolean } = fromSource
  ? { code: `import('tsx/esm/api').then(({ register }) => (register(), import('${source}')))`, eval: true }
  : { code: new URL('./worker.js', import.meta.url), eval: false }
