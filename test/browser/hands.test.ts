import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { test } from '../support/browser'
import { startBuiltServer, type BuiltServer } from '../support/built-server'
import { addTokens } from '../support/tokens'

const people = { 'Ada Root': 'admin', lena: 'approver', omar: 'operator', eve: 'viewer' } as const
let server: BuiltServer
let tokens: Record<keyof typeof people, string>
beforeAll(async () => {
  server = await startBuiltServer({ prepare: async data => (tokens = await addTokens(data, people)) })
}, 120_000)
afterAll(() => server.stop())

async function signIn(page: Page, name: keyof typeof people): Promise<void> {
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.getByLabel('Token').fill(tokens[name])
  await page.getByLabel('Token').press('Enter')
  await page.getByText('in force since the run began').waitFor()
}

test('who signs in sees who is here and who edits; a great change waits for a second person, who approves it', async ({
  visit,
}) => {
  const route = `${server.url}/route`
  const [omar, lena, eve] = [await visit(route), await visit(route), await visit(route, { theme: 'light' })]
  await signIn(omar, 'omar')
  await signIn(lena, 'lena')
  await signIn(eve, 'eve')
  // no script can read what keeps him in
  expect(await omar.evaluate(() => document.cookie)).toBe('')
  await omar.reload()
  await omar.getByLabel('3 people are here').waitFor()

  // a viewer looks
  await eve.getByText('Your token lets you look.').waitFor()
  expect(await eve.getByRole('button', { name: 'Pause the run' }).isDisabled()).toBe(true)

  // more of chat than may move without a second person
  const hopper = omar.getByRole('slider', { name: 'Chat, Hopper' })
  await hopper.focus()
  for (let press = 0; press < 4; press++) await hopper.press('Shift+ArrowRight')
  await lena.getByText('being edited by omar').waitFor()
  await lena.getByLabel('3 people are here').click()
  await lena.getByText('omar, operator, on Route, edits the routing').waitFor()
  await lena.keyboard.press('Escape')
  await omar.getByRole('button', { name: /^Propose r2/ }).click()
  await omar.getByText('Waits for a second person.').waitFor()
  await omar.getByText('somebody else has to approve it').waitFor()
  expect(await eve.getByRole('button', { name: 'Approve' }).count()).toBe(0)
  await lena.getByRole('button', { name: 'Approve' }).click()
  for (const page of [omar, lena, eve]) await page.getByText(/^r2 in force since/).waitFor()

  // signed out, nothing of the fleet is left on the screen
  await eve.getByLabel('3 people are here').click()
  await eve.getByRole('button', { name: 'Sign out' }).click()
  await eve.getByRole('heading', { name: 'Sign in' }).waitFor()
  await lena.getByLabel('2 people are here').waitFor()
})
