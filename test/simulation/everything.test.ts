import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  advance,
  checkFleet,
  checkRouting,
  createSimulation,
  setRouting,
  takeFrame,
  type Fleet,
  type Simulation,
} from '../../simulation/index'
import { BLOCKS, CONTEXT } from '../../simulation/serving/replicas'
import { ARRIVAL, FIRST_TOKEN, GENERATED, read, readTime } from '../../simulation/serving/requests'
import { anyFullFleet, routesOf } from '../support/any-fleet'
import { faultsOf } from '../support/recount'
import { integersOf, realsOf } from '../support/replica-fields'

const anySeed = fc.integer({ min: 0, max: 2 ** 40 })
const runs = { numRuns: 40 }

/** A run at time 0; with an odd seed, of engines that compose a step while the one before is under way. */
function start(ofFleet: Fleet, seed: number, longestLeap?: number): Simulation {
  const simulation = createSimulation({ fleet: ofFleet, seed, longestLeap })
  for (const { serving } of simulation.fleet.pools) if (serving.kind === 'tokens') serving.ahead = seed % 2 === 1
  return simulation
}

describe('for any fleet with everything on', () => {
  test('the fleet is one that can run', () => {
    fc.assert(
      fc.property(anyFullFleet, ofFleet => {
        expect(checkFleet(ofFleet)).toBeNull()
      }),
      { numRuns: 300 },
    )
  })

  test('what is counted by events is what a recount finds, memory is never exceeded, and all leave', () => {
    fc.assert(
      fc.property(anyFullFleet, anySeed, (ofFleet, seed) => {
        const simulation = start(ofFleet, seed)
        for (let time = 0.25; time <= 6; time += 0.25) {
          advance(simulation, time)
          expect(faultsOf(simulation)).toEqual([])
          const { arrived, finished, running, waiting, transferring, rejected, cancelled } = takeFrame(
            simulation,
            0,
          ).totals
          expect(arrived).toBe(finished + running + waiting + transferring + rejected + cancelled)
        }
        for (let time = 10; simulation.fleet.requests.inFlight > 0 && time < 3000; time += 10) advance(simulation, time)
        const { fleet } = simulation
        expect(fleet.requests.inFlight).toBe(0)
        expect(faultsOf(simulation)).toEqual([])
        expect(integersOf(fleet.replicas, BLOCKS).every(blocks => blocks === 0)).toBe(true)
        expect(realsOf(fleet.replicas, CONTEXT).every(context => context === 0)).toBe(true)
        advance(simulation, Math.ceil(simulation.ticks / simulation.ticksPerSecond) + 1)
        expect(fleet.telemetry.kv.every(blocks => blocks === 0)).toBe(true)
        for (const { sessions, source } of fleet.workloads) {
          expect(sessions?.waiting.flat() ?? []).toEqual([])
          if (source.kind === 'closed') expect(source.starting + source.following).toBe(0)
        }
      }),
      runs,
    )
  })

  test('that stays so when the routing changes, and shares are obeyed within one request', () => {
    const anyWeights = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 16, maxLength: 16 })
    fc.assert(
      fc.property(anyFullFleet, anySeed, anyWeights, (ofFleet, seed, weights) => {
        const simulation = start(ofFleet, seed)
        advance(simulation, 1.5)
        const { pools } = ofFleet
        const servers = pools.filter(({ model }) => model === pools[0]?.model)
        const routing = { w0: routesOf(servers, weights) }
        expect(checkRouting(ofFleet, routing)).toBeNull()
        setRouting(simulation, routing, 2)
        for (let time = 1.5; time <= 6; time += 0.25) {
          advance(simulation, time)
          expect(faultsOf(simulation)).toEqual([])
          for (const { router } of simulation.fleet.workloads)
            router.sent.forEach((sent, route) => {
              const due = (router.shares[route] ?? 0) * router.total
              expect(Math.abs(sent - due)).toBeLessThanOrEqual(1 + 1e-6)
            })
        }
        for (let time = 10; simulation.fleet.requests.inFlight > 0 && time < 3000; time += 10) advance(simulation, time)
        expect(simulation.fleet.requests.inFlight).toBe(0)
      }),
      runs,
    )
  })

  test('leaping gives the same counts as stepping, and the same times', () => {
    fc.assert(
      fc.property(anyFullFleet, anySeed, (ofFleet, seed) => {
        const [leaping, stepping] = [start(ofFleet, seed), start(ofFleet, seed, 1)]
        for (const time of [2, 5, 9]) {
          advance(leaping, time)
          advance(stepping, time)
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
    fc.assert(
      fc.property(anyFullFleet, anySeed, fc.double({ min: 0.01, max: 3, noNaN: true }), (ofFleet, seed, stride) => {
        const [whole, cut] = [start(ofFleet, seed), start(ofFleet, seed)]
        advance(whole, 5)
        for (let time = 0; time < 5; time += stride) advance(cut, time)
        const fork = structuredClone(cut)
        advance(cut, 5)
        advance(fork, 5)
        expect(isDeepStrictEqual(cut.fleet, whole.fleet)).toBe(true)
        expect(isDeepStrictEqual(fork.fleet, structuredClone(whole.fleet))).toBe(true)
        expect(takeFrame(fork, 1)).toEqual(takeFrame(whole, 1))
      }),
      runs,
    )
  })

  test('no request has its first token before it arrives', () => {
    fc.assert(
      fc.property(anyFullFleet, anySeed, (ofFleet, seed) => {
        const simulation = start(ofFleet, seed)
        const { requests, telemetry } = simulation.fleet
        for (let time = 0.05; time <= 2; time += 0.05) {
          advance(simulation, time)
          for (let request = 0; request < requests.slots; request++) {
            const wait = readTime(requests, FIRST_TOKEN, request) - readTime(requests, ARRIVAL, request)
            if (read(requests, GENERATED, request) > 0 && !(wait > 0)) expect(wait).toBeGreaterThan(0)
          }
        }
        expect(telemetry.sums.every(time => time >= 0)).toBe(true)
      }),
      runs,
    )
  })
})

function expectClose(name: string, a: Float64Array, b: Float64Array): void {
  expect(a.length).toBe(b.length)
  a.forEach((value, i) => {
    const other = b[i] ?? 0
    if (Math.abs(value - other) > 1e-9 * Math.max(1e-3, Math.abs(value)))
      expect(`${name} ${i}: ${value}`).toBe(`${name} ${i}: ${other}`)
  })
}
