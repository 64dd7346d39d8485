/** Twelve charts of 600 points and more, six lines each, four frames a second, at 1280 × 720 on the built page. */
import type { CDPSession, Page } from 'playwright-core'
import { launchChromium } from '../support/launch'
import { startBuiltServer } from '../support/built-server'
import { openTimed, readVitals, settle } from '../support/vitals'
import { rounded, tell, type Benchmark, type Measured } from './benchmark'

const points = 600
const seconds = 20
/** So much simulated time passes between two frames that half an hour, what charts show, holds 720 of them. */
const speed = 10

export const benchmarks: Benchmark[] = [
  {
    name: 'client.fps',
    unit: 'frames/s',
    bar: 50,
    better: 'higher',
    measure: () => onFullPage(scrolling),
  },
  {
    name: 'client.cpu-share',
    unit: 'share of a core',
    bar: 0.3,
    better: 'lower',
    measure: () => onFullPage(resting),
  },
]

async function onFullPage(measure: (page: Page) => Promise<Measured>): Promise<Measured> {
  const server = await startBuiltServer({ flags: ['--speed', String(speed)] })
  const browser = await launchChromium()
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
    await openTimed(page, server.url)
    await page.getByText(/^Charts \d+/).click()
    await page.getByRole('button', { name: 'Twelve' }).click()
    await page.keyboard.press('Escape')
    await fill(page)
    return await measure(page)
  } finally {
    await browser.close()
    await server.stop()
  }
}

/** Waits until the table of a chart has so many points, and shows the chart again. */
async function fill(page: Page): Promise<void> {
  tell(`  ${points} points a line…`)
  await page.getByRole('button', { name: 'p95 TTFT: table' }).click()
  await page.waitForFunction(
    wanted => Number(document.querySelector('table[aria-rowcount]')?.getAttribute('aria-rowcount')) > wanted,
    points,
    { timeout: 400_000, polling: 1000 },
  )
  await page.getByRole('button', { name: 'p95 TTFT: chart' }).click()
}

/** Frames that the page painted while it was scrolled up and down over all charts. */
async function scrolling(page: Page): Promise<Measured> {
  await page.mouse.move(640, 360)
  await scroll(page, 5)
  await readVitals(page)
  await page.evaluate(countFrames)
  const start = performance.now()
  await scroll(page, seconds)
  const frames = await page.evaluate(() => performance.getEntriesByName('frame').map(({ startTime }) => startTime))
  const gaps = frames.slice(1).map((at, index) => at - (frames[index] ?? at))
  return {
    value: rounded((1000 * frames.length) / (performance.now() - start)),
    longestGap: rounded(Math.max(...gaps)),
    ...(await longTasks(page)),
  }
}

async function scroll(page: Page, length: number): Promise<void> {
  const until = performance.now() + 1000 * length
  for (let step = 0; performance.now() < until; step++) await page.mouse.wheel(0, step % 40 < 20 ? 60 : -60)
}

/** Time of the main thread in tasks while the charts are on the screen and nobody touches them; beside it what the whole process used. */
async function resting(page: Page): Promise<Measured> {
  await page.getByRole('application').nth(3).scrollIntoViewIfNeeded()
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  await settle(page)
  const before = await metricsOf(session)
  await page.waitForTimeout(1000 * seconds)
  const after = await metricsOf(session)
  const share = (name: string) => {
    const passed = (after.get('Timestamp') ?? NaN) - (before.get('Timestamp') ?? NaN)
    return rounded(((after.get(name) ?? NaN) - (before.get(name) ?? NaN)) / passed)
  }
  return {
    value: share('TaskDuration'),
    script: share('ScriptDuration'),
    process: share('ProcessTime'),
    ...(await longTasks(page)),
  }
}

async function metricsOf(session: CDPSession): Promise<Map<string, number>> {
  const { metrics } = await session.send('Performance.getMetrics')
  return new Map(metrics.map(({ name, value }) => [name, value]))
}

/** Tasks over 50 ms since they were counted last, and the longest of them [ms]. */
async function longTasks(page: Page): Promise<{ longTasks: number; longestTask: number }> {
  const { longTasks } = await readVitals(page)
  return { longTasks: longTasks.length, longestTask: rounded(Math.max(0, ...longTasks)) }
}

/** In the page, from now on. */
function countFrames(): void {
  const count = () => {
    performance.mark('frame')
    requestAnimationFrame(count)
  }
  requestAnimationFrame(count)
}
