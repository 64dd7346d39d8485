// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp, h, nextTick, type App } from 'vue'
import ApplyPanel from '../../client/panels/route/ApplyPanel.vue'
import RevisionList from '../../client/panels/route/RevisionList.vue'
import RoutingHead from '../../client/panels/route/RoutingHead.vue'
import ShareMatrix from '../../client/panels/route/ShareMatrix.vue'
import { openDesk } from '../support/desk'

let desk: ReturnType<typeof openDesk>
let page: App

beforeEach(() => {
  desk = openDesk()
  document.body.innerHTML = '<main></main>'
  page = createApp({ render: () => [RoutingHead, ShareMatrix, ApplyPanel, RevisionList].map(part => h(part)) })
  page.use(desk.pinia).mount('main')
})
afterEach(() => {
  page.unmount()
  desk.stop()
})

test('each workload has one cell per family, and a cause where a family cannot serve it', () => {
  const rows = [...document.querySelectorAll('[data-workload]')]
  expect(rows.map(row => row.getAttribute('data-workload'))).toEqual(
    desk.run.fleet?.workloads.filter(({ kind }) => kind !== 'training').map(({ id }) => id),
  )
  const agents = document.querySelector('[data-workload="agents"]')
  expect(agents?.querySelectorAll('.cell')).toHaveLength(6)
  expect(agents?.textContent).toContain('671 GB of weights')
  expect(agents?.querySelector('.sum')?.textContent).toContain('100')
})

test('arrow keys move a slider by one per cent, with Shift by ten', async () => {
  const slider = input('Coding assistant, Hopper')
  const before = Number(slider.value)
  await press(slider, 'ArrowLeft')
  expect(Number(slider.value)).toBe(before - 1)
  await press(slider, 'ArrowRight', true)
  expect(Number(slider.value)).toBe(before + 9)
  expect(slider.getAttribute('aria-valuetext')).toBe(`${before + 9} per cent, was ${before}`)
})

test('a typed share takes effect, tints its cell and shows what it was', async () => {
  const field = input('Coding assistant on Hopper, per cent')
  const before = field.value
  await type(field, '12.5')
  expect(desk.draft.words).toContain(`Hopper ${before} → 12.5 %`)
  expect(field.closest('.cell')?.classList).toContain('changed')
  expect(field.closest('.cell')?.textContent).toContain(`was ${before}`)
  expect(document.body.textContent).toContain('Not applied, 3 shares')
})

test('what cannot be a share is marked and changes nothing', async () => {
  const field = input('Coding assistant on Hopper, per cent')
  for (const nonsense of ['140', '-3', 'ten', '']) {
    await type(field, nonsense)
    expect(field.getAttribute('aria-invalid')).toBe('true')
    expect(desk.draft.edited).toBe(false)
  }
  field.dispatchEvent(new Event('blur'))
  await nextTick()
  expect(field.hasAttribute('aria-invalid')).toBe(false)
  expect(Number(field.value)).toBeGreaterThan(0)
})

test('a locked cell holds still, and the field says what the locks leave', async () => {
  button('Lock Coding assistant on Groq LPU').click()
  await nextTick()
  expect(input('Coding assistant, Groq LPU').disabled).toBe(true)
  const field = input('Coding assistant on Hopper, per cent')
  await type(field, '100')
  const left = 100 - Number(input('Coding assistant, Groq LPU').value)
  expect(field.parentElement?.textContent).toContain(`at most ${left}`)
  expect(Number(input('Coding assistant, Hopper').value)).toBe(left)
})

test('an opened row has a slider for every pool that can serve it', async () => {
  const open = button('Chat')
  expect(open.getAttribute('aria-expanded')).toBe('false')
  open.click()
  await nextTick()
  expect(open.getAttribute('aria-expanded')).toBe('true')
  const pools = desk.run.fleet?.flows.filter(flow => desk.run.fleet?.workloads[flow.workload]?.id === 'chat') ?? []
  for (const { pool } of pools) expect(input(`Chat, ${desk.run.fleet?.pools[pool]?.id}`)).toBeTruthy()
  await press(input('Chat, gb200-chat'), 'Home')
  expect(input('Chat, gb200-chat').value).toBe('0')
})

test('apply brings the draft into force, says since when, and offers to undo it', async () => {
  await type(input('Coding assistant on Hopper, per cent'), '10')
  await type(input('Reason'), 'spare Hopper')
  expect(button('Apply r2').disabled).toBe(false)
  document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
  await expect.poll(() => document.body.textContent).toContain('r2 in force from 13:00:08')
  expect(document.querySelector('[data-revision="2"]')?.textContent).toContain('spare Hopper')
  button('Undo r2').click()
  await expect.poll(() => document.querySelector('[data-revision="3"]')?.textContent).toContain('Undo of r2')
})

test('a draft that fell behind cannot be applied until it is rebased', async () => {
  await type(input('Coding assistant on Hopper, per cent'), '10')
  await desk.other({ ranking: [{ prefill: 'trn1-ranking', decode: 'trn1-ranking', share: 1 }] }, 'inferentia is full')
  await nextTick()
  const note = document.querySelector('.stale')
  expect(note?.textContent).toContain('r2 took effect at 13:00:08 while you edited r1')
  expect(note?.textContent).toContain('inferentia is full')
  expect(button('Apply r2').disabled).toBe(true)
  button('Rebase my changes on r2').click()
  await nextTick()
  expect(button('Apply r3').disabled).toBe(false)
})

test('where both changed a workload each share is chosen by itself, and the draft is what was chosen', async () => {
  await type(input('Coding assistant on Hopper, per cent'), '10')
  await desk.other({ code: [{ prefill: 'lpu-code', decode: 'lpu-code', share: 1 }] })
  await nextTick()
  const table = document.querySelector('.stale table')
  const rows = [...(table?.querySelectorAll('tbody tr') ?? [])].map(row => row.querySelector('th')?.textContent)
  expect(rows).toContain('Coding assistant, lpu-code both')
  input('Coding assistant, h100-code: r2, 0 %').click()
  input('Coding assistant, lpu-code: r2, 100 %').click()
  await nextTick()
  expect(document.querySelector('.stale')?.textContent).toMatch(
    /Coding assistant adds to [\d.]+.%, and is scaled to 100/,
  )
  expect(document.querySelector('.stale')?.textContent).toContain('Rebase my changes on r2')
  const merged = desk.draft.merged?.routing.code
  button('Rebase my changes on r2').click()
  await nextTick()
  expect(desk.draft.routing.code).toEqual(merged)
  expect(desk.draft.routing.code?.find(({ decode }) => decode === 'h100-code')?.share ?? 0).toBe(0)
  expect(button('Apply r3').disabled).toBe(false)
})

function input(name: string): HTMLInputElement {
  const labelled = [...document.querySelectorAll('input')].find(
    element => (element.getAttribute('aria-label') ?? element.closest('label')?.textContent?.trim()) === name,
  )
  if (!labelled) throw new Error(`no input named ${name}`)
  return labelled
}

function button(name: string): HTMLButtonElement {
  const named = [...document.querySelectorAll('button')].find(element =>
    (element.getAttribute('aria-label') ?? element.textContent?.trim() ?? '').startsWith(name),
  )
  if (!named) throw new Error(`no button named ${name}`)
  return named
}

async function type(field: HTMLInputElement, text: string) {
  field.value = text
  field.dispatchEvent(new Event('input'))
  await nextTick()
}

async function press(element: HTMLElement, key: string, shiftKey = false) {
  element.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, cancelable: true, bubbles: true }))
  await nextTick()
  await nextTick()
  element.dispatchEvent(new KeyboardEvent('keyup', { key, bubbles: true }))
  await nextTick()
}
