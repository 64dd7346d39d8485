import type { Browser } from 'playwright-core'
import { launchChromium } from '../support/launch'
import { startBuiltServer } from '../support/built-server'
import { quantile, rounded, type Benchmark } from './benchmark'

const runs = 9

export const benchmarks: Benchmark[] = [
  {
    name: 'client.first-frame-ms',
    unit: 'ms',
    bar: 2000,
    better: 'lower',
    measure: async () => {
      const server = await startBuiltServer()
      const browser = await launchChromium()
      try {
        const times: number[] = []
        while (times.length < runs) times.push(await openPage(browser, server.url))
        return { value: rounded(Math.max(...times)), median: rounded(quantile(times, 0.5)), runs }
      } finally {
        await browser.close()
        await server.stop()
      }
    },
  },
]

/** From the start of the navigation, by a visitor who was never here, to a frame that came over the socket and was painted. */
async function openPage(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } })
  const page = await context.newPage()
  await page.addInitScript(notePaint)
  await page.goto(url)
  const painted = await page.waitForFunction(() => performance.getEntriesByName('frame painted')[0]?.startTime)
  const time = Number(await painted.jsonValue())
  await context.close()
  return time
}

/** In the page: marks the time at which a `frame`, not the greeting, has come and the simulated time is on the screen. */
function notePaint(): void {
  const shown = () => /^\d\d:\d\d:\d\d$/.test(document.querySelector('time.clock')?.textContent ?? '')
  window.WebSocket = class extends WebSocket {
    constructor(...parameters: ConstructorParameters<typeof WebSocket>) {
      super(...parameters)
      this.addEventListener('message', ({ data }) => {
        if (!String(data).startsWith('42["frame"')) return
        requestAnimationFrame(() => setTimeout(() => shown() && performance.mark('frame painted')))
      })
    }
  }
}
