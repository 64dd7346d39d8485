// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApp, nextTick, type App } from 'vue'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import ChangesPage from '../../client/pages/ChangesPage.vue'
import { filterKinds } from '../../client/panels/changes/filter'
import { useMarks } from '../../client/stores/marks'
import { auditFilter } from '../../server/audit/entry'
import type { AuditEntry, Change } from '../../server/protocol'
import { openDesk } from '../support/desk'

let desk: ReturnType<typeof openDesk>
let page: App
let router: Router
const only = (pool: string) => [{ prefill: pool, decode: pool, share: 1 }]

beforeEach(async () => {
  desk = openDesk()
  await desk.other({ code: only('lpu-code') }, 'try the LPU')
  await desk.other({ code: only('b200-code') })
  vi.stubGlobal('fetch', async (path: string) => {
    const { searchParams } = new URL(path, 'http://headgate')
    const wanted = Number(searchParams.get('revision')) || null
    const entries = searchParams.has('kind') ? [] : desk.control.changes().map(entryOf).toReversed()
    return Response.json({ entries: entries.filter(each => !wanted || each.revision === wanted), before: null })
  })
  router = createRouter({
    history: createMemoryHistory(),
    routes: ['/changes', '/route'].map(path => ({ path, component: {} })),
  })
  await router.push('/changes')
  document.body.innerHTML = '<main></main>'
  page = createApp(ChangesPage).use(desk.pinia).use(router)
  page.mount('main')
  await vi.waitFor(() => expect(lines()).toHaveLength(2))
})
afterEach(() => {
  page.unmount()
  desk.stop()
  vi.unstubAllGlobals()
})

function entryOf({ revision, time, summary, reason, by }: Change): AuditEntry {
  const routes = [{ workload: 'code', prefill: 'lpu-code', decode: 'lpu-code', from: 0, to: 1 }]
  const said = {
    id: `key-${revision}`,
    kind: 'routing',
    at: '2027-04-14T13:00:00Z',
    role: 'admin' as const,
    via: 'socket',
  }
  const came = { predicted: null, score: null, untold: null, around: null }
  return {
    ...said,
    number: revision,
    time,
    by,
    reason,
    revision,
    summary,
    automatic: false,
    of: null,
    routes,
    mirrors: [],
    ...came,
  }
}

test('one key on the line of a change puts the routing of that revision in force, as a new revision', async () => {
  const [, older] = lines()
  older?.focus()
  older?.dispatchEvent(new KeyboardEvent('keydown', { key: 'r', cancelable: true, bubbles: true }))
  await expect.poll(() => document.body.textContent).toContain('r4 is in force: the routing of r2.')
  expect(desk.control.routing()).toMatchObject({ revision: 4, routing: { code: only('lpu-code') } })
  expect(desk.control.changes().at(-1)?.reason).toBe('Roll back to r2')
})

test('a mark on a chart leads to the entry of its change, open, with the way back beside it', async () => {
  const mark = useMarks().marks.find(({ id }) => id === 'r2')
  await router.push(mark?.to ?? expect.fail())
  await vi.waitFor(() => expect(lines()).toHaveLength(1))
  expect(lines()[0]?.getAttribute('aria-expanded')).toBe('true')
  expect(document.body.textContent).toContain('try the LPU')
  const back = [...document.querySelectorAll('button')].find(button => button.textContent?.trim() === 'Roll back to r2')
  back?.click()
  await expect.poll(() => desk.control.routing().revision).toBe(4)
  await nextTick()
})

test('who comes by a mark stands on the line of its entry, from where one key rolls back', async () => {
  await router.push({ path: '/changes', query: { change: '2' } })
  await vi.waitFor(() => expect(document.activeElement).toBe(lines()[1]))
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'r', cancelable: true, bubbles: true }))
  await expect.poll(() => desk.control.changes().at(-1)?.reason).toBe('Roll back to r2')
})

test('every kind that the server can filter by can be chosen', () => {
  expect([...filterKinds].sort()).toEqual([...auditFilter.shape.kind.unwrap().options].sort())
})

function lines(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-line]')]
}
