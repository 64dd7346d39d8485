/** What a screen says about how old it is, held against the run. */
import type { Page } from 'playwright-core'
import { connect, next } from './server'

export interface Told {
  /** Simulated time of day that it shows, and how old it says that this is [s]. */
  clock: number
  age: number
  banner: boolean
}

export async function readTold(page: Page): Promise<Told> {
  return page.evaluate(() => {
    const [hours = 0, minutes = 0, seconds = 0] = (document.querySelector('time.clock')?.textContent ?? '')
      .split(':')
      .map(Number)
    const [, number = '0', unit = 's'] =
      /([\d.]+)\s*(ms|s|min|h)/.exec(document.querySelector('.bar .age b')?.textContent ?? '') ?? []
    const size = { ms: 0.001, s: 1, min: 60, h: 3600 }[unit] ?? 1
    return {
      clock: hours * 3600 + minutes * 60 + seconds,
      age: Number(number) * size,
      banner: document.querySelector('.banner.lost') !== null,
    }
  })
}

/** How much older the screen is than it says, for a run at speed 1 [s]; below 0 where it is younger. */
export async function untold(page: Page, url: string): Promise<number> {
  const { socket, hello } = await connect(url)
  try {
    const { time } = await next(socket, 'frame')
    const { clock, age } = await readTold(page)
    const epoch = (Date.parse(hello.fleet.epoch) / 1000) % 86_400
    return ((epoch + time) % 86_400) - clock - age
  } finally {
    socket.disconnect()
  }
}
