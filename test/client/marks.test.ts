// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApp, nextTick } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { AuditEntry } from '../../server/protocol'
import EventList from '../../client/panels/live/EventList.vue'
import { eventsLeft } from '../../client/panels/live/events'
import { useMarks } from '../../client/stores/marks'
import { useRun } from '../../client/stores/run'
import { openDesk } from '../support/desk'

let desk: ReturnType<typeof openDesk>
let answers: (path: string) => AuditEntry[]

beforeEach(() => {
  answers = () => []
  vi.stubGlobal('fetch', async (path: string) => Response.json({ entries: answers(path), before: null }))
  desk = openDesk()
})
afterEach(() => {
  desk.stop()
  vi.unstubAllGlobals()
})

function entry(number: number, kind: string, time: number): AuditEntry {
  return {
    number,
    id: `key-${number}`,
    kind,
    at: '2027-04-14T13:00:00Z',
    time,
    by: 'local',
    role: 'admin',
    via: 'socket',
    reason: null,
    revision: 1,
    summary: `${kind} of trn2-chat`,
    automatic: false,
    of: null,
    routes: [],
    mirrors: [],
    predicted: null,
    score: null,
    untold: null,
    around: null,
  }
}

test('changes and faults are marked oldest first, each leads to its entry', async () => {
  answers = path => (path.includes('kind=fault') ? [entry(9, 'fault', 30), entry(4, 'fault', 2)] : [])
  const marks = useMarks()
  await desk.other({ code: [{ prefill: 'lpu-code', decode: 'lpu-code', share: 1 }] })
  await vi.waitFor(() => expect(marks.marks).toHaveLength(3))
  expect(marks.marks.map(({ kind, time }) => [kind, time])).toEqual([
    ['fault', 2],
    ['change', 8],
    ['fault', 30],
  ])
  expect(marks.marks.map(({ to }) => to)).toEqual([
    { path: '/changes', query: { kind: 'fault', change: '4' } },
    { path: '/changes', query: { revision: '2' } },
    { path: '/changes', query: { kind: 'fault', change: '9' } },
  ])
})

test('a fault is marked as soon as it is told, once; a drain is a change, what changes no traffic is not marked', async () => {
  const marks = useMarks()
  const run = useRun()
  for (const next of [entry(5, 'fault', 12), entry(5, 'fault', 12), entry(6, 'pace', 13), entry(7, 'drain', 14)]) {
    run.entry = next
    await nextTick()
  }
  await vi.waitFor(() => expect(marks.marks).toHaveLength(2))
  expect(marks.marks.map(({ name, kind }) => [name, kind])).toEqual([
    ['fault', 'fault'],
    ['drain', 'change'],
  ])
})

test('under a filter the list keeps changes that move what is left, and all faults', async () => {
  const marks = useMarks()
  const run = useRun()
  await desk.other({ code: [{ prefill: 'lpu-code', decode: 'lpu-code', share: 1 }] })
  run.entry = entry(5, 'fault', 12)
  await nextTick()
  const left = (workloads: string[] | null) =>
    run.fleet &&
    eventsLeft(marks.marks, {
      fleet: run.fleet,
      changes: run.changes,
      routing: run.routing?.routing ?? {},
      filter: { families: null, workloads },
    }).map(({ kind }) => kind)
  expect(left(null)).toEqual(['change', 'fault'])
  expect(left(['code'])).toEqual(['change', 'fault'])
  expect(left(['agents'])).toEqual(['fault'])
})

test('the list of a long run has the newest events, and says where the others are', async () => {
  answers = path =>
    path.includes('kind=fault') ? Array.from({ length: 80 }, (_, at) => entry(at + 1, 'fault', at)) : []
  const marks = useMarks()
  await vi.waitFor(() => expect(marks.events).toHaveLength(80))
  const router = createRouter({
    history: createMemoryHistory(),
    routes: ['/changes', '/route', '/alerts'].map(path => ({ path, component: {} })),
  })
  await router.push('/route')
  document.body.innerHTML = '<main></main>'
  const list = createApp(EventList).use(desk.pinia).use(router)
  list.mount('main')
  const rows = [...document.querySelectorAll('li')].map(({ textContent }) => textContent.replace(/\s+/g, ' ').trim())
  expect(rows).toHaveLength(51)
  expect(rows[0]).toMatch(/fault/)
  expect(rows.at(-1)).toBe('30 older: Changes, Alerts')
  list.unmount()
})
