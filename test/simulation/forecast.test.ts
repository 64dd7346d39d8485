import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  advance,
  createSimulation,
  forecast,
  fork,
  setRouting,
  takeFrame,
  timeOf,
  whole,
  type Fleet,
  type Simulation,
} from '../../simulation/index'
import { anyFullFleet } from '../support/any-fleet'
import { fleet, poisson, pool, routes, workload } from '../support/fleets'
import { faultsOf } from '../support/recount'

function run(ofFleet: Fleet, seconds: number, seed = 1): Simulation {
  const simulation = createSimulation({ fleet: ofFleet, seed })
  advance(simulation, seconds)
  return simulation
}

/** Two pools of twelve, the first one busy. */
const busy = fleet(
  [pool('a', { replicas: 12, picker: 'power-of-two' }), pool('b', { replicas: 12, picker: 'power-of-two' })],
  [workload('w', { arrivals: poisson(340), promptTokens: { kind: 'lognormal', mean: 900, cv: 1 } })],
  { w: routes({ a: 0.9, b: 0.1 }) },
)

test('a fork of any fleet has what is under way there, conserves it, and leaves the run as it is', () => {
  fc.assert(
    fc.property(anyFullFleet, fc.integer({ min: 0, max: 1e9 }), (ofFleet, seed) => {
      const simulation = run(ofFleet, 3, seed)
      const twin = run(ofFleet, 3, seed)
      const future = fork(simulation, { ...whole, routing: {}, seed: 7 })
      const [now, then] = [takeFrame(simulation, 0).totals, takeFrame(future, 0).totals]
      expect(then.running).toBe(now.running)
      expect(then.running + then.waiting).toBe(now.running + now.waiting)
      advance(future, 6)
      advance(simulation, 6)
      advance(twin, 6)
      expect(takeFrame(simulation, 1)).toEqual(takeFrame(twin, 1))
      expect(faultsOf(future)).toEqual([])
    }),
    { numRuns: 20 },
  )
})

test('two routings on one seed see the same requests, and not those of the run', () => {
  const simulation = run(busy, 20)
  const futures = [0.9, 0.5].map(share =>
    fork(simulation, { ...whole, routing: { w: routes({ a: share, b: 1 - share }) }, seed: 3 }),
  )
  const arrivals = [...futures, simulation].map(each => {
    const { arrived } = takeFrame(each, 0).totals
    return [21, 22, 25, 30, 40].map(time => {
      advance(each, time)
      return takeFrame(each, 0).totals.arrived - arrived
    })
  })
  expect(arrivals[0]).toEqual(arrivals[1])
  expect(arrivals[0]).not.toEqual(arrivals[2])
})

test('a forecast tells what a move will do, and a thin one nearly the same', () => {
  const simulation = run(busy, 30)
  const moved = { w: routes({ a: 0.5, b: 0.5 }) }
  const tell = (routing: typeof moved | Record<string, never>, thin: boolean) =>
    forecast(simulation, {
      ...(thin ? { thinning: { tokens: 6, queries: 6 }, pace: 2 } : whole),
      routing,
      seed: 11,
      seconds: 120,
    }).workloads.ttftP95[0]?.value ?? 0
  const [stay, move] = [tell({}, false), tell(moved, false)]
  expect(move).toBeLessThan(0.8 * stay)
  expect(Math.abs(tell({}, true) / stay - 1)).toBeLessThan(0.1)
  expect(Math.abs(tell(moved, true) / move - 1)).toBeLessThan(0.1)

  // what then happens is what was told
  setRouting(simulation, moved, 2)
  const before = timeOf(simulation)
  advance(simulation, before + 120)
  const actual = takeFrame(simulation, 0).workloads.ttftP95[0] ?? 0
  expect(Math.abs(actual / move - 1)).toBeLessThan(0.15)
})
