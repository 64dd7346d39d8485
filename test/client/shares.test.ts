import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkRouting, fleets, viewFleet, type Fleet, type Route, type Routing } from '../../simulation/index'
import { toCells, toMove, touchedPools } from '../../client/stores/matrix'
import { toRevisions } from '../../client/stores/revisions'
import {
  apportion,
  changedWorkloads,
  complete,
  familySlot,
  limitsOf,
  poolsFor,
  sameRoutes,
  setShare,
  shareOf,
  toCommand,
  type Slot,
} from '../../client/stores/shares'

const fleet = defaultFleet()
const view = viewFleet(fleet)
const workloads = view.workloads.filter(({ kind }) => kind !== 'training').map(({ id }) => id)
const units = (routes: Route[]) => routes.map(({ share }) => share * 1000)
const total = (routes: Route[]) => units(routes).reduce((sum, share) => sum + Math.round(share), 0)
const open = new Set<Slot>()

/** A workload, routes over its pools, and locks: what an editor may meet. */
const editor = fc.constantFrom(...workloads).chain(workload => {
  const pools = poolsFor(view, workload)
  const slots = pools.flatMap((pool): Slot[] => [`pool:${pool}`, familySlot(view, pool)])
  return fc.record({
    workload: fc.constant(workload),
    routes: fc
      .array(fc.nat(100), { minLength: pools.length, maxLength: pools.length })
      .filter(weights => weights.some(weight => weight > 0))
      .map(weights => complete(view, workload, routesOf(pools, apportion(1000, weights)))),
    slot: fc.constantFrom(...slots),
    locked: fc.subarray(slots, { minLength: 0 }).map(some => new Set(some)),
    value: fc.double({ min: -0.5, max: 1.5, noNaN: true }),
  })
})

describe('a slider', () => {
  test('leaves shares from 0 to 1 that add to exactly 1, whatever is locked', () => {
    fc.assert(
      fc.property(editor, ({ workload, routes, slot, locked, value }) => {
        const moved = setShare(view, routes, slot, value, locked)
        expect(total(moved)).toBe(1000)
        expect(
          moved.every(({ share }) => share >= 0 && share <= 1 && Number.isInteger(Math.round(share * 1e6) / 1000)),
        ).toBe(true)
        expect(checkRouting(fleet, { [workload]: moved })).toBeNull()
      }),
    )
  })

  test('reaches the value that was asked for, or the nearest that the locks leave', () => {
    fc.assert(
      fc.property(editor, ({ routes, slot, locked, value }) => {
        const { low, high } = limitsOf(view, routes, slot, locked)
        const wanted = Math.min(high, Math.max(low, Math.round(value * 1000) / 1000))
        expect(shareOf(view, setShare(view, routes, slot, value, locked), slot)).toBeCloseTo(wanted, 9)
      }),
    )
  })

  test('never moves a locked pool, nor the sum of another locked family', () => {
    fc.assert(
      fc.property(editor, ({ routes, slot, locked, value }) => {
        const moved = setShare(view, routes, slot, value, locked)
        for (const lock of locked) {
          expect(shareOf(view, moved, lock)).toBe(shareOf(view, routes, lock))
        }
      }),
    )
  })

  test('scales the other unlocked ones in proportion', () => {
    fc.assert(
      fc.property(editor, ({ routes, slot, value }) => {
        const moved = setShare(view, routes, slot, value, open)
        const others = routes.flatMap((route, index) =>
          slot === `pool:${route.decode}` || slot === familySlot(view, route.decode) ? [] : [index],
        )
        const sum = (some: Route[]) => others.reduce((before, index) => before + (some[index]?.share ?? 0), 0)
        fc.pre(sum(routes) > 0)
        for (const index of others) {
          const ideal = ((routes[index]?.share ?? 0) / sum(routes)) * sum(moved)
          expect(Math.abs((moved[index]?.share ?? 0) - ideal)).toBeLessThan(0.001)
        }
      }),
    )
  })

  test('returns to where it started within one gesture', () => {
    fc.assert(
      fc.property(editor, ({ routes, slot, locked }) => {
        const before = shareOf(view, routes, slot)
        expect(sameRoutes(setShare(view, routes, slot, before, locked), routes)).toBe(true)
      }),
    )
  })

  test('of a family without any traffic spreads by the chips of its pools', () => {
    const chat = complete(view, 'chat', only('gb200-chat'))
    const moved = setShare(view, setShare(view, chat, 'family:hopper', 1, open), 'family:blackwell', 1, open)
    const chips = (pool: string) => view.pools.find(({ id }) => id === pool)?.chips ?? 0
    const all = poolsFor(view, 'chat').filter(pool => familySlot(view, pool) === 'family:blackwell')
    const sum = all.reduce((before, pool) => before + chips(pool), 0)
    expect(all.length).toBeGreaterThan(1)
    for (const pool of all) expect(shareOf(view, moved, `pool:${pool}`)).toBeCloseTo(chips(pool) / sum, 2)
  })

  test('spreads what it gives up equally over the families where all others have nothing', () => {
    const code = complete(view, 'code', only('b200-code'))
    const moved = setShare(view, code, 'family:blackwell', 0.4, open)
    expect(shareOf(view, moved, 'family:groq-lpu')).toBe(0.3)
    expect(shareOf(view, moved, 'family:hopper')).toBe(0.3)
  })

  test('cannot take the last traffic away from the only place that is not locked', () => {
    const code = complete(view, 'code', fleet.routing.code ?? [])
    const locked = new Set<Slot>(['family:groq-lpu', 'family:hopper'])
    const held = shareOf(view, code, 'family:blackwell')
    expect(limitsOf(view, code, 'family:blackwell', locked)).toEqual({ low: held, high: held })
    expect(setShare(view, code, 'family:blackwell', 0.1, locked)).toEqual(code)
  })

  test('of a pool shares with its siblings only while its family is locked', () => {
    const chat = complete(view, 'chat', fleet.routing.chat ?? [])
    const moved = setShare(view, chat, 'pool:gb200-chat', 0.1, new Set<Slot>(['family:blackwell']))
    expect(shareOf(view, moved, 'family:blackwell')).toBe(shareOf(view, chat, 'family:blackwell'))
    expect(shareOf(view, moved, 'pool:vr72-chat')).toBe(shareOf(view, chat, 'pool:vr72-chat'))
    expect(shareOf(view, moved, 'pool:gb200-chat')).toBe(0.1)
  })

  test('carries a route over two pools with the pool that decodes', () => {
    const routes = complete(view, 'chat', [
      { prefill: 'b200-chat', decode: 'lpu-chat', share: 0.4 },
      { prefill: 'b200-chat', decode: 'b200-chat', share: 0.6 },
    ])
    const moved = setShare(view, routes, 'family:groq-lpu', 0.2, open)
    expect(moved.find(({ decode }) => decode === 'lpu-chat')).toEqual({
      prefill: 'b200-chat',
      decode: 'lpu-chat',
      share: 0.2,
    })
    expect(moved.filter(({ decode }) => decode === 'lpu-chat')).toHaveLength(1)
  })
})

describe('a change', () => {
  test('carries only the workloads that differ, without idle routes', () => {
    const before = completed(fleet.routing)
    const after = { ...before, code: setShare(view, before.code ?? [], 'family:hopper', 0, open) }
    const command = toCommand(before, after)
    expect(Object.keys(command)).toEqual(['code'])
    expect(command.code?.map(({ decode }) => decode)).toEqual(['b200-code', 'lpu-code'])
    expect(checkRouting(fleet, command)).toBeNull()
  })

  test('does not count idle routes or thirds of a thousandth as a difference', () => {
    const thirds = ['gb200-chat', 'b200-chat', 'h200-chat'].map(pool => ({ prefill: pool, decode: pool, share: 1 / 3 }))
    expect(changedWorkloads({ chat: thirds }, { chat: complete(view, 'chat', thirds) })).toEqual([])
  })

  test('moves the part of tokens and requests that goes elsewhere', () => {
    const code = routesOf(['b200-code', 'h100-code'], [600, 400])
    const before = completed({ ...fleet.routing, code })
    const after = { ...before, code: setShare(view, before.code ?? [], 'family:hopper', 0.2, open) }
    const rates = {
      tokens: view.workloads.map(({ id }) => (id === 'code' ? 300 : id === 'chat' ? 700 : null)),
      requests: view.workloads.map(({ id }) => (id === 'code' ? 10 : id === 'ranking' ? 90 : 0)),
    }
    const move = toMove(view, before, after, rates)
    expect(move.tokens).toBeCloseTo(0.06, 9)
    expect(move.requests).toBeCloseTo(0.02, 9)
    expect(move.families.reduce((sum, { after: share }) => sum + share, 0)).toBeCloseTo(1, 9)
    const hopper = move.families[view.families.findIndex(({ id }) => id === 'hopper')]
    expect(hopper?.rate).toBeCloseTo(-60, 9)
  })

  test('touches the pools whose part differs', () => {
    const before = completed(fleet.routing)
    const after = { ...before, ranking: setShare(view, before.ranking ?? [], 'pool:trn1-ranking', 0.5, open) }
    expect(touchedPools(view, before, after).map(index => view.pools[index]?.id)).toEqual([
      'trn1-ranking',
      'inf2-ranking',
    ])
  })
})

test('a row has a cell for every family, with the cause where none of its pools serves', () => {
  for (const workload of workloads) {
    const routes = complete(view, workload, fleet.routing[workload] ?? [])
    const cells = toCells(view, workload, routes, routes, open)
    expect(cells.map(({ name }) => name)).toEqual(view.families.map(({ name }) => name))
    expect(cells.reduce((sum, { share }) => sum + Math.round(share * 1000), 0)).toBe(1000)
    for (const { cause, pools } of cells) expect(cause === null).toBe(pools.length > 0)
  }
})

test('the routing at each revision is what the next change found', () => {
  const routing = (pool: string): Routing => ({ code: only(pool) })
  const change = (revision: number, pool: string) => ({
    revision,
    time: revision,
    summary: '',
    by: 'local',
    reason: null,
    before: routing(pool),
  })
  const revisions = toRevisions([change(2, 'b200-code'), change(3, 'lpu-code')], routing('h100-code'))
  expect(revisions.map(({ revision, routing }) => [revision, routing.code?.[0]?.decode])).toEqual([
    [3, 'h100-code'],
    [2, 'lpu-code'],
    [1, 'b200-code'],
  ])
})

function routesOf(pools: string[], shares: number[]): Route[] {
  return pools.map((pool, index) => ({ prefill: pool, decode: pool, share: (shares[index] ?? 0) / 1000 }))
}

function only(pool: string): Route[] {
  return [{ prefill: pool, decode: pool, share: 1 }]
}

function completed(routing: Routing): Routing {
  return Object.fromEntries(Object.entries(routing).map(([id, routes]) => [id, complete(view, id, routes)] as const))
}

function defaultFleet(): Fleet {
  const found = fleets.default
  if (!found) throw new Error('no default fleet')
  return found
}
