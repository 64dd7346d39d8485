import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  advance,
  checkMirror,
  createSimulation,
  finishedIn,
  fork,
  perform,
  setRouting,
  takeFrame,
  thinned,
  whole,
  type Fleet,
  type Frame,
  type Mirrors,
  type Simulation,
} from '../../simulation/index'
import { anyFullFleet, routesOf } from '../support/any-fleet'
import { fleet, lengths, loop, once, poisson, pool, routes, workload } from '../support/fleets'
import { faultsOf } from '../support/recount'

const anySeed = fc.integer({ min: 0, max: 1e9 })

/** Served by one pool; the other stands by. */
const standby = fleet(
  [pool('serves', { replicas: 4, picker: 'power-of-two' }), pool('idle', { chip: 'h200', replicas: 2 })],
  [
    workload('w', {
      arrivals: poisson(60),
      promptTokens: { kind: 'lognormal', mean: 900, cv: 1 },
      sharedPrefix: { groups: 3, tokens: 200 },
      sessions: { users: 40, turns: 4 },
      abandonment: 0.1,
      timeout: 20,
      objectives: { ttft: 0.5, tpot: 0.02 },
      price: { outputToken: 1e-6 },
    }),
  ],
  { w: routes({ serves: 1 }) },
)

function run(ofFleet: Fleet, seconds: number, mirrors: Mirrors = {}, seed = 3): Simulation {
  const simulation = createSimulation({ fleet: ofFleet, seed })
  setRouting(simulation, {}, 2, mirrors)
  advance(simulation, seconds)
  return simulation
}

function to(id: string, part: number): Mirrors {
  return { w: [{ prefill: id, decode: id, part }] }
}

function rowOf(columns: object, row: number): unknown[] {
  return Object.values<unknown[]>({ ...columns }).map(column => column[row])
}

function served({ workloads, flows, totals, pools }: Frame): unknown[] {
  const { preempted: _preempted, energy: _energy, carbon: _carbon, ...users } = totals
  return [workloads, flows, users, rowOf(pools, 0)]
}

test('a mirror to a pool that serves nothing changes no figure of the users, and what it draws and costs is on that pool', () => {
  const [plain, mirrored] = [run(standby, 40), run(standby, 40, to('idle', 0.3))]
  const [before, after] = [takeFrame(plain, 1), takeFrame(mirrored, 1)]
  expect(served(after)).toEqual(served(before))
  expect(before.mirrors).toBeUndefined()
  expect(before.pools.usedCost[1]).toBe(0)
  expect(after.pools.usedCost[1]).toBeGreaterThan(0)
  expect(after.pools.power[1]).toBeGreaterThan(1.1 * (before.pools.power[1] ?? Infinity))
  expect(after.pools.batch[1]).toBeGreaterThan(0.5)
  expect(after.pools.running[1]).toBeGreaterThan(0)
  expect(after.pools.outputTokens[1]).toBe(0)
  expect(after.fleet.costPerMtok).toBeGreaterThan(before.fleet.costPerMtok ?? Infinity)
  expect(after.fleet.goodput).toBe(before.fleet.goodput)
})

test('a mirror tells what its copies see: as many as it says, with times and drops of their own', () => {
  const { mirrors, workloads } = takeFrame(run(standby, 40, to('idle', 0.3)), 1)
  expect(mirrors).toMatchObject({ workload: [0], prefill: [1], decode: [1], part: [0.3], dropped: [0] })
  expect(mirrors?.copied[0]).toBeGreaterThan(0.25 * (workloads.arrived[0] ?? Infinity))
  expect(mirrors?.copied[0]).toBeLessThan(0.35 * (workloads.arrived[0] ?? 0))
  expect(mirrors?.ttftP95[0]).toBeGreaterThan(0)
  expect(mirrors?.itlP95[0]).toBeGreaterThan(0)
  // an H200 decodes faster than an H100
  expect(mirrors?.itlP95[0]).toBeLessThan(workloads.itlP95[0] ?? 0)
})

test('all of the requests are copied once where the part is 1', () => {
  const { telemetry } = run(standby, 20, to('idle', 1)).fleet
  expect(telemetry.flow.arrived[3]).toBe(telemetry.flow.arrived[0])
})

test('copies that a pool cannot take are dropped and counted, and the users never notice', () => {
  const small = { ...standby, pools: standby.pools.map(each => ({ ...each, queueLimit: 4, maxSequences: 16 })) }
  const [plain, mirrored] = [run(small, 30), run(small, 30, to('idle', 1))]
  perform(mirrored, { kind: 'drain', pool: 'idle' })
  for (const simulation of [plain, mirrored]) advance(simulation, 60)
  const { mirrors, ...frame } = takeFrame(mirrored, 1)
  expect(served(frame)).toEqual(served(takeFrame(plain, 1)))
  expect(mirrors?.dropped[0]).toBe(mirrors?.copied[0])
  expect(mirrors?.dropped[0]).toBeGreaterThan(10)
})

test('a mirror that ends takes what is under way with it, and is gone from the frames', () => {
  const simulation = run(standby, 20, to('idle', 0.5))
  setRouting(simulation, {}, 3, { w: [] })
  advance(simulation, 60)
  const frame = takeFrame(simulation, 1)
  expect(frame.mirrors).toBeUndefined()
  expect(frame.pools.running[1]).toBe(0)
  expect(simulation.mirrors).toEqual({})
})

test('on a pool that serves too, copies wait behind the users and give their places up to them', () => {
  const full = fleet([pool('p', { maxSequences: 8, queueLimit: 16 })], [workload('w', { arrivals: loop(14, 40000) })])
  const [alone, shared] = [run(full, 20), run(full, 20, to('p', 1))].map(each => takeFrame(each, 1))
  expect(alone?.totals.rejected).toBe(0)
  expect(shared?.totals.rejected).toBe(0)
  expect(shared?.mirrors?.dropped[0]).toBeGreaterThan(0.5 * (shared?.mirrors?.copied[0] ?? Infinity))
  expect(shared?.workloads.finished[0]).toBeGreaterThan(0.8 * (alone?.workloads.finished[0] ?? Infinity))
})

test('copies that were preempted, and wait beyond the limit of a queue, take no place from a user', () => {
  // memory has room for one answer of three
  const tight = fleet(
    [pool('serves'), pool('shared', { kvBlocks: 40, queueLimit: 1 })],
    [
      workload('w', { arrivals: { kind: 'constant', stages: [{ duration: 0.2, rate: 20 }] }, ...lengths(100, 400) }),
      workload('user', { arrivals: once(1.6), ...lengths(20, 20) }),
    ],
    { w: routes({ serves: 1 }), user: routes({ shared: 1 }) },
  )
  for (const longestLeap of [undefined, 1]) {
    const simulation = createSimulation({ fleet: tight, seed: 3, longestLeap })
    setRouting(simulation, {}, 2, to('shared', 1))
    advance(simulation, 1.5)
    expect(takeFrame(simulation, 1).pools.waiting[1]).toBe(2)
    advance(simulation, 6)
    expect(takeFrame(simulation, 2).totals).toMatchObject({ arrived: 4, finished: 4, rejected: 0, preempted: 2 })
  }
})

test('any fleet keeps its accounts with mirrors, however often it changes them', () => {
  const anyParts = fc.array(fc.constantFrom(0, 0.3, 1), { minLength: 3, maxLength: 3 })
  const anyWeights = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 16, maxLength: 16 })
  fc.assert(
    fc.property(anyFullFleet, anySeed, anyParts, anyWeights, (ofFleet, seed, parts, weights) => {
      const mirrors = mirrorsOf(ofFleet, weights)
      const simulation = createSimulation({ fleet: ofFleet, seed })
      const stepping = createSimulation({ fleet: ofFleet, seed, longestLeap: 1 })
      parts.forEach((part, i) => {
        for (const each of [simulation, stepping]) setRouting(each, {}, i + 2, withPart(mirrors, part))
        for (let time = 1; time <= 4; time++) {
          for (const each of [simulation, stepping]) advance(each, 2 * i + 0.5 * time)
          expect(faultsOf(simulation)).toEqual([])
        }
        const [totals, stepped] = [simulation, stepping].map(each => takeFrame(each, 0).totals)
        expect({ ...totals, energy: 0, carbon: 0 }).toEqual({ ...stepped, energy: 0, carbon: 0 })
      })
      const future = fork(simulation, { ...whole, routing: {}, seed: 7 })
      advance(future, 8)
      expect(faultsOf(future)).toEqual([])
      for (let time = 10; simulation.fleet.requests.inFlight > 0 && time < 3000; time += 10) advance(simulation, time)
      expect(simulation.fleet.requests.inFlight).toBe(0)
    }),
    { numRuns: 60 },
  )
})

test('a forecast mirrors what the run does, a thinned one as much for each replica', () => {
  const big = {
    ...standby,
    pools: standby.pools.map(each => ({ ...each, replicas: 8 * each.replicas })),
    workloads: standby.workloads.map(each => ({ ...each, sessions: undefined, arrivals: poisson(480) })),
  }
  const simulation = run(big, 30, to('idle', 0.4))
  const futures = [whole, { ...thinned, pace: 1 }].map(how => fork(simulation, { ...how, routing: {}, seed: 5 }))
  const [real, all, some] = [simulation, ...futures].map(each => {
    const { pools } = each.fleet
    const energy = each.fleet.telemetry.pool.energy[1] ?? 0
    advance(each, 60)
    return ((each.fleet.telemetry.pool.energy[1] ?? 0) - energy) / (pools[1]?.replicas ?? 0)
  })
  expect(all).toBeGreaterThan(0.97 * (real ?? Infinity))
  expect(all).toBeLessThan(1.03 * (real ?? 0))
  expect(some).toBeGreaterThan(0.95 * (real ?? Infinity))
  expect(some).toBeLessThan(1.05 * (real ?? 0))
})

test('copies count nowhere as served: not for ramps, not for guards', () => {
  const [plain, mirrored] = [run(standby, 30), run(standby, 30, to('idle', 1))]
  expect(finishedIn(mirrored, 'w', ['idle'])).toBe(0)
  expect(finishedIn(mirrored, 'w', ['serves'])).toBe(finishedIn(plain, 'w', ['serves']))
})

test.each([
  ['workload', 'nobody', { prefill: 'idle', decode: 'idle', part: 0.1 }, 'nobody'],
  ['prefill', 'w', { prefill: 'nowhere', decode: 'idle', part: 0.1 }, 'nowhere'],
  ['decode', 'w', { prefill: 'idle', decode: 'far', part: 0.1 }, 'far'],
  ['part', 'w', { prefill: 'idle', decode: 'idle', part: 1.5 }, 1.5],
  ['decode', 'w', { prefill: 'idle', decode: 'serves', part: 0.5 }, 'serves'],
])('a mirror with a wrong %s is refused', (field, id, mirror, value) => {
  const wider = { ...standby, pools: [...standby.pools, pool('far', { zone: 'elsewhere' })] }
  const refusal = checkMirror(wider, to('serves', 0.2), id, mirror)
  expect(refusal).toMatchObject({ field, value, expected: expect.any(String) as string })
})

/** Every workload over the first of some routes whose pools have no other mirror of it. */
function mirrorsOf({ pools, workloads }: Fleet, weights: readonly number[]): Mirrors {
  return Object.fromEntries(
    workloads.map(({ id, model }) => {
      const able = pools.filter(each => each.model === model)
      const [route] = routesOf(able, weights)
      return [id, route ? [{ prefill: route.prefill, decode: route.decode, part: 1 }] : []]
    }),
  )
}

function withPart(mirrors: Mirrors, part: number): Mirrors {
  return Object.fromEntries(Object.entries(mirrors).map(([id, all]) => [id, all.map(each => ({ ...each, part }))]))
}
