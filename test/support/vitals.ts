/** What a browser measures of a page by itself, gathered in the page. */
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

/** Call it before the page is opened. */
export async function gatherVitals(page: Page): Promise<void> {
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
