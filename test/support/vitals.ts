/** What a browser measures of a page by itself, gathered in the page. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'

export interface Vitals {
  /** Largest contentful paint, since the start of the navigation [ms]. */
  lcp: number
  /** Layout shift, summed over the visit. */
  cls: number
  /** The longest interaction [ms]; 0 where all were under 16 ms. */
  inp: number
  /** Tasks over 50 ms since the last reading [ms]. */
  longTasks: number[]
}

interface Entry extends PerformanceEntry {
  value?: number
  hadRecentInput?: boolean
  interactionId?: number
}

declare global {
  interface Window {
    vitals: Vitals
  }
}

/** Until the first figures stand there. */
export async function openTimed(page: Page, url: string): Promise<void> {
  page.setDefaultTimeout(60_000)
  await gatherVitals(page)
  await page.goto(url)
  await page.locator('time.clock', { hasText: /^\d\d:\d\d:\d\d$/ }).waitFor()
}

async function gatherVitals(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.vitals = { lcp: 0, cls: 0, inp: 0, longTasks: [] }
    const observe = (options: PerformanceObserverInit & { durationThreshold?: number }, take: (entry: Entry) => void) =>
      new PerformanceObserver(list => list.getEntries().forEach(take)).observe({ buffered: true, ...options })
    observe({ type: 'largest-contentful-paint' }, ({ startTime }) => (window.vitals.lcp = startTime))
    observe({ type: 'layout-shift' }, ({ value = 0, hadRecentInput }) => {
      if (!hadRecentInput) window.vitals.cls += value
    })
    observe({ type: 'event', durationThreshold: 16 }, ({ duration, interactionId = 0 }) => {
      if (interactionId > 0) window.vitals.inp = Math.max(window.vitals.inp, duration)
    })
    observe({ type: 'longtask' }, ({ duration }) => window.vitals.longTasks.push(duration))
  })
}

/** What was gathered so far; long tasks are counted anew from here. */
export async function readVitals(page: Page): Promise<Vitals> {
  return page.evaluate(() => {
    const read = { ...window.vitals }
    window.vitals.longTasks = []
    return read
  })
}

/** What an operator does: finds, opens a pool, goes from place to place, moves a share. */
export async function interact(page: Page): Promise<void> {
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
  await showCharts(page)
}

/** They are drawn when they come into view. */
export async function showCharts(page: Page): Promise<void> {
  await page.getByRole('application').first().scrollIntoViewIfNeeded()
  await page.locator('canvas').first().waitFor()
}

/** Until a second has passed without a task over 50 ms; not for ever. */
export async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  for (let quiet = 0; quiet < 40 && (await tasksWithin(page, 1000)).length > 0; quiet++);
}

/** Tasks over 50 ms [ms]. */
export async function tasksWithin(page: Page, ms: number): Promise<number[]> {
  await readVitals(page)
  await wait(ms)
  return (await readVitals(page)).longTasks
}
