// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp, h, nextTick, reactive, type App } from 'vue'
import PoolDetail from '../../client/panels/detail/PoolDetail.vue'
import ReplicaList from '../../client/panels/detail/ReplicaList.vue'
import { percentileRows } from '../../client/panels/detail/percentiles'
import { useView } from '../../client/stores/view'
import { openDesk } from '../support/desk'

let desk: ReturnType<typeof openDesk>
let page: App

beforeEach(() => {
  desk = openDesk()
  document.body.innerHTML = '<button data-pool="18"></button><main></main>'
})
afterEach(() => {
  page.unmount()
  desk.stop()
})

const settle = async () => {
  for (let turn = 0; turn < 4; turn++) await nextTick()
}

async function open(id: string) {
  const view = useView()
  view.pool = id
  const pool = desk.run.fleet?.pools.findIndex(each => each.id === id)
  page = createApp(PoolDetail, { pool })
  page.use(desk.pinia).mount('main')
  await settle()
  return { view, pool }
}

test('a pool that is opened is asked for, shown when it is told, and given back when it is closed', async () => {
  const { view, pool } = await open('h200-chat')
  expect(words('h2')).toBe('h200-chat')
  expect(words('.silent')).toBe('Waiting for the pool from the server.')
  expect(desk.wished()).toEqual({ pool, from: 0, count: 128, order: 'number', replica: null })
  desk.tellDetail()
  await settle()
  expect(words('[aria-label="Replicas"] .region-head')).toMatch(/^Replicas \d+ serving/)
  expect(all('dt')).toEqual(
    expect.arrayContaining(['Queue', 'KV cache', 'Prefix hits', 'Preemptions', 'Power', 'RDMA']),
  )
  expect(words('[role=application]')).not.toBeNull()
  expect(document.querySelector('[role=application]')?.getAttribute('aria-label')).toMatch(/^TTFT of h200-chat over/)
  document.querySelector<HTMLElement>('[aria-label="Close h200-chat"]')?.click()
  expect([view.pool, view.replica]).toEqual([null, null])
  page.unmount()
  await settle()
  expect(desk.wished()).toBeNull()
})

test('a replica that is lost is seen to be, in the list and by its chips', async () => {
  desk.befall({ id: 'f', kind: 'chip-loss', pool: 'h200-chat', replica: 1 })
  const { view } = await open('h200-chat')
  desk.tellDetail()
  await settle()
  const row = () => document.querySelectorAll('[role=row]')[2]
  expect(text(row())).toMatch(/^1 lost, 1 chip 0 0 0 0 – 100$/)
  row()?.dispatchEvent(new Event('click'))
  await settle()
  expect(view.replica).toBe(1)
  expect(desk.wished()?.replica).toBe(1)
  desk.tellDetail()
  await settle()
  expect(words('[aria-label="Replica 1"] .region-head')).toBe('Replica 1 lost, 1 of 4 chips')
  expect(document.querySelectorAll('.chips .lost')).toHaveLength(1)
})

test('the order is asked of the server, which knows all replicas', async () => {
  await open('h200-chat')
  desk.tellDetail()
  await settle()
  const head = [...document.querySelectorAll<HTMLElement>('.head button')].find(each => text(each) === 'Queue')
  head?.click()
  await settle()
  expect(desk.wished()?.order).toBe('queue')
  desk.tellDetail()
  await settle()
  expect(document.querySelector('[aria-sort=descending]')?.textContent).toContain('Queue')
})

test('of thousands of replicas only those on the screen are in the page, and asked for as it scrolls', async () => {
  await open('h200-chat')
  desk.tellDetail()
  await settle()
  page.unmount()
  const { detail } = desk.run
  const replicas = desk.told()?.replicas
  if (!replicas || detail) throw new Error('a pool that is closed is still told')
  const looked: number[] = []
  const shown = reactive({ replicas: { ...replicas, total: 7000 }, pool: 'p', chosen: null, order: 'number' as const })
  page = createApp(() => h(ReplicaList, { ...shown, onLook: (place: number) => looked.push(place) }))
  page.use(desk.pinia).mount('main')
  await settle()
  const grid = document.querySelector<HTMLElement>('[role=grid]')
  expect(grid?.getAttribute('aria-rowcount')).toBe('7001')
  expect(document.querySelectorAll('[role=row]').length).toBeLessThan(60)
  if (grid) grid.scrollTop = 24 * 5000
  grid?.dispatchEvent(new Event('scroll'))
  await settle()
  expect(looked.at(-1)).toBeGreaterThan(4950)
  expect(all('[role=row][aria-rowindex="5002"] [role=gridcell]')[0]).toBe('–')
  // what is told of that window stands in its place
  shown.replicas = { ...shown.replicas, from: 5000 }
  await settle()
  expect(all('[role=row][aria-rowindex="5002"] [role=gridcell]').slice(0, 2)).toEqual(['0', 'serving'])
})

test('while the screen shows the past it says that detail is of now, and asks for none', async () => {
  const { view } = await open('h200-chat')
  desk.run.follow(() => ({ at: view.at, span: null }))
  desk.tellDetail()
  view.at = 2
  await settle()
  expect(words('.silent')).toMatch(/is only known of now\. Back to now$/)
  expect(document.querySelector('[role=grid]')).toBeNull()
  expect(desk.wished()).toBeNull()
})

test('percentiles of few samples are withheld with why, and workloads stand apart where there are several', async () => {
  const { pool } = await open('h200-chat')
  desk.tellDetail()
  await settle()
  const { fleet, detail } = desk.run
  if (!fleet || !detail) throw new Error(`nothing is told of pool ${pool}`)
  const few = { count: 30, p50: 0.1, p90: 0.2, p95: 0.3, p99: null }
  const none = { count: 0, p50: null, p90: null, p95: null, p99: null }
  const of = (workload: number) => ({ workload, ttft: few, itl: none, e2e: none })
  const rows = percentileRows(fleet, { ...detail, latency: of(0), workloads: [of(0), of(1)] })
  expect(rows.map(({ timing, whose }) => [timing, whose])).toEqual([
    ['ttft', null],
    ['ttft', fleet.workloads[0]?.name],
    ['ttft', fleet.workloads[1]?.name],
  ])
  expect(rows[0]?.cells.map(({ words }) => words.replace('\u00a0', ' '))).toEqual(['100 ms', '200 ms', '300 ms', '–'])
  expect(rows[0]?.cells[3]?.why).toBe('withheld: 30 samples, at least 100 needed')
  expect(percentileRows(fleet, { ...detail, latency: of(0), workloads: [of(0)] })).toHaveLength(1)
})

function words(selector: string): string {
  return text(document.querySelector(selector))
}

function all(selector: string): string[] {
  return [...document.querySelectorAll(selector)].map(text)
}

/** With plain spaces, so that a test can be read. */
function text(element: Element | null | undefined): string {
  const parts = [...(element?.children ?? [])]
  const whole =
    parts.length > 0 && element?.matches('[role=row], .region-head')
      ? parts.map(each => each.textContent).join(' ')
      : element?.textContent
  return (whole ?? '').replace(/[\s\u202f\u00a0]+/g, ' ').trim()
}
