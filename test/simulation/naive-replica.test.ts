import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { advance, createBatch, createSimulation, feedTrace, type Simulation } from '../../simulation/index'
import { E2E, sumOf, TTFT } from '../../simulation/telemetry/telemetry'
import { push } from '../../simulation/traffic/trace-batch'
import { fleet, pool, workload } from '../support/fleets'
import { serveNaively, type NaiveCounts, type NaiveWorkload } from '../support/naive-replica'

/** Up to twelve requests within two seconds; prompts are longer than a prefix. */
const anyRequests = (prefix: number) =>
  fc
    .array(
      fc.record({
        time: fc.integer({ min: 0, max: 2_000_000 }),
        prompt: fc.integer({ min: prefix + 1, max: prefix + 400 }),
        output: fc.integer({ min: 1, max: 150 }),
      }),
      { maxLength: 12 },
    )
    // microseconds, no two at once
    .map(requests =>
      requests
        .sort((a, b) => a.time - b.time)
        .map((request, i) => ({ ...request, time: (request.time + i * 0.01) / 1e6 })),
    )

const anyWorkload: fc.Arbitrary<NaiveWorkload> = fc
  .record({
    prefix: fc.constantFrom(0, 40, 320),
    priority: fc.integer({ min: 0, max: 1 }),
    sessions: fc.option(fc.record({ users: fc.integer({ min: 1, max: 3 }), turns: fc.integer({ min: 1, max: 3 }) })),
  })
  .chain(({ prefix, priority, sessions }) =>
    anyRequests(prefix).map(requests => ({ prefix, priority, sessions, requests })),
  )

const anyCase = fc.record({
  kvBlocks: fc.integer({ min: 40, max: 160 }),
  maxSequences: fc.integer({ min: 1, max: 8 }),
  stepTokenBudget: fc.integer({ min: 40, max: 700 }),
  ahead: fc.boolean(),
  workloads: fc.array(anyWorkload, { minLength: 1, maxLength: 2 }).map(workloads =>
    workloads.map((one, i) => ({
      ...one,
      requests: one.requests.map(request => ({ ...request, time: request.time + i * 0.3e-6 })),
    })),
  ),
})

function simulate(limits: typeof anyCase extends fc.Arbitrary<infer Case> ? Case : never): Simulation {
  const { workloads, ahead, ...overrides } = limits
  const one = fleet(
    [pool('p', { ...overrides, queueLimit: 1000 })],
    workloads.map(({ prefix, priority, sessions }, i) =>
      workload(`w${i}`, {
        arrivals: { kind: 'trace', scale: 1 },
        priority,
        ...(prefix > 0 ? { sharedPrefix: { groups: 1, tokens: prefix } } : {}),
        ...(sessions ? { sessions } : {}),
      }),
    ),
  )
  const simulation = createSimulation({ fleet: one, seed: 1 })
  const serving = simulation.fleet.pools[0]?.serving
  if (serving?.kind === 'tokens') serving.ahead = ahead
  workloads.forEach(({ requests }, i) => {
    const batch = createBatch()
    for (const { time, prompt, output } of requests) push(batch, time, prompt, output)
    batch.horizon = 1000
    feedTrace(simulation, `w${i}`, batch)
  })
  advance(simulation, 120)
  return simulation
}

function countsOf({ fleet: { telemetry, workloads } }: Simulation): Omit<NaiveCounts, 'ambiguous'> {
  const first = (column: Float64Array): number => column[0] ?? 0
  return {
    steps: first(telemetry.pool.steps),
    busy: first(telemetry.pool.busy),
    preempted: first(telemetry.pool.preempted),
    hits: first(telemetry.pool.prefixHits),
    workloads: workloads.map((_, flow) => ({
      finished: telemetry.flow.finished[flow] ?? 0,
      rejected: telemetry.flow.rejected[flow] ?? 0,
      ttft: sumOf(telemetry, flow, TTFT),
      e2e: sumOf(telemetry, flow, E2E),
    })),
  }
}

describe('a replica', () => {
  test('does what one does that takes a step at a time and knows each block', () => {
    let [preempted, hits] = [0, 0]
    fc.assert(
      fc.property(anyCase, limits => {
        const simulation = simulate(limits)
        const serving = simulation.fleet.pools[0]?.serving
        if (serving?.kind !== 'tokens') throw new Error('no tokens are served')
        const { ambiguous, ...naive } = serveNaively({ ...serving, ...limits }, limits.workloads)
        fc.pre(!ambiguous)
        const engine = countsOf(simulation)
        expect(rounded(engine)).toEqual(rounded(naive))
        preempted += naive.preempted
        hits += naive.hits
      }),
      { numRuns: 300 },
    )
    // else nothing was compared
    expect(preempted).toBeGreaterThan(10)
    expect(hits).toBeGreaterThan(1000)
  })
})

/** Times to a nanosecond. */
function rounded(counts: Omit<NaiveCounts, 'ambiguous'>): unknown {
  return JSON.parse(JSON.stringify(counts), (_, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 1e9) / 1e9 : value,
  )
}
