// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp, nextTick, type App } from 'vue'
import RollOutPlan from '../../client/panels/route/RollOutPlan.vue'
import { useRollOut } from '../../client/stores/roll-out'
import { useRun } from '../../client/stores/run'
import type { Listener } from '../../client/socket'
import { buildFleet, buildFrame, buildHello } from '../support/frames'

let page: App
let rollOut: ReturnType<typeof useRollOut>

beforeEach(() => {
  const pinia = createPinia()
  setActivePinia(pinia)
  let server: Listener | undefined
  useRun().start(listener => {
    server = listener
    return { close: () => {}, watch: async (pools: number[]) => ({ ok: true, pools }) } as never
  })
  server?.hello(buildHello({ frame: buildFrame(buildFleet()) }))
  rollOut = useRollOut()
  rollOut.way = 'ramp'
  document.body.innerHTML = '<main></main>'
  page = createApp(RollOutPlan).use(pinia)
  page.mount('main')
})
afterEach(() => page.unmount())

test('a guard of one’s own holds or rolls back on any figure, against what it was before, from so many requests on', async () => {
  await press('Add a guard')
  await choose('What it does', 'hold')
  await choose('Whose figure', 'workload chat')
  await choose('Figure', 'itlP95')
  await choose('Against', 'before')
  await write('Limit in × before', '1.2')
  await write('Requests to judge by', '200')
  await press('Add')
  const guard = { action: 'hold', workload: 'chat', metric: 'itlP95', above: 1.2, against: 'before', samples: 200 }
  expect(rollOut.wish?.guards.at(-1)).toEqual(guard)
  expect(document.querySelector('ul')?.textContent).toMatch(/Hold p95 ITL of Chat above.*× before/)

  await press('Remove p95 ITL of Chat above 1.2 × before')
  expect(rollOut.wish?.guards).not.toContainEqual(guard)
})

test('a limit is typed in the unit of its figure and sent in the base unit; without one there is no guard', async () => {
  await press('Add a guard')
  await choose('Whose figure', 'pool b200-chat')
  await choose('Figure', 'kvUse')
  expect(button('Add').disabled).toBe(true)
  await write('Limit in %', '92,5')
  await press('Add')
  expect(rollOut.wish?.guards.at(-1)).toMatchObject({
    action: 'roll-back',
    pool: 'b200-chat',
    above: 0.925,
    samples: 20,
  })
})

test('steps of one’s own are kept as a template, with what holds them, until they are forgotten', async () => {
  await write('Steps, %', '2, 20, 100')
  await choose('Each held', 'requests')
  await write('Requests', '500')
  await press('Keep as template')
  await choose('Template', '0')
  expect(rollOut.steps?.map(({ share }) => share)).toEqual([0.01, 0.05, 0.25, 0.5, 1])
  await choose('Template', '4')
  expect(rollOut.steps).toEqual([0.02, 0.2, 1].map(share => ({ share, requests: 500 })))
  await press('Forget')
  expect(localStorage.getItem('headgate.ramps')).toBe('[]')
})

test('each step may be held its own way: for a time, so many requests, an approval, or more than one of them', async () => {
  await write('Steps, %', '10, 50, 100')
  await choose('Each held', 'each')
  await write('10 %, simulated seconds', '')
  expect(rollOut.valid).toBe(false)
  await write('10 %, requests', '500')
  await tick('50 %, approval')
  expect(rollOut.wish?.steps).toEqual([
    { share: 0.1, requests: 500 },
    { share: 0.5, seconds: 60, approval: true },
    { share: 1, seconds: 60 },
  ])

  await press('Keep as template')
  await choose('Each held', 'approval')
  expect(rollOut.wish?.steps).toEqual([0.1, 0.5, 1].map(share => ({ share, approval: true })))
  await choose('Template', '4')
  expect(rollOut.wish?.steps[1]).toEqual({ share: 0.5, seconds: 60, approval: true })
  await press('Forget')
})

test('what is scheduled comes at once then, or in steps', async () => {
  rollOut.way = 'schedule'
  await nextTick()
  await write('In', '10')
  expect(rollOut.wish).toMatchObject({ at: 600.25, steps: [{ share: 1 }] })
  await tick('in steps')
  await write('Steps, %', '50, 100')
  expect(rollOut.wish).toMatchObject({ at: 600.25, steps: [0.5, 1].map(share => ({ share, seconds: 60 })) })
})

function named<Kind extends HTMLElement>(tag: string, name: string): Kind {
  const found = [...document.querySelectorAll<Kind>(tag)].find(element =>
    [
      element.getAttribute('aria-label'),
      element.closest('label')?.querySelector('span')?.textContent,
      element.textContent?.trim(),
    ].includes(name),
  )
  if (!found) throw new Error(`no ${tag} named ${name}`)
  return found
}

const button = (name: string) => named<HTMLButtonElement>('button', name)

async function press(name: string) {
  button(name).click()
  await nextTick()
}

async function choose(name: string, value: string) {
  const select = named<HTMLSelectElement>('select', name)
  select.value = value
  select.dispatchEvent(new Event('change'))
  await nextTick()
}

async function tick(name: string) {
  named<HTMLInputElement>('input', name).click()
  await nextTick()
}

async function write(name: string, text: string) {
  const field = named<HTMLInputElement>('input', name)
  field.value = text
  field.dispatchEvent(new Event('input'))
  await nextTick()
}
