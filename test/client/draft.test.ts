// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sameRoutes, shareOf } from '../../client/stores/shares'
import type { Routing } from '../../simulation/index'
import { openDesk } from '../support/desk'

let desk: ReturnType<typeof openDesk>

beforeEach(() => (desk = openDesk()))
afterEach(() => desk.stop())

const only = (pool: string) => [{ prefill: pool, decode: pool, share: 1 }]
const share = (routing: Routing, workload: string, slot: Parameters<typeof shareOf>[2]) =>
  desk.run.fleet ? shareOf(desk.run.fleet, routing[workload] ?? [], slot) : NaN

function drag(workload: string, slot: Parameters<typeof shareOf>[2], ...shares: number[]) {
  for (const value of shares) desk.draft.move(workload, slot, value)
  desk.draft.settle()
}

test('a draft follows the routing in force until something is edited', async () => {
  await desk.other({ code: only('lpu-code') })
  expect(desk.draft.base?.revision).toBe(2)
  expect(share(desk.draft.routing, 'code', 'family:groq-lpu')).toBe(1)
  expect(desk.draft.edited).toBe(false)
})

test('an edit is told in the words of the journal, and marks the page as unsaved', async () => {
  drag('code', 'family:hopper', 0.1)
  expect(desk.draft.changed).toEqual(['code'])
  expect(desk.run.draftDirty).toBe(true)
  const words = desk.draft.words
  await desk.draft.apply('')
  expect(desk.control.changes().at(-1)?.summary).toBe(words)
  expect(desk.run.draftDirty).toBe(false)
})

test('apply sends the changed workloads with their base and the reason, and clears the draft', async () => {
  const before = desk.control.routing().routing
  drag('code', 'family:hopper', 0.1)
  await desk.draft.apply('  spare Hopper ')
  const { revision, routing } = desk.control.routing()
  expect(share(routing, 'code', 'family:hopper')).toBe(0.1)
  expect(sameRoutes(routing.chat ?? [], before.chat ?? [])).toBe(true)
  expect(desk.control.changes().at(-1)?.reason).toBe('spare Hopper')
  expect(desk.draft.outcome).toEqual({ kind: 'applied', revision, effectiveAt: 8 })
  expect(desk.draft.edited).toBe(false)
  expect(desk.draft.canUndo).toBe(false)
})

test('a whole drag is one step of undo, and redo brings it back', () => {
  const before = share(desk.draft.routing, 'chat', 'family:hopper')
  drag('chat', 'family:hopper', 0.5, 0.4, 0.3)
  drag('chat', 'family:rubin', 0.4)
  desk.draft.undo()
  expect(share(desk.draft.routing, 'chat', 'family:hopper')).toBe(0.3)
  desk.draft.undo()
  expect(share(desk.draft.routing, 'chat', 'family:hopper')).toBe(before)
  expect(desk.draft.edited).toBe(false)
  desk.draft.redo()
  expect(share(desk.draft.routing, 'chat', 'family:hopper')).toBe(0.3)
  drag('code', 'family:hopper', 0.2)
  expect(desk.draft.canRedo).toBe(false)
})

test('a drag to nothing and back gives the others what they had', () => {
  const before = desk.draft.routing
  drag('chat', 'family:blackwell', 1, 0, share(before, 'chat', 'family:blackwell'))
  expect(desk.draft.edited).toBe(false)
  expect(desk.draft.canUndo).toBe(false)
})

test('one workload can be reverted, and all of them discarded', () => {
  drag('chat', 'family:hopper', 0.5)
  drag('code', 'family:hopper', 0.5)
  desk.draft.revert('chat')
  expect(desk.draft.changed).toEqual(['code'])
  desk.draft.discard()
  expect(desk.draft.edited).toBe(false)
  desk.draft.undo()
  expect(desk.draft.changed).toEqual(['code'])
})

test('a refusal keeps the draft, says what was expected and offers the nearest that could be', async () => {
  const error = { field: 'routing.code', value: 0.9, expected: 'shares that add to 1' }
  const nearest = { code: only('lpu-code') }
  desk.answerWith({ ok: false, error, nearest })
  drag('code', 'family:hopper', 0.1)
  await desk.draft.apply('')
  expect(desk.draft.outcome).toEqual({ kind: 'refused', error, nearest })
  expect(desk.draft.edited).toBe(true)
  desk.draft.take(nearest)
  expect(desk.draft.outcome).toBeNull()
  expect(share(desk.draft.routing, 'code', 'family:groq-lpu')).toBe(1)
})

test('a draft that falls behind is told so, and is brought onto the newer revision with both changes', async () => {
  drag('code', 'family:hopper', 0.1)
  await desk.other({ ranking: only('trn1-ranking') })
  expect(desk.draft.ahead?.revision).toBe(2)
  expect(desk.draft.fields).toEqual([])
  desk.draft.rebase()
  expect(desk.draft.base?.revision).toBe(2)
  expect(desk.draft.ahead).toBeNull()
  expect(desk.draft.changed).toEqual(['code'])
  await desk.draft.apply('')
  const { revision, routing } = desk.control.routing()
  expect(revision).toBe(3)
  expect(share(routing, 'ranking', 'family:trainium')).toBe(1)
  expect(share(routing, 'code', 'family:hopper')).toBe(0.1)
})

test('where both changed the same workload the operator chooses whose shares stand', async () => {
  drag('code', 'family:hopper', 0.1)
  await desk.other({ code: only('lpu-code') })
  expect(new Set(desk.draft.fields.map(({ workload }) => workload))).toEqual(new Set(['code']))
  desk.draft.choose(desk.draft.fields, 'theirs')
  desk.draft.rebase()
  expect(desk.draft.edited).toBe(false)
  expect(share(desk.draft.routing, 'code', 'family:groq-lpu')).toBe(1)
})

test('a stale answer shows the state that is ahead even before it was told to everybody', async () => {
  const current = { revision: 7, routing: { ...desk.control.routing().routing, code: only('lpu-code') }, mirrors: {} }
  desk.answerWith({ ok: false, conflict: true, current, base: null, merge: null })
  drag('chat', 'family:hopper', 0.3)
  await desk.draft.apply('')
  expect(desk.draft.outcome).toEqual({ kind: 'stale' })
  expect(desk.draft.ahead?.revision).toBe(7)
  desk.draft.discard()
  expect(desk.draft.base?.revision).toBe(7)
  expect(desk.draft.edited).toBe(false)
})

test('undo of a revision in force is a new revision with the shares before it', async () => {
  const before = desk.control.routing().routing
  drag('code', 'family:hopper', 0.1)
  await desk.draft.apply('')
  const change = desk.run.changes.at(-1)
  if (!change) throw new Error('nothing was applied')
  await desk.draft.undoChange(change)
  expect(desk.control.routing().revision).toBe(3)
  expect(sameRoutes(desk.control.routing().routing.code ?? [], before.code ?? [])).toBe(true)
  expect(desk.run.changes.at(-1)?.reason).toBe('Undo of r2')
  expect(desk.draft.base?.revision).toBe(3)
})

test('a new connection to the same run leaves the draft and its steps alone', () => {
  drag('code', 'family:hopper', 0.1)
  desk.greet()
  expect(desk.draft.edited).toBe(true)
  expect(desk.draft.ahead).toBeNull()
  expect(desk.draft.canUndo).toBe(true)
})

test('locks hold while other sliders move', () => {
  const rubin = share(desk.draft.routing, 'chat', 'family:rubin')
  desk.draft.toggleLock('chat', 'family:rubin')
  drag('chat', 'family:hopper', 1)
  expect(share(desk.draft.routing, 'chat', 'family:rubin')).toBe(rubin)
  expect(share(desk.draft.routing, 'chat', 'family:hopper')).toBeCloseTo(1 - rubin, 9)
})
