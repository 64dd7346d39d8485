import { expect, test } from 'vitest'
import {
  advance,
  createSimulation,
  summariseWorkload,
  takeFrame,
  type Fleet,
  type Pool,
  type Simulation,
  type Workload,
} from '../../simulation/index'
import { setReal, STEPS } from '../../simulation/serving/replicas'
import { fleet, pool, workload } from '../support/fleets'
import { summarise } from '../support/summaries'

function run(ofFleet: Fleet, seconds: number): Simulation {
  const simulation = createSimulation({ fleet: ofFleet, seed: 1 })
  advance(simulation, seconds)
  return simulation
}

/** Figures of a whole run. */
function summaryOf(simulation: Simulation): ReturnType<typeof summarise> {
  return summarise(simulation)
}

/** One request at 1 s, with lengths of its own. */
function oneRequest(prompt: number, output: number): Workload {
  return workload('w', {
    arrivals: { kind: 'constant', stages: [{ duration: 1.5, rate: 1 }] },
    promptTokens: { kind: 'fixed', value: prompt },
    outputTokens: { kind: 'fixed', value: output },
  })
}

/** A pool that ranks, and queries that come evenly for ten seconds. */
function ranking(rate: number, overrides: Partial<Pool> = {}): Fleet {
  const queries = workload('w', {
    model: 'dlrm',
    kind: 'single-shot',
    arrivals: { kind: 'constant', stages: [{ duration: 10, rate }] },
    promptTokens: { kind: 'fixed', value: 1 },
    outputTokens: { kind: 'fixed', value: 1 },
  })
  return fleet([pool('p', { model: 'dlrm', precision: 'bf16', ...overrides })], [queries])
}

const stepsOf = ({ fleet: { telemetry } }: Simulation) => telemetry.pool.steps[0]

test('a prompt over the step budget is prefilled in chunks, one a step', () => {
  const simulation = run(fleet([pool('p', { stepTokenBudget: 1000 })], [oneRequest(3500, 1)]), 5)
  expect(stepsOf(simulation)).toBe(4)
  expect(takeFrame(simulation, 1).totals).toMatchObject({ finished: 1, promptTokens: 3500, outputTokens: 1 })
})

test('one request takes a step for its prompt and one for each further token', () => {
  expect(stepsOf(run(fleet([pool('p')], [oneRequest(500, 40)]), 5))).toBe(40)
})

test('a lone query waits for company until the delay is over, and is then run alone', () => {
  const simulation = run(ranking(10), 12)
  const { requests, e2e } = summaryOf(simulation).workloads.w ?? {}
  expect(stepsOf(simulation)).toBe(requests?.finished)
  const { stepTime } = summaryOf(simulation).pools.p ?? {}
  expect((e2e?.mean ?? 0) - (stepTime?.mean ?? 0)).toBeGreaterThan(0.0015)
  expect((e2e?.mean ?? 0) - (stepTime?.mean ?? 0)).toBeLessThan(0.0025)
})

test('a full batch does not wait for the delay', () => {
  const simulation = run(ranking(4000, { maxSequences: 4 }), 12)
  const finished = summaryOf(simulation).workloads.w?.requests.finished ?? 0
  // four come within a millisecond, half the delay
  expect(finished / (stepsOf(simulation) ?? 0)).toBeCloseTo(4, 1)
})

test('a replica that has done two thousand million steps works on as a new one', () => {
  const ofFleet = fleet([pool('p', { replicas: 2 })], [workload('w')])
  const old = createSimulation({ fleet: ofFleet, seed: 1 })
  for (const replica of [0, 1]) setReal(old.fleet.replicas, STEPS, replica, 2 ** 31 - 100)
  advance(old, 20)
  expect(takeFrame(old, 1)).toEqual(takeFrame(run(ofFleet, 20), 1))
})

test('a summary tells what a cohort met, and what a pool did since an earlier state', () => {
  const ofFleet = fleet([pool('p')], [workload('w', { objectives: { e2e: 1000 }, cohorts: [20] })])
  const simulation = run(ofFleet, 20)
  const warm = structuredClone(simulation)
  advance(simulation, 60)
  const [before, after] = [takeFrame(warm, 1).totals, takeFrame(simulation, 2).totals]
  const { workloads, pools } = summarise(simulation, warm)
  const { requests, ttft, tpot, e2e, attainment } = workloads.w ?? {}
  expect(requests?.arrived).toBe(after.arrived)
  const cohort = summariseWorkload(simulation, 0, [1], 40)
  expect(cohort.requests.arrived).toBe(after.arrived - before.arrived)
  expect(cohort.requests.inFlight).toBe(after.running + after.waiting)
  expect(cohort.goodput).toBeCloseTo(cohort.requests.finished / 40, 9)
  expect(attainment).toBe(1)
  expect(pools.p?.outputTokensPerSecond).toBeCloseTo((after.outputTokens - before.outputTokens) / 40, 9)
  expect(pools.p?.power).toBeCloseTo((after.energy - before.energy) / 40, 6)
  // with 100 output tokens there are 99 gaps after the first
  expect((e2e?.mean ?? 0) / ((ttft?.mean ?? 0) + 99 * (tpot?.mean ?? 0))).toBeCloseTo(1, 1)
})
