import { afterAll, beforeAll, expect } from 'vitest'
import { test } from '../support/browser'
import { startBuiltServer, type BuiltServer } from '../support/built-server'

let server: BuiltServer
beforeAll(async () => void (server = await startBuiltServer({ flags: ['--speed', '4'] })), 180_000)
afterAll(() => server.stop())

/** Simulated time passes slowly on a busy machine. */
const patient = { timeout: 240_000 }

async function post(command: object): Promise<void> {
  const response = await fetch(`${server.url}/api/v1/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(command),
  })
  if (!response.ok) throw new Error(await response.text())
}

test('a fault becomes an alert, which somebody acknowledges and silences, and which is over with the fault', async ({
  visit,
}) => {
  const page = await visit(`${server.url}/alerts`)
  const live = await visit(server.url)
  const objectives = page.getByRole('table')
  await objectives.getByRole('rowheader', { name: 'Autonomous systems' }).waitFor()
  expect(await objectives.getByRole('row').count()).toBe(8)

  await post({ kind: 'fault', fault: { kind: 'bad-deploy', id: 'release', pool: 'h100-driving', share: 0.5 } })
  const now = page.getByRole('list', { name: 'Now' })
  const alert = now.getByRole('listitem').filter({ hasText: /Autonomous systems turns.*rejections/ })
  await alert.getByText(/· firing/).waitFor(patient)
  await page.getByRole('link', { name: /^Alerts \d+ firing$/ }).waitFor()
  await live.getByText('turns').first().waitFor(patient)
  await live.getByRole('status').filter({ hasText: 'Alert: Autonomous systems' }).waitFor({ state: 'attached' })

  await alert.getByRole('button', { name: 'Acknowledge Autonomous systems, rejections' }).click()
  await alert.getByText('seen by local').waitFor()

  await alert.getByRole('button', { name: 'Silence Autonomous systems, rejections' }).click()
  await alert.getByRole('textbox', { name: 'Reason' }).fill('the release is rolled back')
  await alert.getByRole('textbox', { name: 'Reason' }).press('Enter')
  await page.getByText('rejections of Autonomous systems is silent for 10 min.').waitFor()
  await alert.getByText(/· silenced/).waitFor()
  await page.getByRole('heading', { name: 'Silences' }).waitFor()
  await page.getByRole('button', { name: /^End the silence/ }).click()
  await page.getByRole('heading', { name: 'Silences' }).waitFor({ state: 'detached' })

  await post({ kind: 'clear', fault: 'release' })
  const past = page.getByRole('list', { name: 'History' }).getByRole('listitem').filter({ hasText: 'rejections' })
  await past.getByText('cleared').waitFor(patient)
  await past.getByText('seen by local').waitFor()

  // a rule of one's own; what the server does not take it says by the field
  await page.getByRole('button', { name: 'Add a rule' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('any traffic')
  await page.getByRole('combobox', { name: 'Of', exact: true }).selectOption('workload chat')
  await page.getByRole('combobox', { name: 'Figure' }).selectOption('arrived')
  await page.getByRole('spinbutton', { name: 'Threshold' }).fill('1')
  await page.getByRole('spinbutton', { name: 'Clears at' }).fill('2')
  await page.getByRole('spinbutton', { name: /^For/ }).fill('0')
  await page.getByRole('button', { name: 'Add it' }).click()
  await page.getByText('Refused: clear, expected 1 or less').waitFor()
  await page.getByRole('spinbutton', { name: 'Clears at' }).fill('')
  await page.getByRole('button', { name: 'Add it' }).click()
  await now.getByRole('listitem').filter({ hasText: 'any traffic' }).waitFor(patient)
  await page.getByRole('button', { name: 'Remove any traffic' }).click()
  await now.getByRole('listitem').filter({ hasText: 'any traffic' }).waitFor({ state: 'detached' })

  await page.getByRole('button', { name: 'Change the objective of Chat' }).click()
  await page.getByRole('spinbutton', { name: 'Target' }).fill('90')
  await page.getByRole('button', { name: 'Set', exact: true }).click()
  await objectives.getByRole('row', { name: /^Chat 90\s%/ }).waitFor(patient)
}, 900_000)
