import { readFileSync, readdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { test, type Visit } from '../support/browser'
import { startBuiltServer, type BuiltServer } from '../support/built-server'
import { gatherVitals, readVitals } from '../support/vitals'

const built = 'dist/client'
/** What other work on the machine costs is no fault of the page: the best of so many runs counts. */
const runs = 3
const patience = 300_000

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

test('the figures paint within 1.5 s, and nothing jumps', { timeout: patience }, async ({ visit }) => {
  await bestOf(async () => {
    const page = await open(visit)
    await page.locator('canvas').first().waitFor()
    const { lcp, cls } = await readVitals(page)
    await leave(page)
    return { lcp: lcp / 1500, cls: cls / 0.05 }
  })
})

test('the screen answers a hand within 200 ms', { timeout: patience }, async ({ visit }) => {
  await bestOf(async () => {
    const page = await open(visit)
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /^Find/ }).pressSequentially('hopper')
    await page.keyboard.press('Escape')
    await page
      .getByRole('button', { name: /b200-chat/ })
      .first()
      .click()
    await page.getByRole('link', { name: 'Route' }).click()
    await page.getByRole('slider', { name: 'Chat, Hopper' }).press('ArrowRight')
    await page.getByRole('link', { name: 'Changes' }).click()
    await page.getByRole('link', { name: 'Live', exact: true }).click()
    await page.locator('canvas').first().waitFor()
    const { inp } = await readVitals(page)
    await leave(page)
    return { inp: inp / 200 }
  })
})

test('at rest, four frames a second, no task is longer than 50 ms', { timeout: patience }, async ({ visit }) => {
  await bestOf(async () => {
    const page = await open(visit)
    await page.locator('canvas').first().waitFor()
    // until charts have drawn and what is loaded at leisure is there
    await page.waitForLoadState('networkidle')
    for (let quiet = 0; quiet < 40 && (await tasksWithin(page, 1000)).length > 0; quiet++);
    const tasks = await tasksWithin(page, 10_000)
    await leave(page)
    return { longest: Math.max(0, ...tasks) / 50 }
  })
})

async function tasksWithin(page: Page, ms: number): Promise<number[]> {
  await readVitals(page)
  await wait(ms)
  return (await readVitals(page)).longTasks
}

/** Each figure as a part of its budget; the best run is the one whose worst figure is the smallest. */
async function bestOf(measure: () => Promise<Record<string, number>>): Promise<void> {
  let best: Record<string, number> = {}
  const worst = (figures: Record<string, number>) => Math.max(...Object.values(figures))
  for (let run = 0; run < runs; run++) {
    const figures = await measure()
    if (run === 0 || worst(figures) < worst(best)) best = figures
    if (worst(best) <= 1) break
  }
  for (const [name, part] of Object.entries(best)) expect(part, `${name}, of its budget`).toBeLessThanOrEqual(1)
}

async function open(visit: Visit): Promise<Page> {
  const page = await visit('about:blank')
  page.setDefaultTimeout(60_000)
  await gatherVitals(page)
  await page.goto(server.url)
  await page.locator('time.clock', { hasText: /^\d\d:\d\d:\d\d$/ }).waitFor()
  return page
}

/** What a page still draws would slow the next one. */
async function leave(page: Page): Promise<void> {
  await page.goto('about:blank')
}

function kilobytes(files: string[]): number {
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(`${built}/${file}`)).length, 0) / 1000
}
