import { readFile } from 'node:fs/promises'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { test } from '../support/browser'
import { startBuiltServer, type BuiltServer } from '../support/built-server'

/** Other work may load the machine. */
const patience = { timeout: 60_000 }

let server: BuiltServer
beforeAll(async () => void (server = await startBuiltServer({ flags: ['--speed', '20'] })), 240_000)
afterAll(() => server.stop())

test(
  'an analyst zooms, filters, reads by keyboard, looks at the table and saves files',
  { timeout: 400_000 },
  async ({ visit }) => {
    const page = await visit(server.url)
    page.setDefaultTimeout(90_000)
    const power = chart(page, 'Power by family')
    const plot = power.getByRole('application')
    await drawn(power)
    await fault(server.url)

    // reading point by point and line by line says what is there
    await plot.focus()
    expect(await plot.getAttribute('aria-label')).toMatch(/^Power by family over .*, MW\. Range .* Now: Blackwell/)
    await plot.press('End')
    const said = power.locator('[aria-live]')
    await expect.poll(() => said.textContent(), patience).toMatch(/^Blackwell, \d\d:\d\d:\d\d, Power [\d.]+\s[kM]?W$/)
    await plot.press('ArrowDown')
    await expect.poll(() => said.textContent(), patience).not.toMatch(/^Blackwell/)
    const before = await said.textContent()
    await plot.press('ArrowLeft')
    await expect.poll(() => said.textContent(), patience).not.toBe(before)

    // the fault is marked on every chart, and leads to its entry by keyboard
    await expect.poll(() => page.locator('a.fault').count(), patience).toBe(6)
    await plot.press('End')
    await walkBack(plot, said, /^fault fault, .*Enter opens it\.$/)
    await plot.press('Enter')
    await page.waitForURL(/\/changes\?kind=fault&change=\d+/)
    await page.getByRole('link', { name: 'Live', exact: true }).click()
    await drawn(power)

    // dragging over one chart zooms all; double click brings the whole back
    const bar = page.getByRole('region', { name: 'Filter and charts' })
    await drag(page, plot)
    const span = bar.getByRole('button', { name: /zoomed; reset/ })
    await span.waitFor()
    const all = page.getByRole('application')
    await all.nth(1).focus()
    await expect.poll(() => all.nth(1).getAttribute('aria-label'), patience).toContain('At the end:')
    // the focus may have scrolled another chart to where this one was
    await toTheMiddle(plot)
    const box = await plot.boundingBox()
    if (!box) throw new Error('the chart has no place')
    await page.mouse.dblclick(box.x + 100, box.y + 100)
    await span.waitFor({ state: 'detached' })
    // the same by wheel and by keys
    await page.mouse.move(box.x + 100, box.y + 100)
    await page.keyboard.down('Control')
    await page.mouse.wheel(0, -300)
    await page.keyboard.up('Control')
    await span.waitFor()
    await plot.focus()
    await plot.press('Escape')
    await span.waitFor({ state: 'detached' })
    await plot.press('+')
    await span.waitFor()

    // the filter narrows charts and ledger, is seen, and one action clears it with the zoom
    await bar.getByRole('button', { name: 'Trainium' }).click()
    await expect.poll(() => power.locator('.name').allInnerTexts(), patience).toHaveLength(1)
    await expect.poll(() => page.locator('tr.family').count(), patience).toBe(1)
    await bar.getByRole('button', { name: 'Show all' }).click()
    await span.waitFor({ state: 'detached' })
    await expect.poll(() => page.locator('tr.family').count(), patience).toBe(6)

    // split by pool; a chart that is not among the usual ones
    await power.getByRole('combobox').selectOption('pool')
    const pools = chart(page, 'Power by pool')
    await pools.getByText(/\d+ more/).waitFor()
    await bar.getByText(/^Charts 6/).click()
    await bar.getByLabel('KV cache in use').check()
    await page.keyboard.press('Escape')
    await drawn(chart(page, 'KV cache in use by pool'))

    // the table has every point, of which only those in sight are in the page
    const ttft = chart(page, 'p95 TTFT by family')
    await ttft.getByRole('button', { name: 'p95 TTFT: table' }).click()
    const points = Number(await ttft.getByRole('table').getAttribute('aria-rowcount')) - 1
    expect(points).toBeGreaterThan(20)
    await ttft.getByRole('row').nth(1).waitFor()
    expect(await ttft.getByRole('row').count()).toBeLessThan(60)

    // files
    const csv = await saved(page, ttft, 'p95 TTFT by family', 'CSV')
    expect(csv.name).toMatch(/^headgate-p95-ttft-by-family-r1-\d\dh\d\dm\d\ds\.csv$/)
    const [said1 = '', table = ''] = csv.text.split('\r\n\r\n')
    expect(said1).toMatch(/# seed: 1\r\n# revision: 1\r\n# simulated: [\d.]+\r\n/)
    const [, , head = '', ...rows] = table.trimEnd().split('\r\n')
    expect(head).toContain('simulated time [s],clock [UTC],Blackwell p95 TTFT [s],Blackwell samples,Rubin')
    expect(rows.length).toBeGreaterThan(20)
    const json = await saved(page, page.getByRole('region', { name: 'Headline figures' }), 'Headline figures', 'JSON')
    const { panels, seed } = JSON.parse(json.text)
    expect([seed, panels[0].rows[1][0], panels[0].rows[1][2]]).toEqual([1, 'Goodput', 'req/s'])
    const png = await saved(page, pools, 'Power by pool', 'PNG')
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG')
    expect(png.bytes.readUInt32BE(16)).toBeGreaterThan(600)
    const whole = await saved(page, bar, 'Live', 'JSON')
    const titles: string[] = JSON.parse(whole.text).panels.map(({ title }: { title: string }) => title)
    expect(titles).toEqual(expect.arrayContaining(['Headline figures', 'Demand to pools', 'Power by pool', 'Events']))
    const picture = await saved(page, bar, 'Live', 'PNG')
    expect(picture.bytes.readUInt32BE(20)).toBeGreaterThan(2000)
  },
)

function chart(page: Page, name: string): Locator {
  return page.getByRole('region', { name, exact: true })
}

/** From mark to mark until one is told as expected; there may be later ones, of alerts. */
async function walkBack(plot: Locator, said: Locator, expected: RegExp): Promise<void> {
  let told = await said.textContent()
  while (!expected.test(told ?? '')) {
    await plot.press('PageUp')
    await expect.poll(() => said.textContent(), patience).not.toBe(told)
    told = await said.textContent()
  }
}

/** Charts are drawn where they are seen. */
async function drawn(panel: Locator): Promise<void> {
  await panel.scrollIntoViewIfNeeded()
  await panel.locator('canvas').waitFor()
}

/** Where neither the bar above nor the one at the foot covers it. */
function toTheMiddle(plot: Locator): Promise<void> {
  return plot.evaluate(element => element.scrollIntoView({ block: 'center' }))
}

async function drag(page: Page, plot: Locator): Promise<void> {
  await toTheMiddle(plot)
  const box = await plot.boundingBox()
  if (!box) throw new Error('the chart has no place')
  await page.mouse.move(box.x + 90, box.y + 80)
  await page.mouse.down()
  await page.mouse.move(box.x + 120, box.y + 80, { steps: 3 })
  await page.mouse.move(box.x + 150, box.y + 80, { steps: 3 })
  await page.mouse.up()
}

async function saved(page: Page, panel: Locator, title: string, kind: string) {
  const coming = page.waitForEvent('download')
  await panel.getByLabel(new RegExp(`^Export (the page: )?${title}$`)).click()
  await panel.getByRole('button', { name: kind, exact: true }).click()
  const download = await coming
  const bytes = await readFile(await download.path())
  return { name: download.suggestedFilename(), bytes, text: bytes.toString('utf8') }
}

async function fault(url: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/commands`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'heat' },
    body: JSON.stringify({
      kind: 'fault',
      fault: { kind: 'throttling', id: 'heat', pool: 'trn3-chat', clock: 0.8 },
    }),
  })
  if (!response.ok) throw new Error(await response.text())
}
