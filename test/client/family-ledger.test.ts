// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createApp, nextTick, type App } from 'vue'
import { useActions } from '../../client/actions'
import FamilyLedger from '../../client/panels/live/FamilyLedger.vue'
import type { Anchors } from '../../client/panels/live/ledger'
import { openByItself, useFolds } from '../../client/stores/folds'
import { useView } from '../../client/stores/view'
import { buildFleet, buildFrame, buildPool } from '../support/frames'
import { openDesk } from '../support/desk'

let desk: ReturnType<typeof openDesk>
let page: App | null = null
let anchors: Anchors | null = null
beforeEach(() => {
  desk = openDesk()
})
afterEach(() => {
  page?.unmount()
  page = null
  desk.stop()
  vi.restoreAllMocks()
})

async function mount() {
  document.body.innerHTML = '<main></main>'
  page = createApp(FamilyLedger, { onAnchors: (next: Anchors) => (anchors = next) })
  page.use(desk.pinia).mount('main')
  await nextTick()
}

const fold = (family: string) => document.querySelector<HTMLButtonElement>(`[data-family="${family}"] .fold`)
const isOpen = (family: string) => fold(family)?.getAttribute('aria-expanded') === 'true'
const listed = () => [...document.querySelectorAll('tr[data-pool]')].map(row => row.getAttribute('data-pool'))
const press = async (button: HTMLElement | null) => {
  button?.click()
  await nextTick()
  await nextTick()
}

test('families are open by themselves, in order, as long as their pools fit', () => {
  const families = [
    { id: 'a', pools: 6 },
    { id: 'b', pools: 2 },
    { id: 'c', pools: 5 },
    { id: 'd', pools: 1 },
  ]
  expect(openByItself(families, 9)).toEqual(['a', 'b', 'd'])
  expect(openByItself(families, 5)).toEqual(['b', 'd'])
  expect(openByItself(families, 0)).toEqual([])
})

const poolsOf = (pattern: RegExp) =>
  (desk.run.fleet?.pools ?? []).flatMap(({ chip }, index) => (pattern.test(chip) ? [String(index)] : []))

test('a family opens and folds by its button, and the address can say which are open', async () => {
  useView().open = ['rubin']
  await mount()
  expect([isOpen('rubin'), isOpen('hopper')]).toEqual([true, false])
  expect(listed()).toEqual(poolsOf(/^rubin/))
  await press(fold('hopper'))
  expect(isOpen('hopper')).toBe(true)
  expect(useView().open).toEqual(['rubin', 'hopper'])
  expect(listed()).toEqual(poolsOf(/^rubin|^h[12]00/))
  await press(fold('rubin'))
  expect(useView().open).toEqual(['hopper'])
  expect(listed()).toEqual(poolsOf(/^h[12]00/))
})

test('all families open and fold by an action', async () => {
  await mount()
  const run = (id: string) =>
    useActions()
      .all.find(action => action.id === id)
      ?.run()
  run('ledger.open')
  await nextTick()
  await nextTick()
  expect(listed()).toHaveLength(desk.run.fleet?.pools.length ?? NaN)
  run('ledger.fold')
  await nextTick()
  expect(listed()).toEqual([])
  expect(useView().open).toEqual([])
})

test('a pool that is looked for is in the page, though its family was folded', async () => {
  useView().open = []
  await mount()
  const pool = desk.run.fleet?.pools.findIndex(({ id }) => id === 'inf2-summaries') ?? -1
  useFolds().seek(pool)
  await nextTick()
  await nextTick()
  expect(isOpen('inferentia')).toBe(true)
  expect(listed()).toContain(String(pool))
})

test.each([1, 2])('ribbons find the rows of families and of open pools, drawn %i times as large', async scale => {
  useView().open = ['rubin']
  Object.defineProperty(Element.prototype, 'currentCSSZoom', { configurable: true, value: scale })
  onTestFinished(() => void Reflect.deleteProperty(Element.prototype, 'currentCSSZoom'))
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockImplementation(function (this: HTMLElement) {
    const place = [...document.querySelectorAll('section, thead, tr.family, tr.pool')].indexOf(this)
    return new DOMRect(0, place * 30 * scale, 800 * scale, (this.tagName === 'SECTION' ? 4000 : 30) * scale)
  })
  await mount()
  await new Promise(requestAnimationFrame)
  const { fleet } = desk.run
  // below the head
  expect(anchors?.families[0]).toBe(75)
  expect(anchors?.families.filter(at => at !== undefined)).toHaveLength(fleet?.families.length ?? NaN)
  expect(Object.keys(anchors?.pools ?? {})).toEqual(poolsOf(/^rubin/))
  const rubin = fleet?.families.findIndex(({ id }) => id === 'rubin') ?? -1
  for (const at of Object.values(anchors?.pools ?? {})) {
    expect(at).toBeGreaterThan(anchors?.families[rubin] ?? NaN)
    expect(at).toBeLessThan(anchors?.families[rubin + 1] ?? NaN)
  }
})

test('of a thousand pools those in sight are in the page and watched, and a name finds any', async () => {
  const fleet = buildFleet({ pools: Array.from({ length: 1000 }, (_, index) => buildPool(`p${index}`, 0)) })
  const frame = buildFrame({ ...fleet, pools: fleet.pools.slice(0, 64) })
  const asked: number[][] = []
  desk.greetFleet(fleet, { ...frame, familyFlows: { requests: [], outputTokens: [] } }, pools => asked.push(pools))
  useView().open = ['blackwell']
  await mount()
  await new Promise(requestAnimationFrame)
  expect(listed()[0]).toBe('0')
  expect(listed().length).toBeGreaterThan(20)
  expect(listed().length).toBeLessThan(80)

  const search = document.querySelector<HTMLInputElement>('input[type=search]')
  if (!search) throw new Error('there is nothing to search with')
  search.value = 'p985'
  search.dispatchEvent(new Event('input'))
  await nextTick()
  await nextTick()
  expect(listed()).toEqual(['985'])
  await vi.waitFor(() => expect(asked.at(-1)).toEqual([985]))
})
