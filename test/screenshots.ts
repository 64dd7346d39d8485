/**
 * `npm run screenshots [-- FOLDER [NAME…]]`: every place, in every size, theme and state, as PNG files to look at.
 * NAME narrows to those whose file name contains it. The folder is `node_modules/.cache/screenshots` unless named.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { places } from '../client/places'
import { startBuiltServer, type BuiltServer } from './support/built-server'
import { launchChromium } from './support/launch'

const sizes = [
  { name: '1280', width: 1280, height: 720 },
  { name: '1920', width: 1920, height: 1080 },
  { name: '3840', width: 3840, height: 2160 },
  { name: '360', width: 360, height: 740 },
]
const themes = ['dark', 'light', 'contrast-dark', 'contrast-light']
/** How a screen comes to be in a state. `full` after a change, a draft and a fault; `empty` before any frame. */
const states = ['full', 'empty', 'stale', 'offline', 'error'] as const
type State = (typeof states)[number]

interface Shot {
  file: string
  place: (typeof places)[number]
  size: (typeof sizes)[number]
  theme: string
  state: State
}

const [folder = 'node_modules/.cache/screenshots', ...wanted] = process.argv.slice(2)
const shots = places
  .flatMap(place =>
    sizes.flatMap(size => themes.flatMap(theme => states.map(state => ({ place, size, theme, state })))),
  )
  .map((shot): Shot => ({ ...shot, file: `${shot.place.name}-${shot.size.name}-${shot.theme}-${shot.state}.png` }))
  .filter(({ file }) => wanted.length === 0 || wanted.some(part => file.includes(part)))

await mkdir(folder, { recursive: true })
const server = await startBuiltServer({ flags: ['--speed', '30'] })
const browser = await launchChromium()
try {
  await change(server)
  for (const shot of shots) {
    await take(browser, server, shot)
    process.stderr.write(`${shot.file}\n`)
  }
} finally {
  await browser.close()
  await server.stop()
}

/** A change of routing and a fault, so that there is something to see. */
async function change({ url }: BuiltServer): Promise<void> {
  const send = (command: object) =>
    fetch(`${url}/api/v1/commands`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(command),
    })
  const { revision, routing } = await (await fetch(`${url}/api/v1/routing`)).json()
  const [first, second, ...rest] = routing.chat
  const moved = Math.min(0.1, first.share)
  const chat = [{ ...first, share: first.share - moved }, { ...second, share: second.share + moved }, ...rest]
  await send({ kind: 'routing', baseRevision: revision, routing: { chat }, reason: 'spare the first pool' })
  await send({ kind: 'fault', fault: { kind: 'throttling', id: 'heat', pool: second.decode, clock: 0.6 } })
}

async function take(browser: Browser, { url }: BuiltServer, { file, place, size, theme, state }: Shot): Promise<void> {
  const { width, height } = size
  const context = await browser.newContext({ viewport: { width, height }, locale: 'en-GB', timezoneId: 'UTC' })
  const page = await context.newPage()
  await page.addInitScript(chosen => localStorage.setItem('headgate.theme', chosen), theme)
  if (state === 'empty') await page.routeWebSocket(/socket\.io/, () => {})
  if (state === 'stale') await page.routeWebSocket(/socket\.io/, silenceable)
  if (state === 'error') await page.route('**/api/v1/**', route => route.abort())
  await page.goto(url + place.path)
  if (state !== 'empty') await seeFigures(page)
  await arrive(page, place.name, state)
  await page.screenshot({ path: join(folder, file), fullPage: width < 720 })
  await context.close()

  /** Passes on what comes until the page is told to be still. */
  function silenceable(socket: Parameters<Parameters<Page['routeWebSocket']>[1]>[0]): void {
    const upstream = socket.connectToServer()
    upstream.onMessage(async message => {
      const still = await page.evaluate(() => 'still' in document.documentElement.dataset).catch(() => true)
      if (!still) socket.send(message)
    })
  }
}

/** Brings a page that has loaded into its state. */
async function arrive(page: Page, place: string, state: State): Promise<void> {
  if (place === 'route' && state === 'full') await draft(page)
  if (state === 'stale') {
    await page.evaluate(() => (document.documentElement.dataset.still = ''))
    await page.locator('.shell.stale').waitFor()
  }
  if (state === 'offline') {
    await page.context().setOffline(true)
    await page.getByText('The connection to the server is lost.').waitFor({ timeout: 20_000 })
  }
  if (state === 'error' && place === 'route') await draft(page)
  // charts come after the figures
  if (state === 'full' && (page.viewportSize()?.width ?? 0) > 720 && (place === 'live' || place === 'route'))
    await page.locator('canvas').first().waitFor({ timeout: 30_000 })
  await page.evaluate(() => new Promise(resolve => requestIdleCallback(resolve, { timeout: 2000 })))
}

async function draft(page: Page): Promise<void> {
  const slider = page.getByRole('slider', { name: 'Chat, Hopper' })
  await slider.focus()
  await slider.press('Shift+ArrowRight')
}

async function seeFigures(page: Page): Promise<void> {
  await page.locator('time.clock', { hasText: /^\d\d:\d\d:\d\d$/ }).waitFor({ timeout: 60_000 })
}
