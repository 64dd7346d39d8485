import { describe, expect, test } from 'vitest'
import { checkpointTime, loadTime, storage } from '../../simulation/catalog/storage'
import {
  advance,
  checkDrain,
  checkReprovision,
  createSimulation,
  drain,
  fork,
  inject,
  isDrained,
  models,
  reprovision,
  resume,
  setRouting,
  stop,
  takeFrame,
  whole,
  type Fleet,
  type Frame,
  type Simulation,
} from '../../simulation/index'
import { STEPS, real } from '../../simulation/serving/replicas'
import { burst, fleet, lengths, loop, pool, poisson, routes, workload } from '../support/fleets'
import { faultsOf } from '../support/recount'
import { realsOf } from '../support/replica-fields'
import { summarise } from '../support/summaries'

function start(ofFleet: Fleet, seconds = 0): Simulation {
  const simulation = createSimulation({ fleet: ofFleet, seed: 1 })
  advance(simulation, seconds)
  return simulation
}

function later(simulation: Simulation, seconds: number): Frame {
  advance(simulation, simulation.ticks / simulation.ticksPerSecond + seconds)
  expect(faultsOf(simulation)).toEqual([])
  return takeFrame(simulation, 1)
}

const arrived = (simulation: Simulation): number[] => Array.from(simulation.fleet.telemetry.flow.arrived)
const outstanding = (simulation: Simulation): number[] => Array.from(simulation.fleet.replicas.outstanding)

describe('draining', () => {
  const three = fleet(
    [pool('a'), pool('b'), pool('c')],
    [workload('w', { arrivals: poisson(40), ...lengths(200, 400) })],
    { w: routes({ a: 0.5, b: 0.3, c: 0.2 }) },
  )

  test('a pool takes no new requests, finishes those it has, and the others share what it would have had', () => {
    const simulation = start(three, 5)
    const before = arrived(simulation)
    drain(simulation, { pool: 'a' })
    expect(isDrained(simulation, { pool: 'a' })).toBe(true)
    expect(outstanding(simulation)[0]).toBeGreaterThan(0)
    const { totals } = later(simulation, 30)
    const [a = 0, b = 0, c = 0] = arrived(simulation).map((count, flow) => count - (before[flow] ?? 0))
    expect(a).toBe(0)
    expect(Math.abs(b - 0.6 * (b + c))).toBeLessThanOrEqual(1)
    expect(outstanding(simulation)[0]).toBe(0)
    expect(totals.rejected + totals.cancelled).toBe(0)
    expect(simulation.fleet.telemetry.flow.forwarded[0]).toBe(0)
  })

  test('a pool that resumes has its share again', () => {
    const simulation = start(three, 5)
    drain(simulation, { pool: 'a' })
    later(simulation, 5)
    expect(resume(simulation, { pool: 'a' })).toBe(true)
    expect(resume(simulation, { pool: 'a' })).toBe(false)
    const before = arrived(simulation)
    later(simulation, 20)
    const grown = arrived(simulation).map((count, flow) => count - (before[flow] ?? 0))
    const sum = grown.reduce((total, count) => total + count, 0)
    expect(Math.abs((grown[0] ?? 0) - 0.5 * sum)).toBeLessThanOrEqual(1)
  })

  test('stays in force when the routing changes', () => {
    const simulation = start(three, 5)
    drain(simulation, { pool: 'a' })
    const before = arrived(simulation)
    setRouting(simulation, { w: routes({ a: 0.8, b: 0.1, c: 0.1 }) }, 2)
    later(simulation, 10)
    const [a = 0, b = 0, c = 0] = arrived(simulation).map((count, flow) => count - (before[flow] ?? 0))
    expect(a).toBe(0)
    expect(Math.abs(b - c)).toBeLessThanOrEqual(2)
  })

  test.each(['round-robin', 'least-outstanding', 'power-of-two', 'prefix-affinity'] as const)(
    'one replica leaves the others of its pool to a picker of %s',
    picker => {
      const simulation = start(
        fleet([pool('p', { replicas: 3, picker })], [workload('w', { arrivals: poisson(30) })]),
        5,
      )
      drain(simulation, { pool: 'p', replica: 1 })
      const steps = (): number[] => realsOf(simulation.fleet.replicas, STEPS)
      later(simulation, 10)
      const before = steps()
      expect(outstanding(simulation)[1]).toBe(0)
      later(simulation, 10)
      const worked = steps().map((count, i) => count > (before[i] ?? 0))
      expect(worked).toEqual([true, false, true])
      resume(simulation, { pool: 'p', replica: 1 })
      later(simulation, 5)
      expect(real(simulation.fleet.replicas, STEPS, 1)).toBeGreaterThan(before[1] ?? 0)
    },
  )

  test('of a decode pool lets requests that are prefilled for it finish there', () => {
    const apart = fleet([pool('p'), pool('q'), pool('r')], [workload('w', { arrivals: burst(20, 10) })], {
      w: [
        { prefill: 'p', decode: 'q', share: 0.5 },
        { prefill: 'p', decode: 'r', share: 0.5 },
      ],
    })
    const simulation = start(apart, 5)
    drain(simulation, { pool: 'q' })
    const { totals } = later(simulation, 30)
    expect(totals.finished).toBe(totals.arrived)
  })

  test('a pool that is stopped has nothing left at once, loses no request, and loads its weights before it serves again', () => {
    const simulation = start(three, 5)
    const had = outstanding(simulation)[0] ?? 0
    stop(simulation, { pool: 'a' })
    expect(had).toBeGreaterThan(0)
    expect(outstanding(simulation)[0]).toBe(0)
    const stopped = later(simulation, 10)
    expect([stopped.pools.drained[0], stopped.pools.available[0]]).toEqual([1, 0])
    expect(stopped.totals.rejected + stopped.totals.cancelled).toBe(0)
    resume(simulation, { pool: 'a' })
    const before = arrived(simulation)
    const loading = later(simulation, 1)
    expect([loading.pools.drained[0], loading.pools.available[0]]).toEqual([0, 0])
    const back = later(simulation, 120)
    expect(back.pools.available[0]).toBe(1)
    expect((arrived(simulation)[0] ?? 0) - (before[0] ?? 0)).toBeGreaterThan(1000)
    expect(back.totals.rejected).toBe(0)
  })

  test('a drained pool is stopped before it has finished, and a fork of it stays so', () => {
    const simulation = start(three, 5)
    drain(simulation, { pool: 'a' })
    expect(outstanding(simulation)[0]).toBeGreaterThan(0)
    stop(simulation, { pool: 'a' })
    expect(outstanding(simulation)[0]).toBe(0)
    const future = fork(simulation, { ...whole, routing: {}, seed: 3 })
    const { pools } = later(future, 10)
    expect([pools.drained[0], pools.running[0]]).toEqual([1, 0])
    expect(resume(simulation, { pool: 'a' })).toBe(true)
  })

  test('is refused where a workload would have no route left', () => {
    const simulation = start(three)
    drain(simulation, { pool: 'a' })
    drain(simulation, { pool: 'b' })
    expect(checkDrain(simulation, { pool: 'c' })).toEqual({
      field: 'pool',
      value: 'c',
      expected: 'another open route for w: all that it has lead here',
    })
    expect(checkDrain(simulation, { pool: 'c', replica: 0 })).toMatchObject({ field: 'pool', value: 'c' })
    expect(() => drain(simulation, { pool: 'c' })).toThrow('another open route')
    expect(checkDrain(simulation, { pool: 'x' })).toMatchObject({ field: 'pool', value: 'x' })
    expect(checkDrain(simulation, { pool: 'c', replica: 1 })).toMatchObject({ field: 'replica', value: 1 })
  })
})

describe('re-provisioning', () => {
  /** Eight chips for Llama 8B, of which some may serve Qwen3 14B, that has one replica. */
  const two = (rate: number): Fleet =>
    fleet(
      [pool('llama', { replicas: 4 }), pool('qwen', { replicas: 1, capacity: 4, model: 'qwen3-14b' })],
      [
        workload('l', { arrivals: poisson(rate), ...lengths(500, 200) }),
        workload('q', { model: 'qwen3-14b', arrivals: poisson(rate), ...lengths(500, 200) }),
      ],
    )
  const loading = loadTime(14.77e9, 1)

  test('gives replicas to another model: they finish what they have, load its weights and serve it', () => {
    const simulation = start(two(10), 5)
    reprovision(simulation, { from: 'llama', to: 'qwen', replicas: 2, grace: 10 })
    const before = later(simulation, 9)
    expect(outstanding(simulation).slice(2, 4)).toEqual([0, 0])
    expect(before.pools.available).toEqual([1, 1])
    const during = later(simulation, 2)
    expect(simulation.fleet.pools.map(({ replicas }) => replicas)).toEqual([2, 3])
    expect(during.pools.available).toEqual([1, 0.3333])
    expect(later(simulation, loading - 1.5).pools.available[1]).toBe(0.3333)
    expect(later(simulation, 1).pools.available).toEqual([1, 1])
    const { totals } = later(simulation, 20)
    // the replicas of the second pool lie behind the four of the first
    expect(
      outstanding(simulation)
        .slice(4, 7)
        .every(count => count > 0),
    ).toBe(true)
    expect(totals.rejected).toBe(0)
    expect(simulation.fleet.telemetry.flow.forwarded.every(count => count === 0)).toBe(true)
  })

  test('moves the cost of the chips with them', () => {
    const simulation = start(two(10), 20)
    const [llama = 0, qwen = 0] = takeFrame(simulation, 1).pools.heldCost.map(Number)
    reprovision(simulation, { from: 'llama', to: 'qwen', replicas: 2, grace: 0 })
    const moved = later(simulation, 30)
    expect(moved.pools.heldCost[0]).toBeCloseTo(llama / 2, 6)
    expect(moved.pools.heldCost[1]).toBeCloseTo(qwen * 3, 6)
    // 20 s and 30 s
    expect(summarise(simulation).pools.llama?.heldCost).toBeCloseTo(llama * 20 + (llama / 2) * 30, 3)
  })

  test('sends what is not finished when the grace is over to the replicas that stay', () => {
    const long = {
      ...two(10),
      workloads: [workload('l', { arrivals: loop(40), ...lengths(100, 3000) }), ...two(0.1).workloads.slice(1)],
    }
    const simulation = start(long, 5)
    reprovision(simulation, { from: 'llama', to: 'qwen', replicas: 3, grace: 1 })
    later(simulation, 2)
    expect(outstanding(simulation).slice(0, 4)).toEqual([40, 0, 0, 0])
    const { totals } = later(simulation, 60)
    expect(totals).toMatchObject({ rejected: 0 })
    expect(simulation.fleet.telemetry.flow.finished[0]).toBe(40)
  })

  test('there and back leaves the fleet as it was', () => {
    const simulation = start(two(10), 5)
    reprovision(simulation, { from: 'llama', to: 'qwen', replicas: 2 })
    later(simulation, storage.grace.value + loading + 5)
    reprovision(simulation, { from: 'qwen', to: 'llama', replicas: 2 })
    const { pools, totals } = later(simulation, storage.grace.value + 30)
    expect(simulation.fleet.pools.map(({ replicas }) => replicas)).toEqual([4, 1])
    expect(pools.available).toEqual([1, 1])
    expect(totals.rejected).toBe(0)
    expect(
      outstanding(simulation)
        .slice(0, 4)
        .every(count => count > 0),
    ).toBe(true)
  })

  test('opens the routes to a pool that had no replica, once one has its weights', () => {
    const empty = fleet(
      [pool('a', { replicas: 2 }), pool('b', { replicas: 0, capacity: 2 })],
      [workload('w', { arrivals: poisson(20) })],
    )
    const simulation = start(empty, 5)
    expect(arrived(simulation)[1]).toBe(0)
    reprovision(simulation, { from: 'a', to: 'b', replicas: 1, grace: 0 })
    later(simulation, loadTime(8.03e9, 1) - 0.1)
    expect(arrived(simulation)[1]).toBe(0)
    later(simulation, 5)
    expect(arrived(simulation)[1]).toBeGreaterThan(20)
  })

  test('is refused with the reason where it cannot be', () => {
    const mixed = fleet(
      [
        pool('a', { replicas: 3 }),
        pool('b', { capacity: 2, tensorParallel: 2 }),
        pool('c', { chip: 'h200', capacity: 9 }),
        pool('d', { zone: 'y', capacity: 9 }),
        pool('e', { model: 'qwen3-14b', capacity: 2 }),
      ],
      [workload('w')],
      { w: routes({ a: 1 }) },
    )
    const simulation = start(mixed)
    const refused = (from: string, to: string, replicas: number, grace?: number) =>
      checkReprovision(simulation, { from, to, replicas, ...(grace === undefined ? {} : { grace }) })
    expect(refused('x', 'a', 1)).toMatchObject({ field: 'from', value: 'x' })
    expect(refused('a', 'a', 1)).toMatchObject({ field: 'to', value: 'a' })
    expect(refused('a', 'c', 1)).toMatchObject({ field: 'to', expected: 'a pool on h100: chips stay what they are' })
    expect(refused('a', 'd', 1)).toMatchObject({ field: 'to', expected: 'a pool in zone z: chips stay where they are' })
    expect(refused('a', 'b', 1)).toMatchObject({ field: 'replicas', value: 1 })
    expect(refused('a', 'b', 4)).toMatchObject({ field: 'replicas', value: 4 })
    expect(refused('a', 'e', 2)).toMatchObject({ field: 'replicas', expected: 'no more than e has room for: 1' })
    expect(refused('a', 'e', 1, -1)).toMatchObject({ field: 'grace', value: -1 })
    expect(refused('a', 'b', 2)).toBeNull()
    inject(simulation, { id: 'f', kind: 'chip-loss', pool: 'a', replica: 2 })
    expect(refused('a', 'e', 1)).toMatchObject({
      field: 'replicas',
      expected: expect.stringContaining('lost') as string,
    })
    // the workload has no route but this one
    const last = start({ ...mixed, pools: mixed.pools.map(each => ({ ...each, replicas: 1 })) })
    expect(checkReprovision(last, { from: 'a', to: 'e', replicas: 1 })).toMatchObject({ field: 'pool', value: 'a' })
  })
})

describe('a training job', () => {
  const training = (checkpointEvery: number): Fleet =>
    fleet(
      [
        pool('train', { replicas: 4, tensorParallel: 8, precision: 'bf16', role: 'training' }),
        pool('serve', { replicas: 1, capacity: 5, tensorParallel: 8 }),
      ],
      [
        workload('job', { kind: 'training', arrivals: null, checkpointEvery }),
        workload('w', { arrivals: poisson(10) }),
      ],
      { job: routes({ train: 1 }), w: routes({ serve: 1 }) },
    )
  const counted = (simulation: Simulation): { trained: number; lost: number } => {
    const { trainedTokens, lostTokens } = simulation.fleet.telemetry.flow
    return { trained: trainedTokens[0] ?? 0, lost: lostTokens[0] ?? 0 }
  }
  const speed = (simulation: Simulation): number => {
    const serving = simulation.fleet.pools[0]?.serving
    return serving?.kind === 'training' ? serving.tokensPerSecond : 0
  }
  const parameters = models['llama-3.1-8b']?.parameters ?? 0
  /** Time that 32 chips, or 16, write or read the state of the job [s]. */
  const saving = checkpointTime(parameters, 32)

  test('makes progress but for the time of its checkpoints', () => {
    const simulation = start(training(60), 300)
    const cycle = 60 + saving
    const whole = Math.floor(300 / cycle)
    const worked = whole * 60 + Math.min(60, 300 - whole * cycle)
    expect(saving).toBeGreaterThan(20)
    expect(counted(simulation).trained / (4 * speed(simulation) * worked)).toBeCloseTo(1, 9)
    expect(counted(simulation).lost).toBe(0)
  })

  test('yields replicas after a checkpoint: nothing is lost, and it goes on with the others', () => {
    const simulation = start(training(1e6), 100)
    reprovision(simulation, { from: 'train', to: 'serve', replicas: 2 })
    later(simulation, saving + 1)
    expect(simulation.fleet.pools.map(({ replicas }) => replicas)).toEqual([2, 3])
    expect(counted(simulation).trained / speed(simulation)).toBeCloseTo(400, 6)
    expect(counted(simulation).lost).toBe(0)
    // two replicas read the checkpoint, in twice the time
    const [working, end] = [100 + 3 * saving, Math.ceil(110 + 3 * saving)]
    advance(simulation, end)
    expect(counted(simulation).trained / speed(simulation)).toBeCloseTo(400 + 2 * (end - working), 6)
    expect(later(simulation, 1).pools.available).toEqual([1, 1])
  })

  test('yields replicas at once where it must, and loses what it has not saved', () => {
    const simulation = start(training(1e6), 100)
    reprovision(simulation, { from: 'train', to: 'serve', replicas: 2, saves: false })
    later(simulation, 1)
    expect(simulation.fleet.pools.map(({ replicas }) => replicas)).toEqual([2, 3])
    const { trained, lost } = counted(simulation)
    expect(lost).toBe(trained)
    expect(takeFrame(simulation, 1).workloads.lostTokens[0]).toBeGreaterThan(0)
  })

  test('has them back after a checkpoint, and reads it with all', () => {
    const simulation = start(training(1e6), 10)
    reprovision(simulation, { from: 'train', to: 'serve', replicas: 2, saves: false })
    later(simulation, 200)
    const before = counted(simulation).trained
    reprovision(simulation, { from: 'serve', to: 'train', replicas: 2, grace: 5 })
    const until = 5 + 2 * saving + saving
    // tokens are counted at whole seconds
    later(simulation, Math.ceil(until))
    expect(simulation.fleet.pools.map(({ replicas }) => replicas)).toEqual([4, 1])
    const back = counted(simulation).trained
    expect((back - before) / speed(simulation)).toBeCloseTo(2 * 5 + 4 * (Math.ceil(until) - until), 6)
    later(simulation, 10)
    expect((counted(simulation).trained - back) / speed(simulation)).toBeCloseTo(4 * 10, 6)
    expect(counted(simulation).lost).toBeCloseTo(40 * speed(simulation), 0)
  })

  test('loses what it has not saved with a chip, and goes on without it', () => {
    const simulation = start(training(1e6), 50)
    inject(simulation, { id: 'f', kind: 'chip-loss', pool: 'train', replica: 3, duration: 1000 })
    const { trained, lost } = counted(simulation)
    expect(trained / speed(simulation)).toBeCloseTo(200, 6)
    expect(lost).toBe(trained)
    const working = 50 + checkpointTime(parameters, 24)
    const end = Math.ceil(working + 10)
    advance(simulation, end)
    expect((counted(simulation).trained - trained) / speed(simulation)).toBeCloseTo(3 * (end - working), 6)
  })

  test('goes at the pace of its slowest replica', () => {
    const simulation = start(training(1e6), 10)
    const before = counted(simulation).trained
    inject(simulation, { id: 'f', kind: 'throttling', pool: 'train', replica: 0, clock: 0.5 })
    later(simulation, 10)
    expect((counted(simulation).trained - before) / before).toBeCloseTo(0.5, 6)
  })

  test('is not drained like a pool that takes requests', () => {
    expect(checkDrain(start(training(60)), { pool: 'train' })).toMatchObject({ field: 'pool', value: 'train' })
  })
})
