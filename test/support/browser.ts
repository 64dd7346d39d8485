import { type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { expect, test as base } from 'vitest'
import { launchChromium } from './launch'

export interface View {
  width?: number
  height?: number
  theme?: 'dark' | 'light'
  locale?: string
  /** Complaints of the page that belong to the journey. */
  expected?: RegExp
}

/** Opens an address in a visitor of its own, with own storage; he leaves when the test ends. */
export type Visit = (url: string, view?: View) => Promise<Page>

/** A test with a browser: it fails on what the page complains of, be it an error, a failed request or a breach of the policy. */
export const test = base.extend<{ browser: Browser; visit: Visit }>({
  browser: [
    async ({}, use) => {
      const browser = await launchChromium()
      await use(browser)
      await browser.close()
    },
    { scope: 'file' },
  ],
  visit: async ({ browser }, use) => {
    const visits: { page: Page; complaints: string[]; expected?: RegExp }[] = []
    await use(async (url, view = {}) => {
      const context = await browser.newContext(contextOf(view))
      const page = await context.newPage()
      visits.push({ page, complaints: listen(page), expected: view.expected })
      await page.goto(url)
      return page
    })
    // What a page was still fetching when its visitor left is no complaint.
    const complaints = visits.flatMap(({ complaints, expected }) => complaints.filter(text => !expected?.test(text)))
    for (const { page } of visits) await page.context().close()
    expect(complaints, 'complaints of the page').toEqual([])
  },
})

function contextOf({ width = 1280, height = 720, theme = 'dark', locale = 'en-GB' }: View): BrowserContextOptions {
  return { viewport: { width, height }, colorScheme: theme, locale, timezoneId: 'UTC' }
}

/** A breach of the content security policy is an error on the console. */
function listen(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', error => complaints.push(`uncaught: ${error.message}`))
  page.on('requestfailed', request => complaints.push(`${request.failure()?.errorText}: ${request.url()}`))
  page.on('response', response => {
    if (response.status() >= 400) complaints.push(`status ${response.status()}: ${response.url()}`)
  })
  return complaints
}
