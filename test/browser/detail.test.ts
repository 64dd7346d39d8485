import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { test } from '../support/browser'
import { startBuiltServer, type BuiltServer } from '../support/built-server'

/** Other work may load the machine. */
const patience = { timeout: 60_000 }

let server: BuiltServer
beforeAll(async () => void (server = await startBuiltServer()), 240_000)
afterAll(() => server.stop())

test(
  'an operator opens a pool by keyboard, reads its heatmap, finds a lost replica, and shares what is on the screen',
  { timeout: 400_000 },
  async ({ visit }) => {
    await lose(server.url)
    const page = await visit(server.url)
    page.setDefaultTimeout(90_000)
    const keys = page.keyboard
    const detail = page.getByRole('region', { name: 'h200-chat', exact: true })

    // find it by a few letters, and open it
    await page.locator('time.clock', { hasText: /^\d\d:\d\d:\d\d$/ }).waitFor()
    await keys.press('Control+k')
    await page.getByRole('combobox', { name: /^Find/ }).waitFor()
    await keys.type('h200 chat')
    await page.getByRole('option', { name: /^h200-chat/ }).waitFor()
    await keys.press('Enter')
    await expect.poll(() => focused(page)).toBe('Detail of h200-chat')
    await keys.press('Enter')
    await detail.getByText(/^1 lost, \d+ serving$/).waitFor()
    await expect.poll(() => focused(page)).toBe('h200-chat')
    expect(new URL(page.url()).searchParams.get('pool')).toBe('h200-chat')

    // the heatmap is told in words, and read cell by cell
    const map = detail.getByRole('application')
    await map.focus()
    expect(await map.getAttribute('aria-label')).toMatch(/^TTFT of h200-chat over .* requests: half within [\d.]+\sms/)
    const said = detail.getByRole('region', { name: 'Latency over time' }).locator('[aria-live]')
    await map.press('ArrowLeft')
    await expect.poll(() => said.textContent(), patience).toMatch(/^\d\d:\d\d:\d\d, .*requests, half within/)
    await map.press('ArrowUp')
    await expect.poll(() => said.textContent(), patience).toMatch(/ to .*: [\d\s]+ of [\d\s]+ requests$/)
    await map.press('Escape')
    await expect.poll(() => said.textContent(), patience).toBe('')
    await detail.getByRole('button', { name: 'Latency over time: table' }).click()
    await detail.getByRole('columnheader', { name: '95 % within' }).waitFor()
    await detail.getByRole('button', { name: 'Latency over time: heatmap' }).click()

    // it saves as a table and as a picture
    expect(await saved(page, 'Latency of h200-chat over time', 'CSV')).toMatch(
      /TTFT above \[s\],TTFT at most \[s\],requests/,
    )
    expect((await saved(page, 'Latency of h200-chat over time', 'PNG')).slice(1, 4)).toBe('PNG')

    // the worst first; the lost one is opened with the arrows
    await detail.getByRole('button', { name: 'Condition' }).click()
    await detail.getByRole('row', { name: /^1 lost, 1 chip/ }).waitFor()
    const list = detail.getByRole('grid')
    await list.focus()
    await list.press('ArrowDown')
    await list.press('Enter')
    const replica = detail.getByRole('region', { name: 'Replica 1' })
    await replica.getByText('lost, 1 of 4 chips').waitFor()
    await replica.getByText(/^Memory of a chip/).waitFor()
    await expect.poll(() => page.url()).toMatch(/pool=h200-chat&replica=1$/)

    // the link opens the same for somebody else
    const other = await visit(page.url())
    other.setDefaultTimeout(90_000)
    await other.getByRole('region', { name: 'Replica 1' }).getByText('lost, 1 of 4 chips').waitFor()
    await other.getByRole('row', { selected: true }).waitFor()

    // of the past nothing is told; back at now, it is
    await page.getByRole('slider', { name: 'Moment that the screen shows' }).press('ArrowLeft')
    await detail.getByText(/only known of now/).waitFor()
    await detail.getByRole('button', { name: 'Back to now' }).click()
    await replica.waitFor()

    // closed, the focus is where it came from
    await list.focus()
    await keys.press('Escape')
    await detail.waitFor({ state: 'detached' })
    await expect.poll(() => focused(page)).toBe('Detail of h200-chat')
    expect(new URL(page.url()).search).not.toMatch(/pool|replica/)
    await page.getByRole('heading', { name: 'Demand to pools' }).waitFor()
  },
)

test(
  'on a phone the pool fills the screen, and what an address names amiss is told',
  { timeout: 300_000 },
  async ({ visit }) => {
    const page = await visit(`${server.url}/?pool=trn1-ranking`, { width: 360, height: 740 })
    page.setDefaultTimeout(90_000)
    const detail = page.getByRole('region', { name: 'trn1-ranking' })
    await detail.getByRole('grid').waitFor()
    expect(await detail.boundingBox()).toEqual({ x: 0, y: 0, width: 360, height: 740 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    const other = await visit(`${server.url}/?pool=abacus&replica=x`)
    other.setDefaultTimeout(90_000)
    await other.getByText('This fleet has no pool abacus; left out.').first().waitFor()
    await expect.poll(() => new URL(other.url()).search).toBe('')
  },
)

async function lose(url: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/commands`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ kind: 'fault', fault: { id: 'lost', kind: 'chip-loss', pool: 'h200-chat', replica: 1 } }),
  })
  expect(response.status).toBe(200)
}

async function focused(page: Page): Promise<string> {
  return page.evaluate(
    () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
  )
}

/** What a panel is saved as. */
async function saved(page: Page, panel: string, ending: string): Promise<string> {
  await page.getByLabel(`Export ${panel}`).first().click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: ending, exact: true }).locator('visible=true').click(),
  ])
  return readFile(await download.path(), 'latin1')
}
