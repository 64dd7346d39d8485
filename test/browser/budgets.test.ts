import { readFileSync, readdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect } from 'vitest'
import { test } from '../support/browser'
import { startBuiltServer, type BuiltServer } from '../support/built-server'
import { gatherVitals, readVitals } from '../support/vitals'

const built = 'dist/client'

let server: BuiltServer
beforeAll(async () => void (server = await startBuiltServer()), 240_000)
afterAll(() => server.stop())

test('the page is small: 120 kB of script before the charts, 400 kB with all there is', () => {
  const index = readFileSync(`${built}/index.html`, 'utf8')
  const first = [...index.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file = '']) => file)
  const all = readdirSync(`${built}/assets`).flatMap(file => (file.endsWith('.js') ? [`assets/${file}`] : []))
  expect(first.length).toBeGreaterThan(0)
  expect(kilobytes(first)).toBeLessThanOrEqual(120)
  expect(kilobytes(all)).toBeLessThanOrEqual(400)
})

test('nothing jumps while the page fills', { timeout: 300_000 }, async ({ visit }) => {
  const page = await visit('about:blank')
  page.setDefaultTimeout(60_000)
  await gatherVitals(page)
  await page.goto(server.url)
  await page.locator('time.clock', { hasText: /^\d\d:\d\d:\d\d$/ }).waitFor()
  await page.waitForLoadState('networkidle')
  expect((await readVitals(page)).cls).toBeLessThanOrEqual(0.05)
})

function kilobytes(files: string[]): number {
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(`${built}/${file}`)).length, 0) / 1000
}
