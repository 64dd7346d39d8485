// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp, type App } from 'vue'
import DrainPanel from '../../client/panels/route/DrainPanel.vue'
import { drainRows, openPools } from '../../client/stores/drains'
import { openDesk } from '../support/desk'
import { buildFleet, buildFrame } from '../support/frames'

const fleet = buildFleet()

/** A frame with other figures of the first pool. */
function frameWith(first: Partial<Record<'drained' | 'available' | 'running' | 'waiting', number>>) {
  const frame = buildFrame(fleet, 1)
  for (const metric of ['drained', 'available', 'running', 'waiting'] as const)
    frame.pools[metric] = frame.pools[metric].map((value, index) => (index === 0 ? (first[metric] ?? value) : value))
  return frame
}

test('a pool drains while it has requests, then is drained; one that serves nothing is stopped', () => {
  const id = fleet.pools[0]?.id
  expect(drainRows(fleet, frameWith({}))).toEqual([])
  expect(drainRows(fleet, frameWith({ drained: 1, running: 12, waiting: 3 }))).toEqual([
    { pool: id, partly: false, state: 'draining', running: 15 },
  ])
  expect(drainRows(fleet, frameWith({ drained: 1, running: 0, waiting: 0 }))[0]?.state).toBe('drained')
  expect(drainRows(fleet, frameWith({ drained: 1, available: 0, running: 0 }))[0]?.state).toBe('stopped')
  expect(drainRows(fleet, frameWith({ drained: 0.5, running: 0, waiting: 0 }))[0]).toMatchObject({
    partly: true,
    state: 'draining',
  })
})

test('a pool that is drained is not offered again', () => {
  const all = openPools(fleet, null)
  expect(openPools(fleet, frameWith({ drained: 1 }))).toEqual(all.filter(id => id !== fleet.pools[0]?.id))
})

let desk: ReturnType<typeof openDesk>
let page: App

beforeEach(() => {
  desk = openDesk()
  document.body.innerHTML = '<main></main>'
  page = createApp(DrainPanel)
  page.use(desk.pinia).mount('main')
})
afterEach(() => {
  page.unmount()
  desk.stop()
})

const buttons = () => [...document.querySelectorAll('button')]
const press = (name: string) =>
  buttons()
    .find(({ textContent }) => textContent?.trim() === name)
    ?.click()

test('a drain is told before it is done, and done only when confirmed', async () => {
  const { value = '' } = document.querySelector('select') ?? {}
  press('Drain')
  await expect.poll(() => document.querySelector('.told')?.textContent).toContain(`Drain ${value}`)
  expect(desk.done()).toEqual([])
  press(`Drain ${value}`)
  await expect.poll(desk.done).toEqual(['drain'])
  expect(document.querySelector('.told')).toBeNull()
})

test('a refusal is told in words', async () => {
  desk.answerWith({ ok: false, error: { field: 'pool', value: 'x', expected: 'another open route for Chat' } })
  press('Stop')
  await expect.poll(() => document.querySelector('.said')?.textContent).toContain('another open route for Chat')
})
