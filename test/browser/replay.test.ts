import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { test } from '../support/browser'
import { startBuiltServer, type BuiltServer } from '../support/built-server'

let server: BuiltServer
beforeAll(async () => void (server = await startBuiltServer({ flags: ['--speed', '2'] })), 120_000)
afterAll(() => server.stop())

const patience = { timeout: 60_000 }

test('a screen goes back in time, whole, by key and by link, stands still, and comes back to now', async ({
  visit,
}) => {
  const before = await (await fetch(`${server.url}/api/v1/routing`)).json()
  const [first, second, ...rest] = before.routing.chat
  const moved = [{ ...first, share: first.share + second.share }, { ...second, share: 0 }, ...rest]
  const answer = await fetch(`${server.url}/api/v1/routing`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ revision: before.revision, routing: { chat: moved } }),
  })
  expect(answer.status).toBe(200)
  const { revision } = await answer.json()
  const then = 120
  const { frame, routing } = await (await fetch(`${server.url}/api/v1/frames/${then}`)).json()
  expect(routing.revision).toBe(before.revision)

  // into the past by the keyboard
  const page = await visit(server.url)
  const slider = page.getByRole('slider', { name: 'Moment that the screen shows' })
  await expect.poll(() => slider.getAttribute('aria-valuetext'), patience).toContain('live')
  await page.getByText(`routing r${revision} in force`).waitFor(patience)
  await slider.focus()
  await slider.press('Home')
  await page.getByText(`routing r${before.revision} in force`).waitFor(patience)
  await expect.poll(() => slider.getAttribute('aria-valuetext')).toContain('behind now')

  // a link leads to the same moment: headline, ledger and routing are of then
  const other = await visit(`${server.url}/?at=${then}`)
  await other.getByText(`routing r${before.revision} in force`).waitFor(patience)
  await expect.poll(() => headline(other), patience).toBe(String(Math.round(frame.fleet.goodput)))
  await expect.poll(() => clockOf(other)).toMatch(/:02:00$/)
  // another moment by its clock; what is none is told
  const moment = other.getByRole('textbox', { name: 'Moment shown, UTC' })
  await moment.fill('soon')
  await moment.press('Enter')
  await other.getByText('Got "soon", expected a time such as').waitFor(patience)
  await moment.fill((await moment.inputValue()).replace(/02:00$/, '01:30'))
  await moment.press('Enter')
  await other.waitForURL(/[?&]at=90(&|$)/)
  await expect.poll(() => clockOf(other), patience).toMatch(/:01:30$/)
  await other.getByRole('link', { name: 'Route', exact: true }).click()
  await other.getByText('The screen shows the past.').waitFor(patience)

  // back to now, and standing still there
  await other.getByRole('button', { name: 'jump to live' }).click()
  await other.getByText('at the live edge').waitFor(patience)
  await other.getByRole('button', { name: 'Pause this screen' }).click()
  const still = await clockOf(other)
  await other.getByRole('button', { name: 'jump to live' }).waitFor(patience)
  const newest = async () => (await (await fetch(`${server.url}/api/v1/history?points=2`)).json()).newest
  const from = await newest()
  await expect.poll(newest, patience).toBeGreaterThan(from + 3)
  expect(await clockOf(other)).toBe(still)
  await other.getByRole('button', { name: 'Play this screen' }).click()
  await expect.poll(() => clockOf(other), patience).not.toBe(still)
})

async function clockOf(page: Page): Promise<string> {
  return page.locator('time.clock').innerText()
}

/** Digits of the first figure. */
async function headline(page: Page): Promise<string> {
  const words = await page.getByRole('region', { name: 'Headline figures' }).innerText()
  return /Goodput\s+(?:of [^\n]*\n\s*)?([\d\u202f]+)/.exec(words)?.[1]?.replace(/\D/g, '') ?? words
}
