// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp, nextTick, type App } from 'vue'
import MirrorPanel from '../../client/panels/route/MirrorPanel.vue'
import { copiesTo, freePools, mirroredPools, mirrorRows, partOf } from '../../client/stores/mirrors'
import type { MirrorColumns, Mirrors } from '../../simulation/index'
import { openDesk } from '../support/desk'
import { buildFleet, buildFrame } from '../support/frames'

let desk: ReturnType<typeof openDesk>
let page: App

beforeEach(() => {
  desk = openDesk()
  document.body.innerHTML = '<main></main>'
  page = createApp(MirrorPanel)
  page.use(desk.pinia).mount('main')
})
afterEach(() => {
  page.unmount()
  desk.stop()
})

const fleet = buildFleet()
const mirrors: Mirrors = { chat: [{ prefill: 'h100-chat', decode: 'h100-chat', part: 0.2 }] }
const columns: MirrorColumns = {
  workload: [0],
  prefill: [4],
  decode: [4],
  part: [0.2],
  copied: [8],
  finished: [8],
  dropped: [0.5],
  outputTokens: [900],
  present: [12],
  ttftP95: [0.4],
  ttftCount: [90],
  itlP95: [0.03],
  itlCount: [12],
  e2eP95: [4],
  attainment: [0.9],
  usedCost: [0.01],
}

test('a mirror shows what copies see beside what is served, and nothing that few samples say', () => {
  const frame = buildFrame(fleet, 1, { mirrors: columns })
  const [row] = mirrorRows(fleet, frame, mirrors)
  expect(row).toMatchObject({ name: 'Chat', part: 0.2, copied: 8, dropped: 0.5, queries: false })
  expect(row?.first).toEqual({ copies: 0.4, served: frame.workloads.ttftP95[0] })
  expect(row?.itl).toEqual({ copies: null, served: frame.workloads.itlP95[0] })
  expect(mirrorRows(fleet, null, mirrors)[0]).toMatchObject({ part: 0.2, copied: null, dropped: null })
})

test('a pool that gets copies says of what, and cannot be given them twice', () => {
  expect(copiesTo(fleet, mirrors, 'h100-chat')).toBe('copies of Chat')
  expect(copiesTo(fleet, mirrors, 'b200-chat')).toBeNull()
  expect(mirroredPools(fleet, mirrors)).toEqual([4])
  expect(freePools(fleet, mirrors, 'chat')).toEqual(['b200-chat', 'b300-chat', 'trn2-chat'])
  expect(freePools(fleet, mirrors, 'ranking')).toEqual(['trn1-ranking'])
})

test.each([
  ['20', 0.2],
  ['0,5', 0.005],
  [' 100 ', 1],
  ['101', null],
  ['-1', null],
  ['', null],
  ['many', null],
])('a part typed as "%s" is %s', (typed, part) => {
  expect(partOf(typed)).toBe(part)
})

test('a mirror is begun, changed and ended on the page; a draft of shares stays as it is', async () => {
  const chat = desk.draft.routing
  set('Part of the requests to copy, per cent', '20')
  set('Workload', 'search')
  await nextTick()
  set('Pool', 'b200-chat')
  await nextTick()
  document.querySelector('form')?.dispatchEvent(new Event('submit'))
  const to = { prefill: 'b200-chat', decode: 'b200-chat' }
  await expect.poll(() => desk.run.routing?.mirrors).toEqual({ search: [{ ...to, part: 0.2 }] })
  expect(desk.run.changes.at(-1)?.summary).toBe('Search answers: mirror 0 → 20 % to b200-chat')
  await nextTick()
  set('Part of Search answers copied to b200-chat, per cent', '5')
  await expect.poll(() => desk.run.routing?.mirrors).toEqual({ search: [{ ...to, part: 0.05 }] })
  await nextTick()
  document.querySelector<HTMLElement>('[aria-label="End mirror of Search answers to b200-chat"]')?.click()
  await expect.poll(() => desk.run.routing).toMatchObject({ revision: 4, mirrors: {} })
  expect(desk.draft.routing).toEqual(chat)
})

test('what the server refuses is said beside the control', async () => {
  desk.answerWith({ ok: false, error: { field: 'decode', value: 'lpx', expected: 'another pool' } })
  document.querySelector('form')?.dispatchEvent(new Event('submit'))
  await expect.poll(() => document.querySelector('.said')?.textContent.trim()).toBe('decode lpx: expected another pool')
})

test('a draft does not fall behind by a mirror, and applies to the revision that it brought', async () => {
  desk.draft.move('chat', 'family:hopper', 0.3)
  desk.draft.settle()
  document.querySelector('form')?.dispatchEvent(new Event('submit'))
  await expect.poll(() => desk.run.routing?.revision).toBe(2)
  expect(desk.draft.ahead).toBeNull()
  await desk.draft.apply('')
  expect(desk.run.routing?.revision).toBe(3)
  expect(Object.keys(desk.run.routing?.mirrors ?? {})).toHaveLength(1)
})

function set(label: string, value: string): void {
  const field = document.querySelector<HTMLInputElement>(`[aria-label="${label}"]`)
  if (!field) throw new Error(`no ${label}`)
  field.value = value
  field.dispatchEvent(new Event('input'))
  field.dispatchEvent(new Event('change'))
}
