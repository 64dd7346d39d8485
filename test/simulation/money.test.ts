import fc from 'fast-check'
import { expect, test } from 'vitest'
import { economics, prices } from '../../simulation/catalog/prices'
import { advance, createSimulation, takeFrame, viewFleet, type Fleet, type Simulation } from '../../simulation/index'
import { HOUR, MILLION } from '../../simulation/units'
import { fleet, poisson, pool, routes, workload } from '../support/fleets'
import { summarise } from '../support/summaries'

function run(ofFleet: Fleet, seconds: number, seed = 1): Simulation {
  const simulation = createSimulation({ fleet: ofFleet, seed })
  advance(simulation, seconds)
  return simulation
}

const perToken = { promptToken: 1e-6, outputToken: 3e-6 }

/** A chip with a price, one with only a list price and no power figure, and one with neither. */
const mixed = fleet(
  [
    pool('priced', { replicas: 2 }),
    pool('listed', { chip: 'trainium1', engine: 'neuron', precision: 'bf16', tensorParallel: 4 }),
    pool('unknown', { chip: 'groq-lpu-v1', engine: 'groq', precision: 'int8', tensorParallel: 64 }),
  ],
  [workload('paid', { arrivals: poisson(20), price: perToken }), workload('free', { arrivals: poisson(5) })],
)

const anyFleet = fc
  .record({
    rates: fc.array(fc.double({ min: 0.1, max: 80, noNaN: true }), { minLength: 1, maxLength: 3 }),
    replicas: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
    chips: fc.constantFrom(['h100', 'b200', 'trainium1'], ['b300', 'trainium1', 'h200']),
    pricing: fc.constantFrom('ownership' as const, 'list' as const),
  })
  .map(({ rates, replicas, chips, pricing }) => ({
    ...fleet(
      replicas.map((count, i) => {
        const chip = chips[i] ?? 'h100'
        const neuron = chip === 'trainium1' ? { engine: 'neuron' as const, precision: 'bf16' as const } : {}
        return pool(`p${i}`, { chip, replicas: count, ...neuron, tensorParallel: chip === 'trainium1' ? 4 : 1 })
      }),
      rates.map((rate, i) => workload(`w${i}`, { arrivals: poisson(rate), price: i === 0 ? perToken : {} })),
    ),
    pricing,
  }))

test('held cost is used cost and idle cost, of every pool, and workloads use what pools are used', () => {
  fc.assert(
    fc.property(anyFleet, fc.integer({ min: 0, max: 1e6 }), (ofFleet, seed) => {
      const simulation = run(ofFleet, 10, seed)
      const { pools, workloads } = summarise(simulation)
      for (const { heldCost, usedCost, idleCost } of Object.values(pools)) {
        if (heldCost === null) expect([usedCost, idleCost]).toEqual([null, null])
        else expect(near((usedCost ?? 0) + (idleCost ?? 0), heldCost)).toBe(true)
        expect(idleCost ?? 0).toBeGreaterThanOrEqual(-1e-12)
      }
      const used = (rows: { usedCost: number | null }[]) => rows.reduce((sum, row) => sum + (row.usedCost ?? 0), 0)
      expect(near(used(Object.values(workloads)), used(Object.values(pools)))).toBe(true)

      const frame = takeFrame(simulation, 1)
      for (const { heldCost, usedCost, idleCost } of [frame.fleet, ...rowsOf(frame.pools), ...rowsOf(frame.families)])
        expect(Math.abs((usedCost ?? 0) + (idleCost ?? 0) - (heldCost ?? 0))).toBeLessThanOrEqual(
          1e-3 * (heldCost ?? 0),
        )
    }),
    { numRuns: 25 },
  )
})

test('energy is power integrated, carbon is energy by the grid, and parts add up to the whole', () => {
  fc.assert(
    fc.property(anyFleet, fc.integer({ min: 0, max: 1e6 }), (ofFleet, seed) => {
      const simulation = run(ofFleet, 12, seed)
      const { fleet: all, totals, workloads, pools, window } = takeFrame(simulation, 1)
      expect((all.power ?? 0) * window).toBeCloseTo(totals.energy, -3)
      expect(near(totals.carbon, totals.energy * economics.carbon.value, 1e-9)).toBe(true)
      for (const metric of ['power', 'carbon'] as const) {
        const whole = all[metric] ?? 0
        expect(near(sum(pools[metric]), whole, 2e-3)).toBe(true)
        const idle = (metric === 'power' ? all.idlePower : all.idleCarbon) ?? 0
        expect(near(sum(workloads[metric]) + idle, whole, 2e-3)).toBe(true)
      }
      const energy = Object.values(summarise(simulation).workloads).reduce((total, row) => total + (row.energy ?? 0), 0)
      expect(energy).toBeLessThanOrEqual(totals.energy * (1 + 1e-9))
    }),
    { numRuns: 25 },
  )
})

test('a pool emits what the grid of its zone does, and a screen can say which', () => {
  const pools = [pool('a', { zone: 'east-1' }), pool('b', { zone: 'east-2' }), pool('c')]
  const three = fleet(pools, [workload('w')])
  const view = viewFleet(three)
  const frame = takeFrame(run(three, 10), 1)
  const intensity = frame.pools.carbon.map((carbon, i) => (carbon ?? 0) / (frame.pools.power[i] ?? 0))
  intensity.forEach((grams, i) => expect(near(grams, view.pools[i]?.gridCarbon.value ?? 0, 2e-3)).toBe(true))
  expect(intensity[0]).not.toBeCloseTo(intensity[1] ?? 0, 6)
  expect(view.pools[2]?.gridCarbon.source).toContain('US grid')
  expect(near(sum(frame.pools.carbon), frame.fleet.carbon ?? 0, 2e-3)).toBe(true)
})

test('a pool that serves nothing is idle: its cost and its energy are nobody’s', () => {
  const quiet = fleet([pool('p')], [workload('w', { arrivals: poisson(1e-9) })])
  const { fleet: all, workloads } = takeFrame(run(quiet, 10), 1)
  expect(all.idleCost).toBe(all.heldCost)
  expect(all.idlePower).toBe(all.power)
  expect([workloads.usedCost[0], workloads.power[0], workloads.carbon[0]]).toEqual([0, 0, 0])
})

test('a request draws about the same on a quiet pool as on one with many idle replicas', () => {
  const energyOf = (replicas: number): number => {
    const one = fleet(
      [pool('p', { replicas, picker: 'least-outstanding' })],
      [workload('w', { arrivals: poisson(0.5) })],
    )
    return summarise(run(one, 200)).workloads.w?.energyPerRequest ?? 0
  }
  expect(energyOf(8) / energyOf(2)).toBeCloseTo(1, 1)
})

test('twice the replicas hold twice the cost, and the bill does not depend on the routing', () => {
  const held = (replicas: number, share: number): number => {
    const pools = [pool('a', { replicas }), pool('b', { replicas })]
    const two = fleet(pools, [workload('w')], { w: routes({ a: share, b: 1 - share }) })
    return takeFrame(run(two, 5), 1).fleet.heldCost ?? 0
  }
  expect(held(2, 0.5)).toBeCloseTo(2 * held(1, 0.5), 5)
  expect(held(2, 0.9)).toBe(held(2, 0.1))
})

test('the list price of a cloud can be taken instead of the cost of owning, where there is one', () => {
  const listed: Fleet = { ...mixed, pricing: 'list' }
  const [owning, renting] = [mixed, listed].map(ofFleet => takeFrame(run(ofFleet, 10), 1).pools)
  expect(viewFleet(mixed).pricing).toBe('ownership')
  expect(viewFleet(listed).pools.map(({ chipHour }) => chipHour?.basis)).toEqual([
    'list price',
    'list price',
    undefined,
  ])
  expect(renting?.heldCost[0]).toBeCloseTo((2 * (prices.h100?.list?.value ?? 0)) / HOUR, 6)
  expect(owning?.heldCost[0]).toBeLessThan(renting?.heldCost[0] ?? 0)
  expect([owning?.heldCost[1], renting?.heldCost[2]]).toEqual([null, null])
  expect(renting?.heldCost[1]).toBeCloseTo((4 * (prices.trainium1?.list?.value ?? 0)) / HOUR, 6)
})

test('what is not public is unknown, never nothing; the fleet says how much of it is covered', () => {
  const frame = takeFrame(run(mixed, 15), 1)
  expect(frame.pools.heldCost.map(cost => cost !== null)).toEqual([true, false, false])
  expect(frame.fleet.costCoverage).toBeGreaterThan(0)
  expect(frame.fleet.costCoverage).toBeLessThan(1)
  const [power, carbon] = [frame.pools.power, frame.pools.carbon]
  expect(carbon.map(figure => figure === null)).toEqual(power.map(figure => figure === null))
  expect(power[1]).toBeNull()
})

test('margin is what the tenant pays less what its time cost, of the pools whose price is known', () => {
  const one = fleet([pool('p')], [workload('paid', { arrivals: poisson(20), price: perToken }), workload('free')])
  const { workloads } = takeFrame(run(one, 15), 1)
  const [revenue, used, tokens] = [
    workloads.revenue[0] ?? 0,
    workloads.usedCost[0] ?? 0,
    workloads.outputTokens[0] ?? 0,
  ]
  expect(near(workloads.margin[0] ?? 0, revenue - used, 2e-3)).toBe(true)
  expect(near(workloads.marginPerMtok[0] ?? 0, ((revenue - used) / tokens) * MILLION, 2e-3)).toBe(true)
  expect([workloads.margin[1], workloads.marginPerMtok[1]]).toEqual([null, null])

  const unknown = fleet(
    [pool('p', { chip: 'groq-lpu-v1', engine: 'groq', precision: 'int8', tensorParallel: 64 })],
    [workload('paid', { price: perToken })],
  )
  expect(takeFrame(run(unknown, 10), 1).workloads.margin).toEqual([null])
})

test('a summary gives energy and carbon by request and by token, and what a token cost and earned', () => {
  const one = fleet([pool('p')], [workload('w', { arrivals: poisson(10), price: perToken })])
  const simulation = run(one, 60)
  const { w } = summarise(simulation).workloads
  if (!w) throw new Error('no summary')
  const { finished } = w.requests
  expect(near((w.energyPerRequest ?? 0) * finished, w.energy ?? 0, 1e-9)).toBe(true)
  expect(near(w.carbon ?? 0, (w.energy ?? 0) * economics.carbon.value, 1e-9)).toBe(true)
  expect(near(w.carbonPerToken ?? 0, (w.energyPerToken ?? 0) * economics.carbon.value, 1e-9)).toBe(true)
  expect(near(w.margin ?? 0, w.revenue - (w.usedCost ?? 0), 1e-9)).toBe(true)
  const tokens = simulation.fleet.telemetry.flow.outputTokens[0] ?? 0
  expect(near(w.marginPerMtok ?? 0, ((w.revenue - (w.usedCost ?? 0)) / tokens) * MILLION, 1e-9)).toBe(true)
})

test('a pool tells how many bytes of KV cache come to it from others', () => {
  const two = {
    ...fleet([pool('prefill'), pool('decode')], [workload('w')], {
      w: [{ prefill: 'prefill', decode: 'decode', share: 1 }],
    }),
    tick: 0.005,
  }
  const simulation = run(two, 15)
  const { pools } = takeFrame(simulation, 1)
  expect(pools.transferred[0]).toBe(0)
  const bytes = simulation.fleet.telemetry.pool.transferred[1] ?? 0
  expect(near((pools.transferred[1] ?? 0) * 15, bytes, 2e-3)).toBe(true)
  expect(bytes).toBeGreaterThan(0)
})

function near(figure: number, expected: number, tolerance = 1e-9): boolean {
  return Math.abs(figure - expected) <= tolerance * Math.abs(expected) + 1e-12
}

function sum(figures: readonly (number | null)[]): number {
  return figures.reduce<number>((total, figure) => total + (figure ?? 0), 0)
}

/** Columns as rows. */
function rowsOf<Metric extends string>(columns: Record<Metric, (number | null)[]>): Record<Metric, number | null>[] {
  const metrics = Object.keys(columns) as Metric[]
  const [first] = Object.values<(number | null)[]>(columns)
  return (first ?? []).map(
    (_, row) =>
      Object.fromEntries(metrics.map(metric => [metric, columns[metric][row] ?? null])) as Record<
        Metric,
        number | null
      >,
  )
}
