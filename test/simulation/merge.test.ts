import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffRouting, mergeRouting, routingChanges, type Route, type Routing } from '../../simulation/index'

const to = (pool: string, share: number): Route => ({ prefill: pool, decode: pool, share })
const base: Routing = { chat: [to('a', 0.5), to('b', 0.5)], code: [to('c', 1)] }

test('changes of different workloads come together', () => {
  const mine = { ...base, chat: [to('a', 0.2), to('b', 0.8)] }
  const theirs = { ...base, code: [to('c', 0.4), to('d', 0.6)] }
  expect(mergeRouting(base, mine, theirs)).toEqual({
    routing: { chat: mine.chat, code: theirs.code },
    conflicts: [],
    unbalanced: [],
  })
})

test('a share that both changed is a conflict, and stands as preferred', () => {
  const mine = { ...base, chat: [to('a', 0.2), to('b', 0.8)] }
  const theirs = { ...base, chat: [to('a', 0.9), to('b', 0.1)] }
  const field = { workload: 'chat', prefill: 'a', decode: 'a', base: 0.5, mine: 0.2, theirs: 0.9 }
  const kept = mergeRouting(base, mine, theirs, 'mine')
  expect(kept.conflicts[0]).toEqual(field)
  expect(kept.conflicts).toHaveLength(2)
  expect(kept.routing.chat).toEqual(mine.chat)
  expect(mergeRouting(base, mine, theirs, 'theirs').routing.chat).toEqual(theirs.chat)
})

test('moves over different routes of a workload merge, and tell where shares no longer add to 1', () => {
  const from = { chat: [to('a', 0.25), to('b', 0.25), to('c', 0.25), to('d', 0.25)] }
  const mine = { chat: [to('a', 0.5), to('c', 0.25), to('d', 0.25)] }
  const theirs = { chat: [to('a', 0.25), to('b', 0.25), to('c', 0.5)] }
  expect(mergeRouting(from, mine, theirs)).toEqual({
    routing: { chat: [to('a', 0.5), to('c', 0.5)] },
    conflicts: [],
    unbalanced: [],
  })
  const lone = { chat: [to('a', 0.25), to('b', 0.5), to('d', 0.25)] }
  expect(mergeRouting(from, mine, lone)).toMatchObject({
    conflicts: [{ decode: 'b', base: 0.25, mine: 0, theirs: 0.5 }],
    unbalanced: [{ workload: 'chat', sum: 0.75 }],
  })
})

test('a difference names the route and both shares, an idle route none', () => {
  const after = { ...base, chat: [to('b', 0.5), to('x', 0), { prefill: 'a', decode: 'b', share: 0.5 }] }
  expect(diffRouting(base, after)).toEqual([
    { workload: 'chat', prefill: 'a', decode: 'a', from: 0.5, to: 0 },
    { workload: 'chat', prefill: 'a', decode: 'b', from: 0, to: 0.5 },
  ])
  expect(Object.keys(routingChanges(base, after))).toEqual(['chat'])
  expect(routingChanges(base, { ...base })).toEqual({})
})

const routes = fc
  .uniqueArray(fc.record({ pool: fc.constantFrom('a', 'b', 'c'), share: fc.integer({ min: 1, max: 9 }) }), {
    selector: ({ pool }) => pool,
    minLength: 1,
  })
  .map(parts => parts.map(({ pool, share }) => to(pool, share / parts.reduce((sum, part) => sum + part.share, 0))))
const routing = fc.record({ chat: routes, code: routes })

test('for any three routings: what one side left alone the other decides, and nothing is lost', () => {
  fc.assert(
    fc.property(routing, routing, routing, (from, mine, theirs) => {
      expect(diffRouting(mine, mergeRouting(from, mine, from).routing)).toEqual([])
      expect(diffRouting(theirs, mergeRouting(from, from, theirs).routing)).toEqual([])
      expect(diffRouting(mine, mergeRouting(from, mine, mine).routing)).toEqual([])
      const merged = mergeRouting(from, mine, theirs, 'mine')
      const contested = merged.conflicts.map(({ workload, decode }) => `${workload} ${decode}`)
      const swapped = mergeRouting(from, theirs, mine, 'theirs')
      expect(diffRouting(merged.routing, swapped.routing)).toEqual([])
      for (const { workload, decode } of diffRouting(
        merged.routing,
        mergeRouting(from, mine, theirs, 'theirs').routing,
      ))
        expect(contested).toContain(`${workload} ${decode}`)
    }),
  )
})
