import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { startBuiltServer, type BuiltServer } from '../support/built-server'
import { launchChromium } from '../support/launch'
import { readTold, untold } from '../support/shown'
import { layWire } from '../support/wire'
import { rounded, tell, type Benchmark, type Measured } from './benchmark'

/** The page over a long time: an outage that it heals from, and a soak in which its memory stays flat. */
const outageSeconds = 90
const speed = 60
const sampleSeconds = 10
/** The rings of the page and its lists of events are full after so long; growth counts from there [min]. */
const fillMinutes = 6
/** The lowest of so many samples stands for them: what waits for collection is no growth. */
const samplesPerPoint = 6

interface Sample {
  minute: number
  /** [MB] */
  heap: number
  nodes: number
}

export const benchmarks: Benchmark[] = [
  { name: 'client.outage', unit: 's', bar: 5, better: 'lower', measure: () => withPage([], measureOutage) },
  {
    name: 'client.heap-mb-per-hour',
    unit: 'MB/h',
    bar: 1,
    better: 'lower',
    long: true,
    measure: () => withPage(['--speed', String(speed)], ({ server, browser }) => soak(server, browser, 27)),
  },
]

interface Stage {
  server: BuiltServer
  browser: Browser
}

async function withPage(flags: string[], measure: (stage: Stage) => Promise<Measured>): Promise<Measured> {
  const server = await startBuiltServer({ flags })
  const browser = await launchChromium()
  try {
    return await measure({ server, browser })
  } finally {
    await browser.close()
    await server.stop()
  }
}

/** Until the banner tells that the wire is cut; how long the page takes to show what is once it is mended, and what it hid. */
async function measureOutage({ server, browser }: Stage): Promise<Measured> {
  const wire = await layWire(server.port)
  try {
    const page = await openPage(browser, wire.url)
    const cutAt = performance.now()
    wire.cut()
    await page.locator('.banner.lost').waitFor({ timeout: 30_000 })
    const banner = (performance.now() - cutAt) / 1000
    const hidden: number[] = []
    while (performance.now() - cutAt < outageSeconds * 1000) {
      hidden.push(await untold(page, server.url))
      await wait(5000)
    }
    const mendedAt = performance.now()
    wire.mend()
    for (let told = await readTold(page); told.banner || told.age > 1; told = await readTold(page)) await wait(50)
    const healed = (performance.now() - mendedAt) / 1000
    return {
      value: rounded(banner),
      healedAfterSeconds: rounded(healed),
      olderThanItSaidBySeconds: rounded(Math.max(...hidden)),
      outageSeconds,
    }
  } finally {
    await wire.close()
  }
}

/** One page on Live at 60×: what its heap grows by after forced collection, and whether its nodes stay as many. */
async function soak(server: BuiltServer, browser: Browser, minutes: number): Promise<Measured> {
  const page = await openPage(browser, server.url)
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  const began = performance.now()
  const minute = () => (performance.now() - began) / 60_000
  const samples: Sample[] = []
  while (minute() < minutes) {
    await wait(sampleSeconds * 1000)
    samples.push({ minute: minute(), ...(await collected(devtools)) })
    if (samples.length % 6 === 0) tell(JSON.stringify(samples.at(-1)))
  }
  const settled = samples.filter(sample => sample.minute > fillMinutes)
  const points = Array.from({ length: Math.floor(settled.length / samplesPerPoint) }, (_, index) => {
    const group = settled.slice(index * samplesPerPoint, (index + 1) * samplesPerPoint)
    const lowest = (of: (sample: Sample) => number) => Math.min(...group.map(of))
    return {
      hour: mean(group.map(({ minute }) => minute)) / 60,
      heap: lowest(({ heap }) => heap),
      nodes: lowest(({ nodes }) => nodes),
    }
  })
  return {
    value: slope(points, ({ heap }) => heap),
    nodesPerHour: slope(points, ({ nodes }) => nodes),
    mbAtFirst: rounded(points[0]?.heap ?? NaN),
    mbAtTheEnd: rounded(points.at(-1)?.heap ?? NaN),
    nodesAtFirst: points[0]?.nodes ?? NaN,
    nodesAtTheEnd: points.at(-1)?.nodes ?? NaN,
    minutes,
    speed,
  }
}

async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
  await page.goto(url)
  await page.locator('time.clock', { hasText: /^\d\d:\d\d:\d\d$/ }).waitFor({ timeout: 60_000 })
  // the last part of the page that is fetched
  await page.locator('canvas').first().waitFor({ timeout: 60_000 })
  return page
}

async function collected(devtools: CDPSession): Promise<{ heap: number; nodes: number }> {
  await devtools.send('HeapProfiler.collectGarbage')
  const { metrics } = await devtools.send('Performance.getMetrics')
  const read = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? NaN
  return { heap: read('JSHeapUsedSize') / 1e6, nodes: read('Nodes') }
}

/** By least squares [per hour]. */
function slope<Point extends { hour: number }>(points: Point[], of: (point: Point) => number): number {
  const x = mean(points.map(({ hour }) => hour))
  const y = mean(points.map(of))
  const covariance = mean(points.map(point => (point.hour - x) * (of(point) - y)))
  return rounded(covariance / mean(points.map(({ hour }) => (hour - x) * (hour - x))))
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
