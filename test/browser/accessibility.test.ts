import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { places } from '../../client/places'
import { themes } from '../../client/stores/view'
import { test } from '../support/browser'
import { startBuiltServer, type BuiltServer } from '../support/built-server'

/** A page of many controls takes axe a while, in each theme again. */
const patience = 300_000
const runs = {
  whole: {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    rules: {
      'target-size': { enabled: true },
      // an experiment of axe: it takes initials in a circle for text
      'label-content-name-mismatch': { enabled: false },
    },
  },
  /** All that another theme can break. */
  colours: { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } },
}

let server: BuiltServer
beforeAll(async () => void (server = await startBuiltServer()), 240_000)
afterAll(() => server.stop())

test.for(places)('$title breaks no rule in any theme', { timeout: patience }, async ({ name, path }, { visit }) => {
  // so high that nothing is half under the bar at the foot, which would be taken for too small
  const page = await open(await visit(server.url + path, { height: 2400 }))
  if (name === 'route') await page.getByRole('slider').first().press('ArrowRight')
  await page.evaluate(axe.source)
  expect(await violations(page)).toEqual([])
  for (const theme of themes) {
    await choose(page, theme)
    expect(await violations(page, 'colours'), theme).toEqual([])
  }

  // one heading leads, and none is skipped: axe looks for that; a number stands beside every slider
  expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
  for (const slider of await page.getByRole('slider').all()) {
    const cell = slider.locator(
      'xpath=ancestor::*[@role="cell" or self::label or self::fieldset or @aria-label="Replay"][1]',
    )
    expect(await cell.locator('input:not([type=range])').count(), (await slider.getAttribute('aria-label')) ?? '').toBe(
      1,
    )
  }
})

test('what opens breaks no rule either: palette, shortcuts, menus', { timeout: patience }, async ({ visit }) => {
  const page = await open(await visit(server.url))
  await page.evaluate(axe.source)
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: /^Find/ }).fill('chat')
  expect(await violations(page), 'palette').toEqual([])
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor()
  expect(await violations(page), 'shortcuts').toEqual([])

  // no two actions have the same keys
  const keys = await page.locator('dialog .keys').allInnerTexts()
  expect(keys.filter((each, index) => keys.indexOf(each) !== index)).toEqual([])
  await page.keyboard.press('Escape')
  for (const menu of ['Views', 'Theme']) {
    await page.locator('summary').and(page.getByLabel(menu)).click()
    expect(await violations(page), menu).toEqual([])
    await page.keyboard.press('Escape')
  }
})

test(
  'a pool that is open breaks no rule in any theme, as heatmap or as table',
  { timeout: patience },
  async ({ visit }) => {
    const page = await open(await visit(`${server.url}/?pool=h200-chat&replica=1`))
    const detail = page.getByRole('region', { name: 'h200-chat', exact: true })
    await detail.getByRole('region', { name: 'Replica 1' }).waitFor({ timeout: 60_000 })
    await page.evaluate(axe.source)
    expect(await violations(page)).toEqual([])
    for (const theme of themes) {
      await choose(page, theme)
      expect(await violations(page, 'colours'), theme).toEqual([])
    }
    await detail.getByRole('button', { name: 'Latency over time: table' }).click()
    expect(await violations(page), 'table').toEqual([])
  },
)

test(
  'the theme follows the system, contrast included, and a phone in the dark shows no flash of light',
  { timeout: patience },
  async ({ visit }) => {
    const page = await open(await visit(server.url, { theme: 'light' }))
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme)
    expect(await theme()).toBe('light')
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(theme).toBe('dark')
    await page.emulateMedia({ colorScheme: 'dark', contrast: 'more' })
    await expect.poll(theme).toBe('contrast-dark')
    await page.emulateMedia({ colorScheme: 'light', contrast: 'no-preference', forcedColors: 'active' })
    await expect.poll(theme).toBe('contrast-light')
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' })
    await choose(page, 'contrast-dark')

    // a choice stands before anything is painted
    await page.addInitScript(() => {
      requestAnimationFrame(
        () => (document.documentElement.dataset.first = document.documentElement.dataset.theme ?? ''),
      )
    })
    await page.waitForLoadState('networkidle')
    await page.reload()
    await open(page)
    expect(await page.evaluate(() => document.documentElement.dataset.first)).toBe('contrast-dark')
  },
)

test('nothing moves for those who asked for less motion', { timeout: patience }, async ({ visit }) => {
  const page = await visit('about:blank')
  await page.emulateMedia({ reducedMotion: 'reduce' })
  for (const { path } of places) {
    await page.goto(server.url + path)
    await open(page)
    expect(await page.evaluate(() => document.getAnimations().length), path).toBe(0)
    // what is still on its way would fail when the page goes
    await page.waitForLoadState('networkidle')
  }
})

/** The first figures are on the screen. */
async function open(page: Page): Promise<Page> {
  await page.locator('time.clock', { hasText: /^\d\d:\d\d:\d\d$/ }).waitFor({ timeout: 60_000 })
  await page.locator('main h1').waitFor({ state: 'attached', timeout: 60_000 })
  return page
}

async function choose(page: Page, theme: string): Promise<void> {
  await page.keyboard.press('t')
  await page.keyboard.press(String(1 + themes.findIndex(each => each === theme)))
  await page.locator(`html[data-theme="${theme}"]`).waitFor({ state: 'attached' })
}

/** Broken rules, each with where. Axe runs in the page, where it was put before. */
async function violations(page: Page, run: keyof typeof runs = 'whole'): Promise<string[]> {
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(runs[run])})`)
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`),
  )
}
