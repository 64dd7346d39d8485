// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp, type App } from 'vue'
import PoolSystem from '../../client/panels/live/PoolSystem.vue'
import { systemOf } from '../../client/panels/live/system'
import type { FleetView } from '../../simulation/index'
import { openDesk } from '../support/desk'

let desk: ReturnType<typeof openDesk>
let page: App | null = null

beforeEach(() => {
  desk = openDesk()
  document.body.innerHTML = '<main></main>'
})
afterEach(() => {
  page?.unmount()
  desk.stop()
})

test('a pool lists its system: the parts, how many, what they carry, draw and cost', () => {
  open('gb300-agents')
  expect(words(document.querySelector('.system caption'))).toBe('System: 1 × GB300 NVL72 rack, 72 chips each')
  expect(rows()).toContainEqual(['Grace CPU host CPU', '36', '', '500 W', '–'])
  expect(rows()).toContainEqual(['NVLink 5 switch tray scale-up switch', '9', '65.0 TB/s', '1.24 kW', '–'])
  expect(rows()).toContainEqual(['BlueField-3 data processing unit', '18', '900 GB/s', '150 W', '2 500 $'])
  expect(rows().at(-1)?.[0]).toBe('Fans, memory, storage, losses')
})

test('a pool in several nodes counts the parts of all of them', () => {
  open('b200-chat')
  // 128 chips in nodes of eight
  expect(words(document.querySelector('.system caption'))).toContain('16 × p6-b200.48xlarge')
})

test('what nobody publishes is a dash that says so, never zero', () => {
  open('trn2-search')
  expect(rows()).toContainEqual(['Host processors host CPU', '–', '', '–', '–'])
  const [host] = document.querySelectorAll('.system tbody tr')
  expect(host?.getAttribute('title')).toContain('power: no public figure; price: no public figure')
})

test('a chip whose system nobody describes says that', () => {
  open('lpu-chat')
  expect(document.querySelector('main')?.textContent).toContain('Nobody says what these chips come in.')
})

test('a pool of half a rack has half of its parts', () => {
  const { fleet } = desk.run
  if (!fleet) throw new Error('no fleet')
  const index = fleet.pools.findIndex(({ id }) => id === 'gb300-agents')
  const half: FleetView = { ...fleet, pools: fleet.pools.map(pool => ({ ...pool, chips: pool.chips / 2 })) }
  const list = systemOf(half, index)
  expect(list?.title).toMatch(/^0\.5 × /)
  expect(list?.parts.map(({ count }) => count).slice(0, 2)).toEqual(['18', '4.5'])
})

function open(id: string): void {
  page = createApp(PoolSystem, { pool: desk.run.fleet?.pools.findIndex(pool => pool.id === id) })
  page.use(desk.pinia).mount('main')
}

function rows(): string[][] {
  return [...document.querySelectorAll('.system tbody tr')].map(row => [...row.children].map(words))
}

/** Text with plain spaces, so that a test can be read. */
function words(element: Element | null): string {
  return (element?.textContent ?? '').replace(/[\s\u202f\u00a0]+/g, ' ').trim()
}
