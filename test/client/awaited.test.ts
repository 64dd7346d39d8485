// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { expect, test } from 'vitest'
import { createApp, nextTick } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import ControlBanner from '../../client/panels/ControlBanner.vue'
import { awaitedOf, type Standing } from '../../client/stores/awaited'
import { useRun } from '../../client/stores/run'
import type { Listener } from '../../client/socket'
import type { Proposal, RampView } from '../../server/protocol'
import { buildHello } from '../support/frames'

const proposal = (by: string): Proposal => ({
  id: `of ${by}`,
  by,
  at: '2027-04-14T13:00:00Z',
  kind: 'routing',
  summary: 'Chat: Hopper 13 → 28 %',
  reason: null,
  base: 1,
  radius: 0.2,
  expires: '2027-04-14T14:00:00Z',
})

function rampOf(by: string, change: Partial<RampView> = {}): RampView {
  const steps = [{ share: 0.5, approval: true as const }, { share: 1 }]
  const plan = { id: 'ramp', by, reason: null, base: 1, from: {}, to: {}, at: null, steps, guards: [] }
  return { plan, step: 1, since: 8, approved: false, held: null, ended: null, requests: 0, verdicts: [], ...change }
}

function standing(role: 'viewer' | 'operator' | 'approver', change: Partial<Standing> = {}): Standing {
  return {
    ramp: null,
    approvals: { above: 0.1, within: 600, waiting: [] },
    you: { name: 'lena', role, session: 1 },
    ...change,
  }
}
const sentences = (state: Standing) => awaitedOf(state).map(({ sentence }) => sentence)

test('a change of somebody else waits for those who may approve it, and not for others', () => {
  const approvals = { above: 0.1, within: 600, waiting: [proposal('omar'), proposal('Lena')] }
  expect(sentences(standing('approver', { approvals }))).toEqual(['A change of omar waits for approval.'])
  expect(sentences(standing('operator', { approvals }))).toEqual([])
})

test('a ramp that is held is told to everybody, one at a step that waits for approval to who may give it', () => {
  const held = rampOf('omar', { held: { cause: 'traffic', why: 'too little traffic', since: 9 } })
  expect(awaitedOf(standing('viewer', { ramp: held }))).toMatchObject([
    { sentence: 'The ramp of omar is held at step 1 of 2.', rest: 'too little traffic' },
  ])
  expect(sentences(standing('approver', { ramp: rampOf('omar') }))).toEqual([
    'The ramp of omar waits for approval at step 1 of 2.',
  ])
  expect(sentences(standing('operator', { ramp: rampOf('omar') }))).toEqual([])
  expect(sentences(standing('approver', { ramp: rampOf('lena') }))).toEqual([])
  expect(sentences(standing('approver', { ramp: rampOf('omar', { approved: true }) }))).toEqual([])
})

test('a roll back by a guard is told on every place until it was seen; one from before the page was opened is not', async () => {
  const pinia = createPinia()
  setActivePinia(pinia)
  const run = useRun()
  let server: Listener | undefined
  run.start(listener => {
    server = listener
    return { close: () => {}, look: () => {}, reconnect: () => {} } as never
  })
  const router = createRouter({
    history: createMemoryHistory(),
    routes: ['/', '/route', '/changes'].map(path => ({ path, component: {} })),
  })
  document.body.innerHTML = '<main></main>'
  const page = createApp(ControlBanner).use(pinia).use(router)
  page.mount('main')
  await router.push('/route')
  const ended = { how: 'rolled back' as const, by: 'guard', why: 'ttftP95 of chat 2.3 s, limit 0.8 s', time: 20 }
  server?.hello({ ...buildHello(), ramp: rampOf('anna', { ended }) })
  await nextTick()
  expect(document.body.textContent?.trim()).toBe('')

  const next = rampOf('omar', { ended })
  server?.ramp({ ...next, plan: { ...next.plan, id: 'another' } })
  await nextTick()
  expect(document.body.textContent).toContain('The ramp of omar was rolled back. ttftP95 of chat 2.3 s, limit 0.8 s')
  expect(document.querySelector('a')?.getAttribute('href')).toBe('/changes')
  document.querySelector('button')?.click()
  await nextTick()
  expect(document.body.textContent?.trim()).toBe('')
  page.unmount()
})
