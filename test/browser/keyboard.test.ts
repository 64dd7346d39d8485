import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { test } from '../support/browser'
import { startBuiltServer, type BuiltServer } from '../support/built-server'

let server: BuiltServer
beforeAll(async () => void (server = await startBuiltServer()), 240_000)
afterAll(() => server.stop())

test('watch, preview, apply and roll back, without a pointer', { timeout: 400_000 }, async ({ visit }) => {
  const page = await visit(server.url)
  page.setDefaultTimeout(60_000)
  const keys = page.keyboard
  await page.locator('time.clock', { hasText: /^\d\d:\d\d:\d\d$/ }).waitFor()

  // watch: the first stop leads past the bar; what has the focus is seen
  await keys.press('Tab')
  expect(await focused(page)).toMatch(/^Skip to content/)
  await keys.press('Enter')
  for (let stop = 0; stop < 3; stop++) {
    await keys.press('Tab')
    expect(await isSeen(page), await focused(page)).toBe(true)
  }

  // find a pool by a few letters
  await keys.press('Control+k')
  await page.getByRole('combobox', { name: /^Find/ }).waitFor()
  await keys.type('b200 chat')
  await page.getByRole('option', { name: /^b200-chat/ }).waitFor()
  await keys.press('Enter')
  await expect.poll(() => focused(page)).toMatch(/b200-chat/)

  // preview
  await keys.press('g')
  await keys.press('r')
  await page.getByRole('slider', { name: 'Chat, Hopper' }).waitFor()
  await keys.press('s')
  for (let stop = 0; stop < 60 && !(await focused(page)).startsWith('Chat, Hopper'); stop++) await keys.press('Tab')
  // a machine that is busy may not answer in time; the next step of the slider asks again
  const future = page.locator('[data-future]').first()
  const told = () =>
    future.waitFor({ timeout: 10_000 }).then(
      () => true,
      () => false,
    )
  await expect.poll(() => keys.press('ArrowRight').then(told), { timeout: 120_000 }).toBe(true)
  await page.getByText(/^Not applied,/).waitFor()
  await keys.press('v')

  // apply; letters in a field are letters
  await keys.press('e')
  await keys.type('go right')
  expect(new URL(page.url()).pathname).toBe('/route')
  await keys.press('Control+Enter')
  await page
    .getByText(/^r2 in force/)
    .first()
    .waitFor()

  // roll back
  await page
    .locator('body')
    .evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur())
  await keys.press('Shift+R')
  await page.getByText('r2 is rolled back: r3 is in force.').first().waitFor()

  // and see it
  await keys.press('g')
  await keys.press('c')
  await page.getByText('Undo of r2').first().waitFor()
})

test(
  'a view has a link and a name; back leads to the one before; what an address says amiss is told',
  { timeout: 400_000 },
  async ({ visit }) => {
    const page = await visit(`${server.url}/?families=hopper,abacus&span=60-120`)
    page.setDefaultTimeout(60_000)
    await page
      .getByText(/The address says families “hopper,abacus”/)
      .first()
      .waitFor()
    await expect.poll(() => new URL(page.url()).search).toBe('?span=60-120')

    // it comes along to other places, and back leads through
    await page.getByRole('link', { name: 'Route' }).click()
    await page.waitForURL(/\/route\?span=60-120$/)
    await page.goBack()
    await page.waitForURL(/\/\?span=60-120$/)

    await page.keyboard.press('b')
    await page.getByLabel('Name of this view').fill('The first minute')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'The first minute' }).waitFor()
    await page.keyboard.press('Escape')
    await page.waitForLoadState('networkidle')
    await page.goto(server.url)
    await page.locator('time.clock', { hasText: /^\d\d:\d\d:\d\d$/ }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('option', { name: 'The first minute' }).click()
    await expect.poll(() => page.url()).toMatch(/\/\?span=60-120$/)
  },
)

async function focused(page: Page): Promise<string> {
  return page.evaluate(
    () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
  )
}

/** What has the focus has an outline, itself or around it. */
async function isSeen(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const element = document.activeElement
    if (!element || element === document.body) return true
    const around = [element, element.parentElement, element.parentElement?.parentElement]
    return around.some(each => each && (getComputedStyle(each).outlineStyle !== 'none' || each.matches('svg *')))
  })
}
