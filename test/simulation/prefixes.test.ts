import { describe, expect, test } from 'vitest'
import {
  advance,
  createBatch,
  createSimulation,
  feedTrace,
  summariseWorkload,
  withTrace,
  type Fleet,
  type Simulation,
} from '../../simulation/index'
import { STEPS } from '../../simulation/serving/replicas'
import { stepTime } from '../../simulation/serving/step-time'
import { fleet, lengths, loop, once, pool, routes, workload } from '../support/fleets'
import { faultsOf } from '../support/recount'
import { realsOf } from '../support/replica-fields'

function run(ofFleet: Fleet, seconds: number): Simulation {
  const simulation = createSimulation({ fleet: { tick: 0.005, ...ofFleet }, seed: 1 })
  advance(simulation, seconds)
  expect(faultsOf(simulation)).toEqual([])
  return simulation
}

/** Mean TTFT of a workload's requests of a cohort [s]. */
function ttftOf(simulation: Simulation, index: number, cohort = 0): number {
  return summariseWorkload(simulation, index, [cohort], 1).ttft.mean ?? 0
}

/** Prompt tokens that a pool found in its caches. */
function hitsOf(simulation: Simulation, index = 0): number {
  return simulation.fleet.telemetry.pool.prefixHits[index] ?? 0
}

describe('a shared prefix', () => {
  /** Two requests of one group, a second apart, and what comes between. */
  const twice = (between: Fleet['workloads'] = [], overrides = {}): Fleet =>
    fleet(
      [pool('p', overrides)],
      [
        workload('w', {
          arrivals: {
            kind: 'constant',
            stages: [
              { duration: 3.5, rate: 0.5 },
              { duration: 1, rate: 1 },
            ],
          },
          ...lengths(4100, 10),
          sharedPrefix: { groups: 1, tokens: 4000 },
          cohorts: [3],
        }),
        ...between,
      ],
    )

  test('is computed once, and the next request has its first token sooner', () => {
    const simulation = run(twice(), 10)
    expect(hitsOf(simulation)).toBe(4000)
    const serving = simulation.fleet.pools[0]?.serving
    if (serving?.kind !== 'tokens') throw new Error('no tokens are served')
    const [whole, rest] = [
      stepTime(serving.step, 4100, 4100 * 2050, 0, 0),
      stepTime(serving.step, 100, 100 * 4050, 0, 0),
    ]
    expect(whole).toBeGreaterThan(3 * rest)
    expect(ttftOf(simulation, 0, 0) - ttftOf(simulation, 0, 1)).toBeCloseTo(whole - rest, 9)
    const off = run(twice([], { prefixCache: false }), 10)
    expect(hitsOf(off)).toBe(0)
    expect(ttftOf(off, 0, 1)).toBeCloseTo(ttftOf(off, 0, 0), 9)
  })

  test('is evicted when others need the memory', () => {
    const flood = workload('flood', { arrivals: once(2.5), ...lengths(4780, 10) })
    const simulation = run(twice([flood], { kvBlocks: 300 }), 10)
    expect(hitsOf(simulation)).toBe(0)
    expect(ttftOf(simulation, 0, 1)).toBeCloseTo(ttftOf(simulation, 0, 0), 9)
    // half of the memory taken, the first part of it is still there
    const half = workload('half', { arrivals: once(2.5), ...lengths(2400, 10) })
    const part = hitsOf(run(twice([half], { kvBlocks: 300 }), 10))
    expect(part).toBeGreaterThan(1500)
    expect(part).toBeLessThan(2400)
  })

  test('lies in memory once while many use it', () => {
    const together = (prefixCache: boolean): number => {
      const many = fleet(
        [pool('p', { kvBlocks: 400, prefixCache })],
        [workload('w', { arrivals: loop(8), ...lengths(2000, 200), sharedPrefix: { groups: 1, tokens: 1920 } })],
      )
      const simulation = createSimulation({ fleet: many, seed: 1 })
      advance(simulation, 0.5)
      return simulation.fleet.telemetry.flowRunning[0] ?? 0
    }
    // 400 blocks hold three whole prompts, or one prefix of 120 and five blocks for each that grow to eighteen
    expect(together(false)).toBe(3)
    expect(together(true)).toBe(8)
  })

  test('stays for others when a shorter prompt uses a part of it, as far as there is room', () => {
    const between = (output: number): number => {
      const one = fleet([pool('p', { kvBlocks: 300 })], [workload('w', { sharedPrefix: { groups: 1, tokens: 4000 } })])
      const simulation = createSimulation({ fleet: withTrace(one, 'w', 1), seed: 1 })
      const batch = createBatch()
      batch.times.set([1, 2, 60])
      batch.prompts.set([4100, 1000, 4100])
      batch.outputs.set([10, output, 10])
      batch.count = 3
      batch.horizon = Infinity
      feedTrace(simulation, 'w', batch)
      for (let time = 0.5; time <= 70; time += 0.5) {
        advance(simulation, time)
        expect(faultsOf(simulation)).toEqual([])
      }
      return hitsOf(simulation)
    }
    // the short one finds 62 full blocks; the last one all 250 of the prefix
    expect(between(10)).toBe(62 * 16 + 4000)
    // 3000 tokens need 188 of the 300 blocks, 62 of them those that it shares
    expect(between(2000)).toBe(62 * 16 + (300 - 188 + 62) * 16)
  })

  test('of one group is nothing to another', () => {
    const groups = fleet(
      [pool('p')],
      [
        workload('a', { arrivals: once(1), ...lengths(1000, 5), sharedPrefix: { groups: 1, tokens: 900 } }),
        workload('b', { arrivals: once(2), ...lengths(1000, 5), sharedPrefix: { groups: 1, tokens: 900 } }),
      ],
    )
    expect(hitsOf(run(groups, 5))).toBe(0)
  })
})

describe('a conversation', () => {
  const talking = (turns: number, overrides = {}, between: Fleet['workloads'] = []): Fleet =>
    fleet(
      [pool('p', overrides)],
      [
        workload('w', {
          arrivals: { kind: 'constant', stages: [{ duration: 10.5, rate: 0.2 }] },
          ...lengths(500, 100),
          sessions: { users: 1, turns },
        }),
        ...between,
      ],
    )
  // of 500 and 100 tokens 599 have a KV cache, in 37 full blocks
  const said = 37 * 16

  test('finds in the cache what was said before', () => {
    const simulation = run(talking(2), 20)
    expect(simulation.fleet.telemetry.flow.promptTokens[0]).toBe(500 + 1100)
    expect(hitsOf(simulation)).toBe(said)
  })

  test('finds it on the replica that had its last turn, and the picker can look for that', () => {
    expect(hitsOf(run(talking(2, { replicas: 2, picker: 'round-robin' }), 20))).toBe(0)
    expect(hitsOf(run(talking(2, { replicas: 2, picker: 'prefix-affinity' }), 20))).toBe(said)
  })

  test('that begins anew finds nothing of the one before', () => {
    const simulation = run(talking(1), 20)
    expect(simulation.fleet.telemetry.flow.promptTokens[0]).toBe(500 + 500)
    expect(hitsOf(simulation)).toBe(0)
  })

  test('is evicted when others need the memory', () => {
    const flood = workload('flood', { arrivals: once(7), ...lengths(4780, 10) })
    expect(hitsOf(run(talking(2, { kvBlocks: 300 }, [flood]), 20))).toBe(0)
  })

  test('does not find what was said in a turn that was never answered', () => {
    // the first answer of 3000 tokens is not complete when its client gives up
    const hasty = fleet(
      [pool('p')],
      [
        workload('w', {
          arrivals: { kind: 'constant', stages: [{ duration: 10.5, rate: 0.2 }] },
          ...lengths(500, 3000),
          timeout: 1,
          sessions: { users: 1, turns: 2 },
        }),
      ],
    )
    const simulation = run(hasty, 20)
    expect(simulation.fleet.telemetry.flow.cancelled[0]).toBe(2)
    // the next turn is another question: nothing was said before it
    expect(simulation.fleet.telemetry.flow.promptTokens[0]).toBe(1000)
    expect(hitsOf(simulation)).toBe(0)
  })

  test('finds its last prompt where that was prefilled, though it was decoded elsewhere', () => {
    const apart = {
      ...talking(2),
      pools: [pool('p'), pool('q')],
      routing: { w: [{ prefill: 'p', decode: 'q', share: 1 }] },
    }
    const simulation = run(apart, 20)
    expect(simulation.fleet.telemetry.flow.promptTokens.reduce((sum, tokens) => sum + tokens)).toBe(500 + 1100)
    expect(hitsOf(simulation)).toBe(31 * 16)
  })

  test('with a shared prefix finds both', () => {
    const both = fleet(
      [pool('p')],
      [
        workload('w', {
          arrivals: { kind: 'constant', stages: [{ duration: 20.5, rate: 0.2 }] },
          ...lengths(500, 100),
          sharedPrefix: { groups: 1, tokens: 320 },
          sessions: { users: 2, turns: 2 },
        }),
      ],
      { w: routes({ p: 1 }) },
    )
    // second user's first turn: the prefix; second turns of both: all that was said
    expect(hitsOf(run(both, 40))).toBe(320 + 2 * said)
  })
})

test('a picker that looks for prefixes spreads requests that have none', () => {
  const plain = fleet(
    [pool('p', { replicas: 4, picker: 'prefix-affinity' })],
    [workload('w', { arrivals: { kind: 'constant', stages: [{ duration: 8.5, rate: 1 }] } })],
  )
  // eight requests, two for each, of a hundred steps
  expect(realsOf(run(plain, 20).fleet.replicas, STEPS)).toEqual([200, 200, 200, 200])
})
