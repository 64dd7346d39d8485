/** Where things lie: the same for the sources under a loader and for the build in dist/server. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const fromSource = import.meta.url.endsWith('.ts')
export const root = fileURLToPath(new URL(fromSource ? '..' : '../..', import.meta.url))

/** The built page. */
export const builtPage = fileURLToPath(new URL(fromSource ? '../dist/client' : '../client', import.meta.url))

/** The code of the simulation's thread, and of the threads of experiments. */
export const worker = threadOf('./live/worker.ts', './worker.js')
export const experimentWorker = threadOf('./experiments/worker.ts', './experiment-worker.js')

/** Workers take no loader from their parent, so that sources register it first. */
function threadOf(source: string, built: string): { code: string | URL; eval: boolean } {
  const place = new URL(source, import.meta.url).href
  return fromSource
    ? { code: `import('tsx/esm/api').then(({ register }) => (register(), import('${place}')))`, eval: true }
    : { code: new URL(built, import.meta.url), eval: false }
}

/** Of the code that makes the frames of a run: under other code the same commands may give other frames. */
export function codeDigest(): string {
  const folders = fromSource
    ? [join(root, 'simulation'), join(root, 'server/live')]
    : [dirname(fileURLToPath(import.meta.url))]
  const hash = createHash('sha256')
  for (const file of folders.flatMap(filesIn)) hash.update(readFileSync(file))
  return hash.digest('base64')
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.(ts|js)$/.test(name))
    .sort()
    .map(name => join(folder, name))
}
