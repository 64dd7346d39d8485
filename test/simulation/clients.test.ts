import { BLOCKS, CONTEXT, int, real } from '../../simulation/serving/replicas'
import { describe, expect, test } from 'vitest'
import {
  advance,
  createBatch,
  createSimulation,
  feedTrace,
  takeFrame,
  type Fleet,
  type Frame,
  type Simulation,
} from '../../simulation/index'
import { push } from '../../simulation/traffic/trace-batch'
import { fleet, lengths, loop, once, pool, routes, workload } from '../support/fleets'
import { faultsOf } from '../support/recount'
import { summarise } from '../support/summaries'

/** Ticks so short that nothing which waits for the end of one matters. */
const tick = 0.005

function run(ofFleet: Fleet, seconds: number, seed = 1): Simulation {
  const simulation = createSimulation({ fleet: { tick, ...ofFleet }, seed })
  advance(simulation, seconds)
  return simulation
}

function totalsOf(simulation: Simulation): Frame['totals'] {
  expect(faultsOf(simulation)).toEqual([])
  return takeFrame(simulation, 1).totals
}

describe('priority', () => {
  test('a request of higher priority starts before all that wait', () => {
    const one = fleet(
      [pool('p', { maxSequences: 1 })],
      [
        workload('low', { arrivals: loop(5), ...lengths(500, 200) }),
        workload('high', { arrivals: once(0.1), ...lengths(500, 200), priority: 1 }),
      ],
    )
    const simulation = createSimulation({ fleet: one, seed: 1 })
    let time = 0
    const { finished } = simulation.fleet.telemetry.flow
    while (finished[1] === 0 && time < 60) advance(simulation, (time += 0.25))
    expect(finished[1]).toBe(1)
    expect(finished[0]).toBe(1)
  })

  test('requests of lower priority are preempted first, whichever came last', () => {
    const tight = fleet(
      [pool('p', { kvBlocks: 200 })],
      [
        workload('low', { arrivals: loop(4), ...lengths(160, 800) }),
        workload('high', { arrivals: once(0.1), ...lengths(160, 800), priority: 1 }),
      ],
    )
    const simulation = createSimulation({ fleet: tight, seed: 1 })
    const { flow, flowRunning, pool: counted } = simulation.fleet.telemetry
    let started = false
    for (let time = 0.05; time < 60 && flow.finished[1] === 0; time += 0.05) {
      advance(simulation, time)
      started ||= flowRunning[1] === 1
      if (started && flow.finished[1] === 0) expect(flowRunning[1]).toBe(1)
    }
    expect(flow.finished[1]).toBe(1)
    expect(counted.preempted[0]).toBeGreaterThan(0)
  })

  test('while high priority keeps a replica busy, clients of low priority that gave up do not fill its queue', () => {
    const busy = fleet(
      [pool('p', { maxSequences: 2, queueLimit: 6 })],
      [
        workload('high', { arrivals: loop(4, 200), ...lengths(500, 100), priority: 1 }),
        workload('low', {
          arrivals: { kind: 'constant', stages: [{ duration: 20, rate: 4 }] },
          ...lengths(500, 100),
          timeout: 0.2,
        }),
      ],
    )
    const simulation = run(busy, 15)
    const { flow } = simulation.fleet.telemetry
    expect(flow.rejected[0]).toBe(0)
    expect(flow.cancelled[1]).toBeGreaterThan(50)
  })
})

describe('timeout', () => {
  test('a waiting request is cancelled when its client gives up, and not served', () => {
    const one = fleet(
      [pool('p', { maxSequences: 1 })],
      [
        workload('long', { arrivals: loop(1), ...lengths(500, 3000) }),
        workload('hasty', { arrivals: once(0.2), timeout: 0.5 }),
      ],
    )
    expect(totalsOf(run(one, 0.65))).toMatchObject({ cancelled: 0, waiting: 1, running: 1 })
    expect(totalsOf(run(one, 0.75))).toMatchObject({ cancelled: 1, waiting: 0, running: 1 })
    const { totals } = takeFrame(run(one, 60), 1)
    expect(totals).toMatchObject({ finished: 1, cancelled: 1, outputTokens: 3000 })
  })

  test('that is so behind requests of the same priority whose clients wait for ever', () => {
    const one = fleet(
      [pool('p', { maxSequences: 1 })],
      [
        workload('patient', { arrivals: loop(3), ...lengths(500, 3000) }),
        workload('hasty', { arrivals: once(0.2), timeout: 0.5 }),
      ],
    )
    expect(totalsOf(run(one, 0.65))).toMatchObject({ cancelled: 0, waiting: 3, running: 1 })
    expect(totalsOf(run(one, 0.75))).toMatchObject({ cancelled: 1, waiting: 2, running: 1 })
  })

  test('queries whose clients gave up do not fill the queue of a ranking model', () => {
    const ranking = { model: 'dlrm', kind: 'single-shot', ...lengths(1, 1) } as const
    const busy = fleet(
      [pool('p', { model: 'dlrm', precision: 'bf16', maxSequences: 1, queueLimit: 6 })],
      [
        workload('high', { ...ranking, arrivals: loop(4, 20_000), priority: 1 }),
        workload('low', {
          ...ranking,
          arrivals: { kind: 'constant', stages: [{ duration: 1, rate: 500 }] },
          timeout: 0.002,
        }),
      ],
    )
    const simulation = run(busy, 1)
    const { flow } = simulation.fleet.telemetry
    expect(faultsOf(simulation)).toEqual([])
    expect(flow.finished[0]).toBeGreaterThan(100)
    expect(flow.rejected[0]).toBe(0)
    expect(flow.cancelled[1]).toBeGreaterThan(100)
  })

  test('a running request is cancelled when its client gives up, and its memory is free', () => {
    const one = fleet([pool('p')], [workload('w', { arrivals: loop(1), ...lengths(500, 3000), timeout: 2.01 })])
    expect(totalsOf(run(one, 2))).toMatchObject({ cancelled: 0, running: 1 })
    const after = run(one, 2.1)
    const { cancelled, running, finished, outputTokens } = totalsOf(after)
    expect({ cancelled, running, finished }).toEqual({ cancelled: 1, running: 0, finished: 0 })
    expect(outputTokens).toBeGreaterThan(50)
    expect(outputTokens).toBeLessThan(3000)
    expect(int(after.fleet.replicas, BLOCKS, 0)).toBe(0)
    expect(real(after.fleet.replicas, CONTEXT, 0)).toBe(0)
  })

  test('an answer that comes after its client gave up counts as cancelled, of a token model and of a ranking one', () => {
    const late = fleet([pool('p')], [workload('w', { arrivals: loop(1), ...lengths(8000, 1), timeout: 0.02 })])
    expect(totalsOf(run(late, 5))).toMatchObject({ finished: 0, cancelled: 1 })
    const ranking = (timeout: number): Frame['totals'] =>
      totalsOf(
        run(
          fleet(
            [pool('p', { model: 'dlrm', precision: 'bf16' })],
            [workload('w', { model: 'dlrm', kind: 'single-shot', arrivals: once(1), ...lengths(1, 1), timeout })],
          ),
          2,
        ),
      )
    expect(ranking(1)).toMatchObject({ finished: 1, cancelled: 0 })
    expect(ranking(0.0001)).toMatchObject({ finished: 0, cancelled: 1 })
  })
})

test('clients that leave during the answer count as cancelled, and the tokens they were given count', () => {
  const leaving = fleet([pool('p')], [workload('w', { arrivals: loop(20, 400), abandonment: 1 })])
  const { arrived, cancelled, finished, promptTokens, outputTokens } = totalsOf(run(leaving, 60))
  expect({ arrived, cancelled, finished, promptTokens }).toEqual({
    arrived: 400,
    cancelled: 400,
    finished: 0,
    promptTokens: 400 * 500,
  })
  // drawn evenly over 100 tokens
  expect(outputTokens / 400).toBeGreaterThan(40)
  expect(outputTokens / 400).toBeLessThan(60)
})

describe('spill', () => {
  const narrow = { maxSequences: 1, queueLimit: 1 }
  const spilling = (spill: boolean): Fleet =>
    fleet([pool('p', narrow), pool('q')], [workload('w', { arrivals: loop(20), spill })], {
      w: routes({ p: 0.9, q: 0.1 }),
    })

  test('what a full queue turns away reaches the other route, and has arrived once', () => {
    expect(totalsOf(run(spilling(false), 30)).rejected).toBe(16)
    expect(totalsOf(run(spilling(true), 30))).toMatchObject({ arrived: 20, finished: 20, rejected: 0 })
  })

  test('it goes to another pool where two routes begin in the full one', () => {
    const paired = {
      ...spilling(true),
      routing: {
        w: [
          { prefill: 'p', decode: 'p', share: 0.5 },
          { prefill: 'p', decode: 'q', share: 0.4 },
          { prefill: 'q', decode: 'q', share: 0.1 },
        ],
      },
    }
    expect(totalsOf(run(paired, 30))).toMatchObject({ arrived: 20, finished: 20, rejected: 0 })
  })

  test('a request whose decode pool is full is computed anew on the other route, and counts once', () => {
    const full = fleet(
      [pool('p'), pool('q', narrow), pool('r')],
      [workload('w', { arrivals: loop(12), spill: true })],
      {
        w: [
          { prefill: 'p', decode: 'q', share: 0.9 },
          { prefill: 'r', decode: 'r', share: 0.1 },
        ],
      },
    )
    const simulation = run(full, 30)
    expect(totalsOf(simulation)).toMatchObject({
      arrived: 12,
      finished: 12,
      rejected: 0,
      promptTokens: 12 * 500,
      outputTokens: 12 * 100,
    })
    // what was handed off in vain was prefilled a second time
    expect(simulation.fleet.telemetry.pool.prefixTokens[2]).toBeGreaterThan(12 * 0.1 * 500 + 2000)
  })

  test('when all routes are full it is rejected', () => {
    const both = fleet([pool('p', narrow), pool('q', narrow)], [workload('w', { arrivals: loop(20), spill: true })])
    expect(totalsOf(run(both, 30))).toMatchObject({ arrived: 20, finished: 4, rejected: 16 })
  })
})

describe('closed loop', () => {
  test('so many requests are in flight until all are sent, and it ends when all have left', () => {
    const closed = fleet(
      [pool('p', { replicas: 3, picker: 'least-outstanding' })],
      [workload('w', { arrivals: loop(7, 50), outputTokens: { kind: 'uniform', from: 10, to: 200 } })],
    )
    const simulation = createSimulation({ fleet: { ...closed, tick }, seed: 1 })
    const seen: number[] = []
    for (let time = 0.05; time < 60; time += 0.05) {
      advance(simulation, time)
      const { arrived, finished, running, waiting } = takeFrame(simulation, 1).totals
      if (arrived < 50) seen.push(running + waiting)
      expect(running + waiting).toBe(arrived - finished)
    }
    expect(seen.length).toBeGreaterThan(10)
    expect(new Set(seen)).toEqual(new Set([7]))
    expect(totalsOf(simulation)).toMatchObject({ arrived: 50, finished: 50, running: 0, waiting: 0 })
  })

  test('its users continue their conversations', () => {
    const talking = fleet(
      [pool('p')],
      [workload('w', { arrivals: loop(2, 20), ...lengths(100, 50), sessions: { users: 4, turns: 5 } })],
    )
    const { finished, promptTokens } = totalsOf(run(talking, 60))
    // the prompts of a conversation are 100, 250, 400, 550 and 700
    expect({ finished, promptTokens }).toEqual({ finished: 20, promptTokens: 4 * 2000 })
  })
})

test('a user who is still being answered asks later, with the lengths that the request was drawn with', () => {
  const asking = fleet(
    [pool('p')],
    [workload('w', { arrivals: { kind: 'trace', scale: 1 }, sessions: { users: 1, turns: 3 } })],
  )
  const simulation = createSimulation({ fleet: asking, seed: 1 })
  const batch = createBatch()
  for (let i = 0; i < 3; i++) push(batch, i * 0.01, 100 + i, 50 + i)
  batch.horizon = 100
  feedTrace(simulation, 'w', batch)
  advance(simulation, 20)
  const { finished, promptTokens, outputTokens } = totalsOf(simulation)
  expect({ finished, promptTokens, outputTokens }).toEqual({
    finished: 3,
    promptTokens: 100 + (150 + 101) + (150 + 152 + 102),
    outputTokens: 50 + 51 + 52,
  })
})

test('routings compared on one seed see conversations with the same lengths', () => {
  const asked = (replicas: number): Frame['totals'] =>
    totalsOf(
      run(
        fleet(
          [pool('p', { replicas, maxSequences: 2 })],
          [
            workload('w', {
              arrivals: { kind: 'gamma', cv: 2, stages: [{ duration: 10, rate: 8 }] },
              promptTokens: { kind: 'lognormal', mean: 200, cv: 1 },
              outputTokens: { kind: 'lognormal', mean: 60, cv: 1 },
              sessions: { users: 5, turns: 3 },
            }),
          ],
        ),
        120,
      ),
    )
  const [slow, fast] = [asked(1), asked(4)]
  expect(slow.finished).toBeGreaterThan(30)
  expect(slow).toMatchObject({
    arrived: fast.arrived,
    finished: fast.finished,
    promptTokens: fast.promptTokens,
    outputTokens: fast.outputTokens,
  })
})

test('a summary of the clients counts each request once', () => {
  const mixed = fleet([pool('p')], [workload('w', { arrivals: loop(10, 100), abandonment: 0.5, timeout: 1.2 })])
  const simulation = run(mixed, 30)
  const { arrived, finished, cancelled, rejected, inFlight } = summarise(simulation).workloads.w?.requests ?? {}
  expect({ arrived, rejected, inFlight }).toEqual({ arrived: 100, rejected: 0, inFlight: 0 })
  expect((finished ?? 0) + (cancelled ?? 0)).toBe(100)
  expect(finished).toBeGreaterThan(0)
})
