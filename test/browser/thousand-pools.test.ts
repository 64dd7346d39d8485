import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { pages } from '../../server/http/pages'
import { builtPage } from '../../server/place'
import type { Fleet } from '../../simulation/index'
import { test } from '../support/browser'
import { startTestServer, type TestServer } from '../support/server'
import { wideFleet } from '../support/wide-fleet'

/** The machine may be busy; how fast the page is stands in the benchmark. */
const patience = { timeout: 60_000 }

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    fleet: quiet(wideFleet()),
    plan: { page: async () => ({ handle: pages(builtPage) }) },
  })
}, 240_000)
afterAll(() => server.stop())

test(
  'of a thousand pools a few rows are in the page, the last ones have figures when they are in sight, and any is found',
  { timeout: 240_000 },
  async ({ visit }) => {
    const page = await visit(server.url, { width: 1920, height: 1080 })
    page.setDefaultTimeout(patience.timeout)
    const ledger = page.getByRole('region', { name: 'Accelerator families' })
    await expect.poll(() => ledger.locator('tr.family .cell').first().innerText(), patience).toMatch(/\d/)
    expect(await rows(page)).toBe(0)
    // the ribbons of each family are one
    await expect.poll(() => page.locator('[data-flow]').count(), patience).toBeGreaterThan(10)
    expect(await page.locator('[data-flow]').first().getAttribute('aria-label')).toContain('all of Blackwell')

    await ledger.getByRole('button', { name: 'Hopper' }).click()
    await expect.poll(() => rows(page), patience).toBeGreaterThan(5)
    await ledger.evaluate(element => element.scrollTo(0, element.scrollHeight))
    const last = ledger.locator('tr.pool').last()
    await expect.poll(() => last.getAttribute('data-pool'), patience).toMatch(/^9[89]\d$/)
    // they come from the server by the time that somebody rests there
    await expect.poll(() => last.locator('.cell').nth(3).innerText(), patience).toMatch(/\d/)
    expect(await rows(page)).toBeLessThan(60)

    await ledger.getByRole('searchbox', { name: 'Find a pool' }).fill('gb300-agents.7')
    await ledger.getByRole('button', { name: 'Detail of gb300-agents.7', exact: true }).waitFor()
    await ledger.getByRole('searchbox').fill('')

    // by the palette too, though its family is folded
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /^Find/ }).fill('inf2-summaries.40')
    await page
      .getByRole('option', { name: /^inf2-summaries\.40/ })
      .first()
      .click()
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')), patience)
      .toBe('Detail of inf2-summaries.40')
  },
)

test('the matrix opens a workload to its hundreds of pools', { timeout: 240_000 }, async ({ visit }) => {
  const page = await visit(`${server.url}/route`, { width: 1920, height: 1080 })
  page.setDefaultTimeout(patience.timeout)
  await page.locator('[data-workload="chat"] button.open').click()
  const lines = page.locator('.lines .pool')
  await expect.poll(() => lines.count(), patience).toBeGreaterThan(5)
  expect(await lines.count()).toBeLessThan(80)
  await expect.poll(() => lines.nth(1).locator('.running').innerText(), patience).toMatch(/\d/)
})

function rows(page: Page): Promise<number> {
  return page.locator('tr[data-pool]').count()
}

/** Of so many pools the requests cost more than the page does: few will do. */
function quiet(fleet: Fleet): Fleet {
  return {
    ...fleet,
    warmUp: 2,
    workloads: fleet.workloads.map(workload => ({ ...workload, arrivals: slowed(workload.arrivals) })),
  }
}

function slowed(arrivals: Fleet['workloads'][number]['arrivals']): typeof arrivals {
  if (!arrivals || !('stages' in arrivals)) return arrivals
  return { ...arrivals, stages: arrivals.stages.map(stage => ({ ...stage, rate: stage.rate / 10 })) }
}
