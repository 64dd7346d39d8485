import { ESLint } from 'eslint'
import typescript from 'typescript-eslint'
import { expect, test } from 'vitest'

/** The project's rules, on snippets instead of files; without those that need the types of a whole project. */
const eslint = new ESLint({ overrideConfig: [typescript.configs.disableTypeChecked] })

async function complaints(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(
    file.endsWith('.vue') ? `<script setup lang="ts">\n${code}\n</script>\n` : code,
    {
      filePath: file,
      warnIgnored: true,
    },
  )
  return (result?.messages ?? [])
    .filter(message => message.ruleId !== '@typescript-eslint/no-unused-vars')
    .map(message => `${message.ruleId}: ${message.message}`)
}

const forbidden: [room: string, file: string, code: string, because: RegExp][] = [
  [
    'simulation takes nothing from the server',
    'simulation/router.ts',
    `import { a } from '../server/config'`,
    /only itself/,
  ],
  [
    'simulation takes not even a type from the server',
    'simulation/serving/step.ts',
    `import type { A } from '../../server/protocol'`,
    /only itself/,
  ],
  [
    'simulation takes nothing from the client',
    'simulation/index.ts',
    `export { a } from '../client/format'`,
    /only itself/,
  ],
  ['simulation takes no package', 'simulation/router.ts', `import { z } from 'zod'`, /only itself/],
  ['simulation takes no Node module', 'simulation/router.ts', `import { readFileSync } from 'node:fs'`, /only itself/],
  [
    'simulation loads nothing later',
    'simulation/router.ts',
    `export const a = () => import('./random')`,
    /loaded whole/,
  ],
  ['simulation reads no clock', 'simulation/router.ts', 'export const a = () => Date.now()', /Date/],
  ['simulation reads no fine clock', 'simulation/router.ts', 'export const a = () => performance.now()', /performance/],
  [
    'simulation draws from its own streams',
    'simulation/router.ts',
    'export const a = () => Math.random()',
    /repeatable/,
  ],
  [
    'simulation takes no power',
    'simulation/router.ts',
    'export const a = (x: number) => Math.pow(x, 2)',
    /every Node version/,
  ],
  [
    'simulation takes no power by its sign',
    'simulation/router.ts',
    'export const a = (x: number) => x ** 2',
    /Node versions/,
  ],
  [
    'simulation takes no power in place',
    'simulation/router.ts',
    'export function a(x: number) { x **= 2; return x }',
    /Node versions/,
  ],
  [
    'simulation takes no sine',
    'simulation/router.ts',
    'export const a = (x: number) => Math.sin(x)',
    /every Node version/,
  ],
  [
    'simulation takes no tangent by another name',
    'simulation/router.ts',
    `export const a = (x: number) => Math['tanh'](x)`,
    /every Node version/,
  ],
  [
    'simulation takes no part of Math unseen',
    'simulation/router.ts',
    'const { cos } = Math\nexport const a = cos',
    /Name the function/,
  ],
  ['simulation prints nothing', 'simulation/router.ts', `console.log('a')`, /console/],
  ['simulation waits for nothing', 'simulation/router.ts', 'setTimeout(() => {}, 1)', /setTimeout/],
  ['simulation knows no process', 'simulation/router.ts', 'export const a = process.argv', /process/],
  [
    'simulation keeps no state beside the run',
    'simulation/router.ts',
    'let count = 0\nexport const next = () => ++count',
    /module level/,
  ],
  [
    'client takes the simulation through its index',
    'client/stores/live.ts',
    `import { a } from '../../simulation/random'`,
    /through its index/,
  ],
  [
    'client takes even types through the index',
    'client/stores/live.ts',
    `import type { Chip } from '../../simulation/catalog/chips'`,
    /through its index/,
  ],
  ['client runs nothing of the server', 'client/socket.ts', `import { a } from '../server/protocol'`, /only types/],
  [
    'client runs nothing of the server beside a type',
    'client/socket.ts',
    `import { type Hello } from '../server/protocol'`,
    /only types/,
  ],
  [
    'client takes types from server/protocol alone',
    'client/socket.ts',
    `import type { A } from '../server/config'`,
    /server\/protocol/,
  ],
  [
    'a component runs nothing of the server',
    'client/pages/Live.vue',
    `import { a } from '../../server/protocol'\na()`,
    /only types/,
  ],
  [
    'a component takes the simulation through its index',
    'client/pages/Live.vue',
    `import { a } from '../../simulation/units'\na()`,
    /through its index/,
  ],
  ['client has no Node', 'client/format.ts', `import { join } from 'node:path'`, /no Node/],
  [
    'socket.io-client has one owner',
    'client/stores/live.ts',
    `import { io } from 'socket.io-client'`,
    /client\/socket.ts alone/,
  ],
  [
    'socket.io-client is not for the server',
    'server/sockets/session.ts',
    `import { io } from 'socket.io-client'`,
    /client\/socket.ts alone/,
  ],
  [
    'ECharts has one owner',
    'client/panels/Latency.vue',
    `import * as echarts from 'echarts/core'\necharts.init`,
    /client\/charts alone/,
  ],
  [
    'ECharts has one owner, loaded late too',
    'client/panels/latency.ts',
    `export const a = () => import('echarts')`,
    /client\/charts alone/,
  ],
  [
    'server takes the simulation through its index',
    'server/live/worker.ts',
    `import { advance } from '../../simulation/simulation'`,
    /through its index/,
  ],
  [
    'server never takes the client',
    'server/http/page.ts',
    `import { a } from '../../client/format'`,
    /never imports the client/,
  ],
  [
    'server takes nothing from the tests',
    'server/http/page.ts',
    `import { a } from '../../test/support/server'`,
    /only tests/,
  ],
  [
    'the environment has one owner',
    'server/http/page.ts',
    'export const a = process.env.PORT',
    /alone reads the environment/,
  ],
  [
    'the environment has one owner, taken apart too',
    'server/main.ts',
    'const { env } = process\nexport const a = env',
    /alone reads the environment/,
  ],
  [
    'the environment has one owner, imported too',
    'server/main.ts',
    `import { env } from 'node:process'`,
    /alone reads the environment/,
  ],
  ['nothing is exported by default', 'server/http/page.ts', 'export default 1', /by name/],
  ['there are no enums', 'client/format.ts', 'export enum Unit { Second }', /union of strings/],
  ['any is no type', 'server/http/page.ts', 'export const a = (x: any) => x', /no-explicit-any/],
]

test.each(forbidden)('%s', async (_, file, code, because) => {
  expect(await complaints(file, code)).toContainEqual(expect.stringMatching(because))
})

const allowed: [file: string, code: string][] = [
  [
    'simulation/serving/step.ts',
    `import { GB } from '../units'\nexport const a = (x: number) => Math.sqrt(Math.exp(x) * GB)`,
  ],
  [
    'simulation/telemetry/histogram.ts',
    `import type { Chip } from '../catalog/chips'\nexport const a = (chip: Chip) => chip`,
  ],
  ['server/live/worker.ts', `import { advance } from '../../simulation/index'\nexport const a = () => advance`],
  ['server/config.ts', 'export const a = process.env.PORT'],
  [
    'client/stores/live.ts',
    `import type { Hello } from '../../server/protocol'\nimport { viewFleet } from '../../simulation/index'\nexport const a = (hello: Hello) => viewFleet(hello)`,
  ],
  ['client/socket.ts', `import { io } from 'socket.io-client'\nexport const a = io`],
  ['client/charts/echarts.ts', `import { use } from 'echarts/core'\nuse([])`],
  [
    'client/pages/Live.vue',
    `import type { Frame } from '../../simulation/index'\nlet last: Frame | null = null\nlast = null`,
  ],
  ['client/charts/Chart.vue', `const charts = await import('echarts/core')\ncharts.use([])`],
  ['vite.config.ts', 'export default {}'],
  ['test/sockets/frames.test.ts', `import { io } from 'socket.io-client'\nio('http://127.0.0.1')`],
]

test.each(allowed)('%s may: %s', async (file, code) => {
  expect(await complaints(file, code)).toEqual([])
})
