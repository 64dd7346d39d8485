import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  advance,
  checkDrain,
  checkFleet,
  checkReprovision,
  createSimulation,
  drain,
  fork,
  reprovision,
  resume,
  stop,
  takeFrame,
  whole,
  thinned,
  type Fleet,
  type Simulation,
} from '../../simulation/index'
import { BLOCKS } from '../../simulation/serving/replicas'
import { anyFaultyFleet } from '../support/any-faults'
import { faultsOf } from '../support/recount'
import { integersOf } from '../support/replica-fields'

const anySeed = fc.integer({ min: 0, max: 2 ** 40 })
const runs = { numRuns: 60 }

/** What an operator does at a second of the run, to the pools of these places. */
const anyActs = fc.array(
  fc.record({
    second: fc.integer({ min: 1, max: 5 }),
    act: fc.constantFrom('drain', 'stop', 'resume', 'move'),
    pool: fc.nat(4),
    other: fc.nat(4),
    replica: fc.option(fc.nat(2), { nil: undefined }),
    grace: fc.double({ min: 0, max: 2, noNaN: true }),
  }),
  { maxLength: 6 },
)

type Acts = typeof anyActs extends fc.Arbitrary<infer Each> ? Each : never

/** Advances by stretches of so many seconds to a time, the operator acting on the way. */
function advanceWith(simulation: Simulation, acts: Acts, from: number, to: number, stride = 1): void {
  for (let second = from; second < to; second++) {
    for (const each of acts) if (each.second === second) act(simulation, each)
    for (let time = second; time < second + 1; time += stride) advance(simulation, Math.min(time, second + 1))
    advance(simulation, second + 1)
  }
}

function act(simulation: Simulation, { act, pool, other, replica, grace }: Acts[number]): void {
  const { pools } = simulation.scenario.fleet
  const [here, there] = [pools[pool % pools.length]?.id ?? '', pools[other % pools.length]?.id ?? '']
  const target = { pool: here, ...(replica === undefined ? {} : { replica }) }
  const plan = { from: here, to: there, replicas: 1, grace }
  if (act === 'drain' && checkDrain(simulation, target) === null) drain(simulation, target)
  if (act === 'stop' && checkDrain(simulation, target) === null) stop(simulation, target)
  if (act === 'resume') resume(simulation, target)
  if (act === 'move' && checkReprovision(simulation, plan) === null) reprovision(simulation, plan)
}

const roomy = (fleet: Fleet): Fleet => ({ ...fleet, pools: fleet.pools.map(pool => ({ ...pool, capacity: 4 })) })

describe('for any fleet with everything on, under any faults, drains and moves', () => {
  test('the fleet is one that can run', () => {
    fc.assert(
      fc.property(anyFaultyFleet, fleet => {
        expect(checkFleet(roomy(fleet))).toBeNull()
      }),
      { numRuns: 200 },
    )
  })

  test('requests are conserved, a recount finds what is counted by events, and all leave that can', () => {
    fc.assert(
      fc.property(anyFaultyFleet, anyActs, anySeed, (fleet, acts, seed) => {
        const simulation = createSimulation({ fleet: roomy(fleet), seed })
        for (let second = 0; second < 7; second++) {
          for (const each of acts) if (each.second === second) act(simulation, each)
          for (let time = second + 0.25; time <= second + 1; time += 0.25) {
            advance(simulation, time)
            expect(faultsOf(simulation)).toEqual([])
            expectConserved(simulation)
          }
        }
        const stuck = simulation.faults.active.some(({ fault, end }) => fault.kind === 'stuck' && end === Infinity)
        for (let time = 10; simulation.fleet.requests.inFlight > 0 && time < 2000; time += 10) advance(simulation, time)
        expect(faultsOf(simulation)).toEqual([])
        expectConserved(simulation)
        if (stuck) return
        expect(simulation.fleet.requests.inFlight).toBe(0)
        expect(integersOf(simulation.fleet.replicas, BLOCKS).every(blocks => blocks === 0)).toBe(true)
      }),
      runs,
    )
  })

  test('leaping gives the same counts as stepping, and the same times', () => {
    fc.assert(
      fc.property(anyFaultyFleet, anyActs, anySeed, (fleet, acts, seed) => {
        const [leaping, stepping] = [Infinity, 1].map(longestLeap =>
          createSimulation({ fleet: roomy(fleet), seed, longestLeap }),
        ) as [Simulation, Simulation]
        for (const [from, to] of [
          [0, 3],
          [3, 6],
          [6, 9],
        ] as const) {
          advanceWith(leaping, acts, from, to)
          advanceWith(stepping, acts, from, to)
          for (const [name, counts] of Object.entries(leaping.fleet.telemetry.flow))
            expectClose(`flow ${name}`, counts, stepping.fleet.telemetry.flow[name as 'arrived'])
          for (const [name, counts] of Object.entries(leaping.fleet.telemetry.pool))
            expectClose(`pool ${name}`, counts, stepping.fleet.telemetry.pool[name as 'steps'])
          expectClose('times', leaping.fleet.requests.times, stepping.fleet.requests.times)
        }
      }),
      runs,
    )
  })

  test('a run does not depend on how it is cut into calls, and a fork equals its original', () => {
    const anyStride = fc.double({ min: 0.01, max: 1, noNaN: true })
    fc.assert(
      fc.property(anyFaultyFleet, anyActs, anySeed, anyStride, (fleet, acts, seed, stride) => {
        const [straight, cut] = [1, 2].map(() => createSimulation({ fleet: roomy(fleet), seed })) as [
          Simulation,
          Simulation,
        ]
        advanceWith(straight, acts, 0, 6)
        advanceWith(cut, acts, 0, 4, stride)
        const copy = structuredClone(cut)
        advanceWith(cut, acts, 4, 6, stride)
        advanceWith(copy, acts, 4, 6)
        expectSame(cut, straight)
        expectSame(copy, straight)
        expect(takeFrame(copy, 1)).toEqual(takeFrame(straight, 1))
      }),
      runs,
    )
  })

  test('a forecast from the midst of it conserves requests, and leaves the run as it is', () => {
    fc.assert(
      fc.property(anyFaultyFleet, anyActs, anySeed, fc.constantFrom(whole, thinned), (fleet, acts, seed, how) => {
        const simulation = createSimulation({ fleet: roomy(fleet), seed })
        advanceWith(simulation, acts, 0, 4)
        const before = structuredClone(simulation)
        const future = fork(simulation, { routing: {}, seed: 1, ...how })
        for (const { index, replicas } of simulation.fleet.pools) {
          if (future.fleet.pools[index]?.replicas !== replicas) continue
          expect(future.fleet.health.lost[index]).toBe(simulation.fleet.health.lost[index])
        }
        advance(future, 8)
        expect(faultsOf(future)).toEqual([])
        expectSame(simulation, before)
      }),
      runs,
    )
  })
})

function expectSame(a: Simulation, b: Simulation): void {
  // a clone keeps all but the class of what it copies
  const [left, right] = [structuredClone(a), structuredClone(b)]
  expect(isDeepStrictEqual(left.fleet, right.fleet)).toBe(true)
  expect(isDeepStrictEqual(left.faults, right.faults)).toBe(true)
}

function expectConserved(simulation: Simulation): void {
  const { arrived, finished, running, waiting, transferring, rejected, cancelled } = takeFrame(simulation, 0).totals
  expect(finished + running + waiting + transferring + rejected + cancelled).toBe(arrived)
}

function expectClose(name: string, a: Float64Array, b: Float64Array): void {
  expect(a.length).toBe(b.length)
  a.forEach((value, i) => {
    const other = b[i] ?? 0
    if (Math.abs(value - other) > 1e-9 * Math.max(1e-3, Math.abs(value)))
      expect(`${name} ${i}: ${value}`).toBe(`${name} ${i}: ${other}`)
  })
}
