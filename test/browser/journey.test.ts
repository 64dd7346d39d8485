import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import type { FleetView, Frame } from '../../simulation/index'
import { test } from '../support/browser'
import { startBuiltServer, type BuiltServer } from '../support/built-server'
import { connect, next } from '../support/server'

/** Frames then lie on whole seconds, as windows begin on them: a window can begin just when a change took effect. */
const speed = 8
/** Other work may load the machine. */
const patience = { timeout: 20_000 }
const clock = /^\d\d:\d\d:\d\d$/

let server: BuiltServer
beforeAll(async () => void (server = await startBuiltServer({ flags: ['--speed', String(speed)] })), 120_000)
afterAll(() => server.stop())

test('an operator moves chat from Blackwell to Hopper, and the fleet, the charts and a second browser follow', async ({
  visit,
}) => {
  const operator = await visit(server.url)
  await seeLive(operator)
  const onlooker = await visit(server.url, { theme: 'light', width: 1920, height: 1080 })
  await seeLive(onlooker)
  const { socket, hello } = await connect(server.url)
  const before = await next(socket, 'frame')

  // fifteen points from one family to the other, the rest held
  await operator.getByRole('link', { name: 'Route' }).click()
  const locks = operator.getByRole('button', { name: /^Lock Chat on (?!Blackwell|Hopper)/ })
  await locks.first().waitFor()
  for (const lock of await locks.all()) await lock.click()
  const hopper = operator.getByRole('slider', { name: 'Chat, Hopper' })
  await hopper.focus()
  await hopper.press('Shift+ArrowRight')
  for (let press = 0; press < 5; press++) await hopper.press('ArrowRight')
  expect(await hopper.inputValue()).toBe('28')
  expect(await operator.getByRole('slider', { name: 'Chat, Blackwell' }).inputValue()).toBe('42')
  await operator.getByLabel('Reason').fill('spare Blackwell')
  const told = next(socket, 'routing')
  await operator.getByRole('button', { name: /^Apply r/ }).click()

  // in force, and told to everyone
  const { revision, routing, change } = await told
  expect(revision).toBe(hello.routing.revision + 1)
  expect(change.reason).toBe('spare Blackwell')
  expect(change.summary).toMatch(/^Chat: .*Hopper 13 → 28 %/)
  await next(socket, 'frame', frame => frame.revision === revision)
  // those that a busy machine left this client out of are there for the asking
  const backfill = await socket.emitWithAck('frames', { since: before.sequence })
  const first = backfill.ok ? backfill.frames.find(frame => frame.revision === revision) : undefined
  expect((first?.time ?? Infinity) - change.time).toBeLessThanOrEqual(speed)
  await operator.getByText(`r${revision} in force`, { exact: true }).waitFor()

  // each route has had its share of the requests of a window after the change, within one at either end of it
  const whole = await next(socket, 'frame', frame => frame.time - frame.window >= change.time)
  expect(whole.time - whole.window - change.time).toBeLessThan(speed)
  for (const { pool, share, requests, error, total } of routed(hello.fleet, whole, 'chat', routing.chat ?? []))
    expect(Math.abs(requests - share * total), pool).toBeLessThanOrEqual(2 + error)

  // who gives is relieved, who takes is loaded
  const after = await next(socket, 'frame', frame => frame.time >= whole.time + 30)
  for (const [pool, way] of [
    ['b200-chat', -1],
    ['h200-chat', 1],
  ] as const)
    for (const metric of ['ttftP95', 'power'] as const) {
      const index = hello.fleet.pools.findIndex(({ id }) => id === pool)
      const [was = null, is = null] = [before.pools[metric][index], after.pools[metric][index]]
      expect(((is ?? NaN) - (was ?? NaN)) * way, `${metric} of ${pool}: ${was} to ${is}`).toBeGreaterThan(0)
      await operator.locator(`[data-pool="${pool}"]`).waitFor()
    }

  // marked on every chart, here and there
  await operator.getByRole('application').first().scrollIntoViewIfNeeded()
  await expect.poll(() => marks(operator, revision)).toBe(2)
  await onlooker.getByRole('application').last().scrollIntoViewIfNeeded()
  await expect.poll(() => marks(onlooker, revision)).toBe(6)
  await onlooker.getByText('spare Blackwell').waitFor()
  socket.disconnect()
})

test('a page heals by itself when the server comes back', async ({ visit }) => {
  const first = await startBuiltServer()
  // the server may go while the page is still fetching its parts
  const page = await visit(first.url, { expected: /WebSocket connection|ERR_|dynamically imported/ })
  await seeLive(page)
  await first.stop()
  await page.getByText('The connection to the server is lost.').waitFor({ timeout: 5000 })
  const second = await startBuiltServer({ port: first.port, flags: ['--seed', '7'] })
  await page.getByText('seed 7').waitFor({ timeout: 20_000 })
  await page.getByText('The connection to the server is lost.').waitFor({ state: 'detached' })
  await seeLive(page)
  await page.locator('canvas').first().waitFor(patience)
  await second.stop()
})

test('a page begins anew when a part of it could not be fetched, and shows the same', async ({ visit }) => {
  const page = await visit(`${server.url}/?span=60`, { expected: /ERR_|dynamically imported/ })
  await seeLive(page)
  await page.route(/canvas-/, fetch => fetch.abort(), { times: 1 })
  let begun = 0
  page.on('request', request => void (request.isNavigationRequest() && begun++))
  await page.reload()
  await expect.poll(() => begun, patience).toBe(2)
  await page.locator('canvas').first().waitFor(patience)
  expect(new URL(page.url()).search).toBe('?span=60')
})

test('the theme follows the system until one is chosen, and the choice is kept', async ({ visit }) => {
  const page = await visit(server.url, { theme: 'dark' })
  await seeLive(page)
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const dark = await paper()
  await page.emulateMedia({ colorScheme: 'light' })
  await expect.poll(paper, patience).not.toBe(dark)
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(paper, patience).toBe(dark)
  await page.getByLabel('Theme', { exact: true }).first().click()
  await page.getByRole('radio', { name: 'Light', exact: true }).check()
  await expect.poll(paper, patience).not.toBe(dark)
  // What is still on its way would fail when the page goes; what opens is fetched last.
  await page.waitForFunction(() =>
    ['CommandPalette', 'ShortcutSheet'].every(name =>
      performance.getEntriesByType('resource').some(entry => entry.name.includes(name)),
    ),
  )
  await page.waitForLoadState('networkidle')
  await page.reload()
  expect(await paper()).not.toBe(dark)
  await seeLive(page)
})

test.for([
  { width: 360, height: 740 },
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
])('at $width × $height nothing is wider than the screen', async (size, { visit }) => {
  for (const place of ['/', '/route']) {
    const page = await visit(server.url + place, size)
    await seeLive(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), place).toBeLessThanOrEqual(size.width)
  }
})

/** The first frame is on the screen. */
async function seeLive(page: Page): Promise<void> {
  await page.locator('time.clock', { hasText: clock }).waitFor({ timeout: 10_000 })
}

async function marks(page: Page, revision: number): Promise<number> {
  return page.locator(`[data-mark="r${revision}"]:visible`).count()
}

/** Requests that each route of a workload had in the window, and what rounding the rate may hide. */
function routed(fleet: FleetView, frame: Frame, workload: string, routes: { decode: string; share: number }[]) {
  const rows = routes.map(({ decode, share }) => {
    const row = fleet.flows.findIndex(
      flow => fleet.workloads[flow.workload]?.id === workload && fleet.pools[flow.pool]?.id === decode,
    )
    const rate = frame.flows.requests[row] ?? NaN
    const lastDigit = Math.pow(10, Math.floor(Math.log10(rate)) - 3)
    return { pool: decode, share, requests: rate * frame.window, error: (lastDigit / 2) * frame.window }
  })
  const total = Math.round(rows.reduce((sum, { requests }) => sum + requests, 0))
  return rows.map(row => ({ ...row, total }))
}
