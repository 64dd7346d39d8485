import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findCalibration } from '../../simulation/catalog/calibration'
import { chips } from '../../simulation/catalog/chips'
import { models } from '../../simulation/catalog/models'
import {
  advance,
  createSimulation,
  setRouting,
  takeFrame,
  type Fleet,
  type Frame,
  type Routing,
  type Simulation,
} from '../../simulation/index'
import { exactBlocks } from '../../simulation/serving/kv-cache'
import { BLOCKS, CONTEXT } from '../../simulation/serving/replicas'
import { createStepModel, stepTime, type StepModel } from '../../simulation/serving/step-time'
import { emptyHistogram, mean, merge } from '../../simulation/telemetry/histogram'
import { binsOf, E2E, windowSamples } from '../../simulation/telemetry/telemetry'
import { burst, fleet, poisson, pool, routes, workload } from '../support/fleets'
import { integersOf, realsOf } from '../support/replica-fields'
import { summarise } from '../support/summaries'

const pickers = ['round-robin', 'least-outstanding', 'power-of-two'] as const

/** Two to four small pools of different chips under one to three workloads, some of them overloaded. */
const anyFleet = fc
  .record({
    pools: fc.array(
      fc.record({
        chip: fc.constantFrom('h100', 'h200', 'b200'),
        replicas: fc.integer({ min: 1, max: 4 }),
        maxSequences: fc.integer({ min: 2, max: 40 }),
        stepTokenBudget: fc.integer({ min: 256, max: 8192 }),
        // little memory makes the KV cache the limit and preemption likely
        memoryFraction: fc.constantFrom(0.9, 0.13),
        queueLimit: fc.integer({ min: 1, max: 30 }),
        picker: fc.constantFrom(...pickers),
      }),
      { minLength: 2, maxLength: 4 },
    ),
    workloads: fc.array(
      fc.record({
        rate: fc.double({ min: 0.5, max: 60, noNaN: true }),
        prompt: fc.integer({ min: 1, max: 3000 }),
        output: fc.integer({ min: 1, max: 300 }),
        cv: fc.double({ min: 0.3, max: 2, noNaN: true }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ pools, workloads }) =>
    fleet(
      pools.map((overrides, i) => pool(`p${i}`, overrides)),
      workloads.map(({ rate, prompt, output, cv }, i) =>
        workload(`w${i}`, {
          arrivals: { kind: 'gamma', cv, stages: [{ duration: 6, rate }] },
          promptTokens: { kind: 'lognormal', mean: prompt, cv },
          outputTokens: { kind: 'lognormal', mean: output, cv },
          objectives: { ttft: 0.5, tpot: 0.02 },
        }),
      ),
    ),
  )

const anySeed = fc.integer({ min: 0, max: 2 ** 40 })

function run(ofFleet: Fleet, seed: number, seconds: number, longestLeap?: number): Simulation {
  const simulation = createSimulation({ fleet: ofFleet, seed, longestLeap })
  advance(simulation, seconds)
  return simulation
}

function framesOf(ofFleet: Fleet, seed: number, seconds: number, stride = 0.25): Frame[] {
  const simulation = createSimulation({ fleet: ofFleet, seed })
  const frames: Frame[] = []
  for (let time = 0.25; time <= seconds; time += 0.25) {
    for (let part = 0; part < time; part += stride) advance(simulation, Math.min(time, part + stride))
    advance(simulation, time)
    frames.push(takeFrame(simulation, frames.length + 1))
  }
  return frames
}

describe('for any fleet, seed and routing', () => {
  test('requests are conserved, and all leave once no more arrive', () => {
    fc.assert(
      fc.property(anyFleet, anySeed, (ofFleet, seed) => {
        const simulation = createSimulation({ fleet: ofFleet, seed })
        for (const time of [2, 5, 8]) {
          advance(simulation, time)
          const { totals } = takeFrame(simulation, 0)
          expect(totals.arrived).toBe(totals.finished + totals.running + totals.waiting + totals.rejected)
        }
        for (let time = 20; simulation.fleet.requests.inFlight > 0 && time < 4000; time += 20) advance(simulation, time)
        const { totals } = takeFrame(simulation, 0)
        expect(totals.running + totals.waiting).toBe(0)
        expect(totals.arrived).toBe(totals.finished + totals.rejected)
        expect(simulation.fleet.requests.inFlight).toBe(0)
        for (const blocks of integersOf(simulation.fleet.replicas, BLOCKS)) expect(blocks).toBe(0)
        for (const context of realsOf(simulation.fleet.replicas, CONTEXT)) expect(context).toBe(0)
      }),
      { numRuns: 40 },
    )
  })

  test('the KV cache never holds more than fits', () => {
    fc.assert(
      fc.property(anyFleet, anySeed, (ofFleet, seed) => {
        const simulation = createSimulation({ fleet: ofFleet, seed })
        for (let time = 0.25; time <= 8; time += 0.25) {
          advance(simulation, time)
          simulation.fleet.pools.forEach(({ serving, first, replicas }) => {
            if (serving.kind !== 'tokens') return
            for (let replica = first; replica < first + replicas; replica++) {
              expect(exactBlocks(simulation.fleet, replica, 0)).toBeLessThanOrEqual(serving.kvBlocks)
            }
          })
        }
      }),
      { numRuns: 30 },
    )
  })

  test('leaping gives the same counts as stepping, and the same times', () => {
    fc.assert(
      fc.property(anyFleet, anySeed, (ofFleet, seed) => {
        const leaping = run(ofFleet, seed, 12)
        const stepping = run(ofFleet, seed, 12, 1)
        const [a, b] = [leaping, stepping].map(simulation => takeFrame(simulation, 0).totals)
        expect({ ...a, energy: 0, carbon: 0 }).toEqual({ ...b, energy: 0, carbon: 0 })
        expectClose(leaping.fleet.telemetry.flow.busy, stepping.fleet.telemetry.flow.busy)
        expectClose(leaping.fleet.telemetry.pool.compute, stepping.fleet.telemetry.pool.compute)
        expectClose(leaping.fleet.telemetry.pool.memory, stepping.fleet.telemetry.pool.memory)
        expectClose(leaping.fleet.telemetry.pool.energy, stepping.fleet.telemetry.pool.energy)
        expectClose(leaping.fleet.requests.times, stepping.fleet.requests.times)
      }),
      { numRuns: 40 },
    )
  })

  test('a run gives the same frames however it is cut into calls', () => {
    fc.assert(
      fc.property(anyFleet, anySeed, fc.double({ min: 0.01, max: 3, noNaN: true }), (ofFleet, seed, stride) => {
        expect(framesOf(ofFleet, seed, 3, stride)).toEqual(framesOf(ofFleet, seed, 3))
      }),
      { numRuns: 20 },
    )
  })

  test('a fork equals its original', () => {
    fc.assert(
      fc.property(anyFleet, anySeed, fc.integer({ min: 1, max: 20 }), (ofFleet, seed, quarters) => {
        const original = run(ofFleet, seed, quarters / 4)
        const fork = structuredClone(original)
        advance(original, 9)
        advance(fork, 9)
        expect(takeFrame(fork, 1)).toEqual(takeFrame(original, 1))
        expect(fork.fleet.replicas).toEqual(original.fleet.replicas)
        expect(fork.fleet.workloads).toEqual(original.fleet.workloads)
      }),
      { numRuns: 20 },
    )
  })

  test('shares are obeyed within one request, after a change too', () => {
    const anyShares = fc
      .array(fc.integer({ min: 0, max: 1000 }), { minLength: 4, maxLength: 4 })
      .filter(weights => weights.some(weight => weight > 0))
      .map(weights => weights.map(weight => weight / weights.reduce((sum, other) => sum + other, 0)))
    fc.assert(
      fc.property(anyShares, anyShares, anySeed, (before, after, seed) => {
        const names = ['p0', 'p1', 'p2', 'p3']
        const routing = (shares: number[]): Routing => ({
          w: routes(Object.fromEntries(names.map((name, i) => [name, shares[i] ?? 0]))),
        })
        const four = fleet(
          names.map(name => pool(name)),
          [workload('w', { arrivals: poisson(80) })],
          routing(before),
        )
        const simulation = createSimulation({ fleet: four, seed })
        advance(simulation, 5)
        expectShares(simulation, before, [0, 0, 0, 0])
        const sent = Array.from(simulation.fleet.telemetry.flow.arrived)
        setRouting(simulation, routing(after), 2)
        for (let time = 5.25; time <= 10; time += 0.25) {
          advance(simulation, time)
          expectShares(simulation, after, sent)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('energy is power integrated', () => {
    fc.assert(
      fc.property(anyFleet, anySeed, (ofFleet, seed) => {
        const simulation = createSimulation({ fleet: ofFleet, seed })
        advance(simulation, 14)
        const frame = takeFrame(simulation, 0)
        expect((frame.fleet.power ?? 0) * frame.window).toBeCloseTo(frame.totals.energy, -3)
        expect(sum(frame.pools.power)).toBeCloseTo(frame.fleet.power ?? 0, -2)
      }),
      { numRuns: 15 },
    )
  })

  test('money is conserved across pools and workloads', () => {
    fc.assert(
      fc.property(anyFleet, anySeed, (ofFleet, seed) => {
        const frame = takeFrame(run(ofFleet, seed, 8), 0)
        const used = frame.fleet.usedCost ?? 0
        for (const part of [frame.pools.usedCost, frame.workloads.usedCost, frame.families.usedCost]) {
          expect(Math.abs(sum(part) - used)).toBeLessThanOrEqual(2e-3 * used)
        }
        expect(used).toBeLessThanOrEqual((frame.fleet.heldCost ?? 0) * 1.001)
      }),
      { numRuns: 15 },
    )
  })
})

test('a faster chip is never slower, and a step with more in it never shorter', () => {
  const h100 = chips.h100
  const llama = models['llama-3.1-70b']
  const calibration = findCalibration('h100', 'vllm', 'fp8')
  if (!h100 || !calibration || llama?.kind !== 'tokens') throw new Error('the catalog lacks what this test needs')
  const anyBatch = fc.record({
    prefill: fc.integer({ min: 0, max: 8192 }),
    prefillContext: fc.integer({ min: 0, max: 1e9 }),
    decoding: fc.integer({ min: 0, max: 256 }),
    context: fc.integer({ min: 0, max: 1e6 }),
  })
  const timed = (
    model: StepModel,
    { prefill, prefillContext, decoding, context }: typeof anyBatch extends fc.Arbitrary<infer Batch> ? Batch : never,
  ): number => stepTime(model, prefill, prefillContext, decoding, context)
  const factor = fc.double({ min: 1, max: 4, noNaN: true })
  fc.assert(
    fc.property(anyBatch, anyBatch, factor, factor, factor, (batch, more, flops, memory, link) => {
      const eight = pool('p', { model: 'llama-3.1-70b', tensorParallel: 8, maxSequences: 512 })
      const faster = {
        ...h100,
        peakFlops: { fp8: (h100.peakFlops.fp8 ?? 0) * flops },
        memoryBandwidth: h100.memoryBandwidth * memory,
        scaleUpBandwidth: (h100.scaleUpBandwidth ?? 0) * link,
      }
      const time = timed(createStepModel(eight, h100, llama, calibration), batch)
      expect(timed(createStepModel(eight, faster, llama, calibration), batch)).toBeLessThanOrEqual(time)
      const larger = {
        prefill: batch.prefill + more.prefill,
        prefillContext: batch.prefillContext + more.prefillContext,
        decoding: batch.decoding + more.decoding,
        context: batch.context + more.context,
      }
      expect(timed(createStepModel(eight, h100, llama, calibration), larger)).toBeGreaterThanOrEqual(time)
    }),
  )
})

test('more tokens never take less time', () => {
  const last = (prompt: number, output: number): number => {
    const one = fleet(
      [pool('p')],
      [
        workload('w', {
          arrivals: { kind: 'constant', stages: [{ duration: 1.5, rate: 1 }] },
          promptTokens: { kind: 'fixed', value: prompt },
          outputTokens: { kind: 'fixed', value: output },
        }),
      ],
    )
    return takeFrame(run(one, 1, 14), 0).workloads.e2eP50[0] ?? 0
  }
  const lengths = [100, 1000, 4000, 9000].map(prompt => last(prompt, 50))
  expect(lengths).toEqual([...lengths].sort((a, b) => a - b))
  const outputs = [2, 50, 200, 600].map(output => last(500, output))
  expect(outputs).toEqual([...outputs].sort((a, b) => a - b))
})

test("Little's law holds in steady state", () => {
  const one = fleet([pool('p', { replicas: 4 })], [workload('w', { arrivals: poisson(40) })])
  const simulation = createSimulation({ fleet: one, seed: 3 })
  const times: number[] = []
  for (let time = 15; time <= 600; time += 15) {
    advance(simulation, time)
    times.push(meanE2e(simulation))
  }
  const { flow, pool: pools } = simulation.fleet.telemetry
  const present = ((pools.runningTime[0] ?? 0) + (pools.waitingTime[0] ?? 0)) / 600
  const rate = (flow.arrived[0] ?? 0) / 600
  expect(present / ((rate * sum(times)) / times.length)).toBeCloseTo(1, 1)
})

test('with one server and constant service time, waiting matches M/D/1', () => {
  // one sequence at a time and one output token: each request is one prefill step of the same length
  const at = (rate: number): Simulation =>
    run(
      fleet(
        [pool('p', { maxSequences: 1, queueLimit: 10_000 })],
        [
          workload('w', {
            arrivals: poisson(rate),
            promptTokens: { kind: 'fixed', value: 4000 },
            outputTokens: { kind: 'fixed', value: 1 },
          }),
        ],
      ),
      11,
      2000,
    )
  const idle = at(0.01)
  const service = (idle.fleet.telemetry.pool.busy[0] ?? 0) / (idle.fleet.telemetry.flow.finished[0] ?? 1)
  const alone = summarise(idle).workloads.w?.e2e.mean ?? 0
  const load = 0.7
  const busy = summarise(at(load / service)).workloads.w?.e2e.mean ?? 0
  // Pollaczek and Khinchine: the mean wait is ρ / 2(1 − ρ) services
  expect((busy - alone) / ((service * load) / (2 * (1 - load)))).toBeCloseTo(1, 1)
})

test('a request for a full replica is rejected and counted, and one that can never fit is too', () => {
  const full = fleet(
    [pool('p', { maxSequences: 1, queueLimit: 2 })],
    [workload('w', { arrivals: burst(200, 0.1), outputTokens: { kind: 'fixed', value: 2000 } })],
  )
  const crowded = takeFrame(run(full, 5, 1), 0).totals
  expect(crowded.running + crowded.waiting).toBe(3)
  expect(crowded.rejected).toBe(crowded.arrived - 3)

  const long = fleet([pool('p')], [workload('w', { promptTokens: { kind: 'fixed', value: 200_000 } })])
  const { totals } = takeFrame(run(long, 5, 5), 0)
  expect(totals.arrived).toBeGreaterThan(20)
  expect(totals.rejected).toBeGreaterThan(20)
  expect(totals.finished).toBe(0)
})

test('a request of any length beyond the context is rejected within seconds, and holds up nothing', () => {
  const huge = workload('huge', { arrivals: burst(5, 4), promptTokens: { kind: 'fixed', value: 2 ** 31 - 1 } })
  const simulation = createSimulation({
    fleet: fleet([pool('p')], [huge, workload('w', { arrivals: burst(5, 4) })]),
    seed: 1,
  })
  advance(simulation, 30)
  const { arrived, finished, rejected, running, waiting } = takeFrame(simulation, 1).totals
  expect({ left: finished + rejected, running, waiting }).toEqual({ left: arrived, running: 0, waiting: 0 })
  expect(finished).toBeGreaterThan(0)
  expect(rejected).toBeGreaterThan(0)
})

test('when the KV cache is full the newest request is preempted, prefilled again, and finishes', () => {
  const tight = fleet(
    [pool('p', { memoryFraction: 0.13 })],
    [
      workload('w', {
        arrivals: burst(40, 2),
        promptTokens: { kind: 'fixed', value: 300 },
        outputTokens: { kind: 'fixed', value: 900 },
      }),
    ],
  )
  const { totals } = takeFrame(run(tight, 5, 2000), 0)
  expect(totals.preempted).toBeGreaterThan(0)
  expect(totals.finished).toBe(totals.arrived)
  expect(totals.outputTokens).toBe(totals.finished * 900)
  expect(totals.promptTokens).toBe(totals.finished * 300)
})

function expectShares(simulation: Simulation, shares: number[], since: number[]): void {
  const { arrived } = simulation.fleet.telemetry.flow
  const counts = shares.map((_, flow) => (arrived[flow] ?? 0) - (since[flow] ?? 0))
  const total = sum(counts)
  shares.forEach((share, flow) => expect(Math.abs((counts[flow] ?? 0) - share * total)).toBeLessThanOrEqual(1 + 1e-6))
}

function expectClose(a: Float64Array, b: Float64Array): void {
  expect(a.length).toBe(b.length)
  a.forEach((value, i) =>
    expect(Math.abs(value - (b[i] ?? 0))).toBeLessThanOrEqual(1e-9 * Math.max(1e-3, Math.abs(value))),
  )
}

/** Mean end-to-end time of the requests that finished within the window [s]. */
function meanE2e(simulation: Simulation): number {
  const histogram = emptyHistogram()
  merge(histogram, bin => windowSamples(simulation.fleet.telemetry, binsOf(0, E2E) + bin))
  return mean(histogram) ?? 0
}

function sum(figures: readonly (number | null)[]): number {
  return figures.reduce<number>((total, figure) => total + (figure ?? 0), 0)
}
