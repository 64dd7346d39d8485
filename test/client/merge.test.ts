import fc from 'fast-check'
import { expect, test } from 'vitest'
import { merge, mergeFields } from '../../client/stores/merge'
import type { Routing } from '../../simulation/index'

const pools = ['b200-chat', 'h200-chat', 'lpu-chat']
const chat = (...shares: number[]): Routing => ({
  chat: pools.map((pool, index) => ({ prefill: pool, decode: pool, share: shares[index] ?? 0 })),
})
const code: Routing = { code: [{ prefill: 'b200-code', decode: 'b200-code', share: 1 }] }
const usual = ({ usual }: { usual: 'mine' | 'theirs' }) => usual

test('what only one side changed comes along, workload by workload', () => {
  const base = { ...chat(0.5, 0.5), ...code }
  const other = { code: [{ prefill: 'h100-code', decode: 'h100-code', share: 1 }] }
  const sides = { base, mine: { ...base, ...chat(1) }, theirs: { ...base, ...other } }
  expect(mergeFields(sides.base, sides.mine, sides.theirs)).toEqual([])
  expect(merge(sides, usual)).toEqual({ routing: { ...chat(1), ...other }, scaled: [] })
})

test('where both changed a workload each share is decided by who changed it, and by the draft where both did', () => {
  const [base, mine, theirs] = [chat(0.5, 0.3, 0.2), chat(0.6, 0.2, 0.2), chat(0.5, 0.1, 0.4)]
  const fields = mergeFields(base, mine, theirs)
  expect(fields.map(({ decode, usual, both }) => [decode, usual, both])).toEqual([
    ['b200-chat', 'mine', false],
    ['h200-chat', 'mine', true],
    ['lpu-chat', 'theirs', false],
  ])
  // 60, 20 and 40 per cent
  const { routing, scaled } = merge({ base, mine, theirs }, usual)
  expect(scaled).toEqual([{ workload: 'chat', sum: 1.2 }])
  expect(routing).toEqual(chat(0.5, 0.167, 0.333))
})

test('each share can be chosen by itself, all of one side give that side, and none leaves theirs', () => {
  const [base, mine, theirs] = [chat(0.5, 0.5), chat(1), chat(0, 0, 1)]
  const sides = { base, mine, theirs }
  expect(merge(sides, () => 'mine').routing).toEqual(mine)
  expect(merge(sides, () => 'theirs').routing).toEqual(theirs)
  expect(merge(sides, ({ decode }) => (decode === 'b200-chat' ? 'mine' : 'theirs')).routing).toEqual(chat(0.5, 0, 0.5))
  const none = merge(sides, ({ decode }) => (decode === 'b200-chat' ? 'theirs' : 'mine'))
  expect(none).toEqual({ routing: theirs, scaled: [{ workload: 'chat', sum: 0 }] })
})

test('for any three routings a merge adds to 1, whatever is chosen', () => {
  const share = fc
    .tuple(fc.nat(1000), fc.nat(1000))
    .map(([one, two]) => [Math.min(one, two), Math.abs(one - two), 1000 - Math.max(one, two)].map(each => each / 1000))
  fc.assert(
    fc.property(
      share,
      share,
      share,
      fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      (base, mine, theirs, own) => {
        const sides = { base: chat(...base), mine: chat(...mine), theirs: chat(...theirs) }
        const { routing } = merge(sides, ({ decode }) => (own[pools.indexOf(decode)] ? 'mine' : 'theirs'))
        const units = (routing.chat ?? []).map(route => Math.round(route.share * 1000))
        expect(units.reduce((sum, unit) => sum + unit, 0)).toBe(1000)
      },
    ),
  )
})
