import { describe, expect, test } from 'vitest'
import { links } from '../../simulation/catalog/links'
import { kvBytesPerToken } from '../../simulation/catalog/models'
import {
  advance,
  chips,
  createSimulation,
  models,
  takeFrame,
  type Fleet,
  type Pool,
  type Simulation,
} from '../../simulation/index'
import { exactBlocks } from '../../simulation/serving/kv-cache'
import { BLOCKS } from '../../simulation/serving/replicas'
import { ingestTime, stepTime, type StepModel } from '../../simulation/serving/step-time'
import { fleet, lengths, loop, once, pool, routes, workload } from '../support/fleets'
import { faultsOf } from '../support/recount'
import { integersOf } from '../support/replica-fields'
import { summarise } from '../support/summaries'

const llama = models['llama-3.1-8b']
const h100 = chips.h100
if (llama?.kind !== 'tokens' || !h100) throw new Error('the catalog lacks what these tests need')
const kvBytes = kvBytesPerToken(llama)

/** An H100 whose network link carries so much [bytes/s]. */
const linked = (bandwidth: number) => ({ ...h100, scaleOutBandwidth: bandwidth, calibratedAs: 'h100' })

/** Requests at time 0, prefilled in p and decoded in q. */
function apart(
  requests: number,
  bandwidth: number,
  [prompt, output]: [number, number] = [4000, 50],
  overrides: { p?: Partial<Pool>; q?: Partial<Pool> } = {},
): Fleet {
  return {
    ...fleet(
      [pool('p', { chip: 'linked', ...overrides.p }), pool('q', { chip: 'linked', ...overrides.q })],
      [workload('w', { arrivals: loop(requests), ...lengths(prompt, output) })],
      { w: [{ prefill: 'p', decode: 'q', share: 1 }] },
    ),
    chips: { linked: linked(bandwidth) },
    tick: 0.005,
  }
}

function run(ofFleet: Fleet, seconds = 30): Simulation {
  const simulation = createSimulation({ fleet: ofFleet, seed: 1 })
  advance(simulation, seconds)
  expect(faultsOf(simulation)).toEqual([])
  return simulation
}

function ttftOf(ofFleet: Fleet): { mean: number; max: number } {
  const { mean, p99 } = summarise(run(ofFleet)).workloads.w?.ttft ?? {}
  return { mean: mean ?? 0, max: p99 ?? 0 }
}

function stepOf(simulation: Simulation): StepModel {
  const serving = simulation.fleet.pools[0]?.serving
  if (serving?.kind !== 'tokens') throw new Error('no tokens are served')
  return serving.step
}

/** Prefill of a prompt of 4000 tokens [s], and from its arrival to the end of that. */
const prefilling = (simulation: Simulation): number => stepTime(stepOf(simulation), 4000, 4000 * 2000, 0, 0)
const prefilled = (simulation: Simulation): number => ingestTime(stepOf(simulation), 4000) + prefilling(simulation)

/** KV cache of 4000 tokens over a network link [s], without latency. */
const sending = (bandwidth: number): number => (4000 * kvBytes) / (bandwidth * links.scaleOut.efficiency.value)

describe('a request that is prefilled here and decoded there', () => {
  test('has its first token when its KV cache has arrived: prefill and transfer', () => {
    const simulation = run(apart(1, 1e9))
    const expected = prefilled(simulation) + sending(1e9) + links.scaleOut.latency.value
    expect(summarise(simulation).workloads.w?.ttft.mean).toBeCloseTo(expected, 9)
  })

  test('is counted once, with the bytes that moved, and leaves no memory taken', () => {
    const simulation = run(apart(5, 1e9))
    const { totals } = takeFrame(simulation, 1)
    expect(totals).toMatchObject({ arrived: 5, finished: 5, promptTokens: 5 * 4000, outputTokens: 5 * 50 })
    const { pool: counted, flow } = simulation.fleet.telemetry
    expect(Array.from(counted.transferred)).toEqual([0, 5 * 4000 * kvBytes])
    expect(Array.from(flow.arrived.subarray(0, 2))).toEqual([5, 0])
    expect(Array.from(flow.finished.subarray(0, 2))).toEqual([0, 5])
    // the first token is made here, the others there
    expect(counted.steps[1]).toBeGreaterThanOrEqual(49)
    expect(integersOf(simulation.fleet.replicas, BLOCKS)).toEqual([0, 0])
  })

  test('holds its blocks where it was prefilled until the transfer ends', () => {
    const simulation = createSimulation({ fleet: apart(1, 1e8), seed: 1 })
    const end = prefilled(simulation) + sending(1e8) + links.scaleOut.latency.value
    for (const [time, blocks] of [
      [0.2, 250],
      [end - 0.01, 250],
      [end + 0.01, 0],
    ] as const) {
      advance(simulation, time)
      expect(faultsOf(simulation)).toEqual([])
      expect(exactBlocks(simulation.fleet, 0, 0)).toBe(blocks)
      expect(takeFrame(simulation, 1).totals.transferring).toBe(blocks > 0 ? 1 : 0)
    }
  })

  test('lies in memory once until then: the prefixes of others keep their room', () => {
    const prefixed = workload('v', {
      arrivals: { kind: 'constant', stages: [{ duration: 4.5, rate: 0.5 }] },
      ...lengths(4100, 10),
      sharedPrefix: { groups: 1, tokens: 4000 },
    })
    const slow = apart(1, 1e8, [4000, 50], { p: { kvBlocks: 600 } })
    const sent = workload('w', { arrivals: once(3), ...lengths(4000, 50) })
    const simulation = createSimulation({
      fleet: {
        ...slow,
        workloads: [sent, prefixed],
        routing: { ...slow.routing, v: routes({ p: 1 }) },
      },
      seed: 1,
    })
    advance(simulation, 4.4)
    expect(faultsOf(simulation)).toEqual([])
    // 250 blocks on their way, 250 of the prefix and 7 beside it, of 600
    expect(takeFrame(simulation, 1).totals.transferring).toBe(1)
    expect(simulation.fleet.telemetry.pool.prefixHits[0]).toBe(4000)
  })

  test('makes the next one wait for its blocks there', () => {
    // 300 blocks have room for one prompt of 250 at a time
    const tight = apart(2, 1e9, [4000, 50], { p: { kvBlocks: 300 } })
    const simulation = run(tight)
    const first = prefilled(simulation) + sending(1e9) + links.scaleOut.latency.value
    const second = first + prefilling(simulation) + sending(1e9) + links.scaleOut.latency.value
    const { mean } = summarise(simulation).workloads.w?.ttft ?? {}
    // the blocks are free at the end of the tick
    expect((mean ?? 0) - (first + second) / 2).toBeGreaterThanOrEqual(0)
    expect((mean ?? 0) - (first + second) / 2).toBeLessThan(0.005)
  })

  test('has its first token later over a slower link', () => {
    const [slow, fast] = [ttftOf(apart(1, 1e8)), ttftOf(apart(1, 1e9))]
    expect(slow.mean - fast.mean).toBeCloseTo(sending(1e8) - sending(1e9), 6)
  })

  test('waits for the one before it on the same link', () => {
    const two = run(apart(2, 1e9))
    const { mean } = summarise(two).workloads.w?.ttft ?? {}
    // the second one is prefilled while the first is under way
    expect(prefilling(two)).toBeLessThan(sending(1e9))
    expect(mean).toBeCloseTo(prefilled(two) + 1.5 * sending(1e9) + links.scaleOut.latency.value, 6)
  })

  test('waits for nobody where each has a link of its own', () => {
    const own = apart(2, 1e9, [4000, 50], { p: { replicas: 2 }, q: { replicas: 2 } })
    const { mean } = ttftOf(own)
    expect(mean).toBeCloseTo(ttftOf(apart(1, 1e9)).mean, 6)
    const oversubscribed = ttftOf({ ...own, oversubscription: 8 })
    expect(oversubscribed.mean).toBeGreaterThan(mean * 1.2)
  })

  test('moves faster within a scale-up domain than over the network', () => {
    const near = apart(1, 1e9, [4000, 50], { p: { domain: 'd' }, q: { domain: 'd' } })
    const other = apart(1, 1e9, [4000, 50], { p: { domain: 'd' }, q: { domain: 'e' } })
    expect(ttftOf(near).mean).toBeLessThan(0.5 * ttftOf(apart(1, 1e9)).mean)
    expect(ttftOf(other).mean).toBeCloseTo(ttftOf(apart(1, 1e9)).mean, 9)
  })

  test('is not handed off where one token is the whole answer', () => {
    const simulation = run(apart(3, 1e9, [4000, 1]))
    const { flow, pool: counted } = simulation.fleet.telemetry
    expect(Array.from(flow.finished.subarray(0, 2))).toEqual([3, 0])
    expect(Array.from(counted.transferred)).toEqual([0, 0])
  })

  test('is prefilled again where it is decoded, when that replica preempts it', () => {
    const tight = apart(6, 1e11, [320, 600], { q: { kvBlocks: 120 } })
    const simulation = run(tight, 60)
    const { totals } = takeFrame(simulation, 1)
    expect(totals).toMatchObject({ finished: 6, promptTokens: 6 * 320, outputTokens: 6 * 600 })
    expect(simulation.fleet.telemetry.pool.preempted[1]).toBeGreaterThan(0)
    expect(simulation.fleet.telemetry.pool.transferred[1]).toBe(6 * 320 * kvBytes)
  })

  test('waits for a place there between its first token and its second', () => {
    const simulation = run(apart(4, 1e11, [320, 50], { q: { maxSequences: 1 } }), 60)
    const { ttft, e2e, itl, tpot } = summarise(simulation).workloads.w ?? {}
    const gaps = (e2e?.mean ?? 0) - (ttft?.mean ?? 0)
    expect(itl?.mean).toBeCloseTo(gaps / 49, 9)
    expect(itl?.mean).toBeCloseTo(tpot?.mean ?? 0, 9)
    // 3 of 196 gaps are waits, of one answer, two and three
    expect(itl?.p99).toBeGreaterThan(20 * (itl?.p50 ?? Infinity))
  })

  test('may meet others that go the opposite way', () => {
    const crossed = {
      ...apart(40, 1e10, [600, 80], { p: { kvBlocks: 200 }, q: { kvBlocks: 200 } }),
      routing: {
        w: [
          { prefill: 'p', decode: 'q', share: 0.5 },
          { prefill: 'q', decode: 'p', share: 0.5 },
        ],
      },
    }
    const simulation = run(crossed, 60)
    expect(takeFrame(simulation, 1).totals).toMatchObject({ arrived: 40, finished: 40, outputTokens: 40 * 80 })
    expect(Array.from(simulation.fleet.telemetry.pool.transferred)).toEqual([20 * 600 * kvBytes, 20 * 600 * kvBytes])
  })
})
