import fc from 'fast-check'
import type { Fleet, Pool, Routing, Workload } from '../../simulation/index'
import { fleet, pool, workload } from './fleets'

const anyPool = fc.record({
  chip: fc.constantFrom('h100', 'h200', 'b200'),
  zone: fc.constantFrom('a', 'a', 'b'),
  domain: fc.constantFrom(undefined, 'd', 'e'),
  replicas: fc.integer({ min: 1, max: 3 }),
  maxSequences: fc.integer({ min: 1, max: 20 }),
  stepTokenBudget: fc.integer({ min: 32, max: 2048 }),
  // little memory makes preemption and eviction likely
  kvBlocks: fc.oneof(fc.integer({ min: 12, max: 80 }), fc.integer({ min: 80, max: 600 })),
  queueLimit: fc.integer({ min: 1, max: 30 }),
  picker: fc.constantFrom(...(['round-robin', 'least-outstanding', 'power-of-two', 'prefix-affinity'] as const)),
  prefixCache: fc.constantFrom(undefined, undefined, false),
})

const anyArrivals = fc.oneof(
  fc
    .record({ rate: fc.double({ min: 0.5, max: 60, noNaN: true }), cv: fc.double({ min: 0.3, max: 2, noNaN: true }) })
    .map(({ rate, cv }): Workload['arrivals'] => ({ kind: 'gamma', cv, stages: [{ duration: 4, rate }] })),
  fc
    .record({ concurrency: fc.integer({ min: 1, max: 12 }), requests: fc.integer({ min: 1, max: 80 }) })
    .map((loop): Workload['arrivals'] => ({ kind: 'closed', ...loop })),
)

const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined })

const anyWorkload = fc.record({
  arrivals: anyArrivals,
  prompt: fc.integer({ min: 1, max: 700 }),
  output: fc.integer({ min: 1, max: 120 }),
  cv: fc.double({ min: 0.3, max: 1.5, noNaN: true }),
  priority: fc.constantFrom(undefined, 0, 1, -1),
  timeout: maybe(fc.double({ min: 0.01, max: 3, noNaN: true })),
  abandonment: maybe(fc.double({ min: 0.05, max: 0.6, noNaN: true })),
  sharedPrefix: maybe(fc.record({ groups: fc.integer({ min: 1, max: 3 }), tokens: fc.integer({ min: 1, max: 600 }) })),
  sessions: maybe(fc.record({ users: fc.integer({ min: 1, max: 12 }), turns: fc.integer({ min: 1, max: 5 }) })),
  cohorts: fc.boolean(),
  spill: fc.boolean(),
  // weights of routes over each pair of pools, those across zones left out
  weights: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 16, maxLength: 16 }),
})

/**
 * Two to four small pools in two zones under one to three workloads: shared prefixes, sessions, priorities, timeouts,
 * clients that leave, spill, closed loops, cohorts and queries, each on or off; prefill and decode together and apart.
 */
export const anyFullFleet: fc.Arbitrary<Fleet> = fc
  .record({
    pools: fc.array(anyPool, { minLength: 2, maxLength: 4 }),
    workloads: fc.array(anyWorkload, { minLength: 1, maxLength: 3 }),
    queries: maybe(
      fc.record({ arrivals: anyArrivals, timeout: maybe(fc.double({ min: 0.001, max: 0.02, noNaN: true })) }),
    ),
    tick: fc.constantFrom(0.05, 0.005),
  })
  .map(({ pools, workloads, queries, tick }) => {
    const named = pools.map((overrides, i) =>
      pool(`p${i}`, { ...overrides, domain: overrides.domain && overrides.zone + overrides.domain }),
    )
    const routing: Routing = Object.fromEntries(workloads.map(({ weights }, i) => [`w${i}`, routesOf(named, weights)]))
    const ranking = { model: 'dlrm', precision: 'bf16' } as const
    return {
      ...fleet(
        queries ? [...named, pool('ranks', { ...ranking, maxSequences: 4, replicas: 2, queueLimit: 6 })] : named,
        [
          ...workloads.map(({ prompt, output, cv, cohorts, weights: _, ...rest }, i) =>
            workload(`w${i}`, {
              ...rest,
              ...(cohorts ? { cohorts: [1.3, 2.6] } : {}),
              promptTokens: { kind: 'lognormal', mean: prompt, cv },
              outputTokens: { kind: 'lognormal', mean: output, cv },
              objectives: { ttft: 0.5, tpot: 0.02 },
            }),
          ),
          ...(queries ? [workload('queries', { model: 'dlrm', kind: 'single-shot', ...queries })] : []),
        ],
        routing,
      ),
      tick,
    }
  })

/** Routes over each pair of pools of a zone by weights, first pool alone where all are 0. */
export function routesOf(pools: readonly Pool[], weights: readonly number[]): Routing[string] {
  const pairs = pools.flatMap((prefill, i) =>
    pools.map((decode, j) => ({
      prefill: prefill.id,
      decode: decode.id,
      share: prefill.zone === decode.zone ? (weights[i * pools.length + j] ?? 0) : 0,
    })),
  )
  const sum = pairs.reduce((total, { share }) => total + share, 0)
  const first = pools[0]?.id ?? ''
  if (sum === 0) return [{ prefill: first, decode: first, share: 1 }]
  return pairs.filter(({ share }) => share > 0).map(route => ({ ...route, share: route.share / sum }))
}
