import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'
import { expect, test } from 'vitest'
import { goldenHash } from '../support/golden'
import { findNode24 } from '../support/node-24.js'

/** Changes with everything that a frame tells: the model, the default fleet, the order of draws. Then take the new one. */
const golden = 'a859224a06c776141198870ab4a5ea67388f642450f316153fc0cc0a2f87c501'

const node24 = findNode24()

test('the golden run gives the frames that it always gave', () => {
  expect(goldenHash()).toBe(golden)
})

test.skipIf(process.version.startsWith('v24.') || !node24)(
  'Node 24 gives the same frames',
  { timeout: 60_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'headgate-golden-'))
    const ssr = 'test/support/golden.ts'
    await build({ configFile: false, logLevel: 'error', build: { ssr, outDir: folder, emptyOutDir: true } })
    const script = `import(process.argv[1]).then(run => console.log(process.version, run.goldenHash()))`
    const output = execFileSync(node24 ?? '', ['-e', script, pathToFileURL(join(folder, 'golden.js')).href])
    await rm(folder, { recursive: true })
    expect(output.toString().trim()).toMatch(/^v24\./)
    expect(output.toString().trim().split(' ')[1]).toBe(golden)
  },
)
