import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { test } from '../support/browser'
import { buildServer, freePort, startMortal, type MortalServer } from '../support/mortal-server'
import { readTold, untold } from '../support/shown'
import { layWire, type Wire } from '../support/wire'

const patience = 240_000
/** The clock on the screen is in whole seconds, and a frame is on its way meanwhile [s]. */
const slack = 2.5
const expected = /WebSocket connection|ERR_|dynamically imported/

let data: string
let server: MortalServer
let wire: Wire
beforeAll(async () => {
  await buildServer()
  data = await mkdtemp(join(tmpdir(), 'headgate-'))
  server = startMortal({ data, port: await freePort() })
  await server.ready
  wire = await layWire(Number(new URL(server.url).port))
}, patience)
afterEach(() => wire.mend())
afterAll(async () => {
  await wire.close()
  await server.stop()
  await rm(data, { recursive: true, force: true })
})

test('a connection that is cut is told within 5 s, and mends by itself', { timeout: patience }, async ({ visit }) => {
  const page = await visit(wire.url, { expected })
  await seeCurrent(page)

  // a short one passes
  wire.cut()
  await wait(1000)
  wire.mend()
  await seeCurrent(page)

  // a long one greys every tile, with its age
  wire.cut()
  await seeLost(page)
  const heading = page.locator('.region h2').first()
  expect(await heading.evaluate(element => getComputedStyle(element, '::after').content)).toMatch(/\d.* old"$/)
  await wait(5000)
  expect(await untold(page, server.url)).toBeLessThan(slack)
  wire.mend()
  await seeCurrent(page)
  expect(await heading.evaluate(element => getComputedStyle(element, '::after').content)).not.toMatch(/old/)
})

test('a tab that was suspended shows what is as soon as it goes on', { timeout: patience }, async ({ visit }) => {
  const page = await visit(wire.url, { expected })
  await seeCurrent(page)
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
  await wait(8000)
  await devtools.send('Page.setWebLifecycleState', { state: 'active' })
  await seeCurrent(page)
})

test.for([-1, 1])('a clock that is wrong by %i h changes no age', { timeout: patience }, async (hours, { visit }) => {
  const page = await visit('about:blank', { expected })
  await page.addInitScript(by => {
    const now = Date.now.bind(Date)
    Date.now = () => now() + by
    window.Date = new Proxy(Date, {
      construct: (Real, given) => (given.length > 0 ? Reflect.construct(Real, given) : new Real(now() + by)),
    })
  }, hours * 3_600_000)
  await page.goto(wire.url)
  await seeCurrent(page)
  wire.cut()
  await seeLost(page)
  expect(await untold(page, server.url)).toBeLessThan(slack)
  wire.mend()
  await seeCurrent(page)
})

test('a server that is killed and comes back is followed again', { timeout: patience }, async ({ visit }) => {
  const page = await visit(wire.url, { expected })
  await seeCurrent(page)
  const port = Number(new URL(server.url).port)
  await server.kill()
  await seeLost(page)
  server = startMortal({ data, port })
  await server.ready
  await seeCurrent(page)
})

/** No banner, a fresh age, and no older than it says. */
async function seeCurrent(page: Page): Promise<void> {
  const current = async () => {
    const { banner, age, clock } = await readTold(page)
    return !banner && clock > 0 && age < 2 && (await untold(page, server.url)) < slack
  }
  await expect.poll(current, { timeout: 60_000 }).toBe(true)
}

/** From now, which is when it was cut. */
async function seeLost(page: Page): Promise<void> {
  await page.locator('.banner.lost').waitFor({ timeout: 5000 })
  await page.locator('.shell.stale').waitFor({ timeout: 5000 })
}
