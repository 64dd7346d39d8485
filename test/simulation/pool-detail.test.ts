import { expect, test } from 'vitest'
import {
  advance,
  createSimulation,
  inject,
  perform,
  poolDetail,
  takeFrame,
  type DetailWish,
  type Fleet,
  type PoolDetail,
  type Simulation,
} from '../../simulation/index'
import { faultsOf } from '../support/recount'
import { fleet, lengths, pool, poisson, workload } from '../support/fleets'
import { smallFleet } from '../support/server'

const busy: Fleet = fleet(
  [pool('p', { replicas: 6 }), pool('q', { replicas: 2, chip: 'h200' })],
  [
    workload('chat', { arrivals: poisson(40), ...lengths(800, 300) }),
    workload('code', { arrivals: poisson(4), ...lengths(3000, 60) }),
  ],
)

function start(of: Fleet, seconds: number): Simulation {
  const simulation = createSimulation({ fleet: of, seed: 3 })
  advance(simulation, seconds)
  return simulation
}

function detail(simulation: Simulation, wish: Partial<DetailWish> = {}): PoolDetail {
  return poolDetail(simulation, { pool: 0, from: 0, count: 512, order: 'number', replica: null, ...wish })
}

const sum = (column: (number | null)[]): number => column.reduce<number>((total, figure) => total + (figure ?? 0), 0)

test('replicas add up to what the frame says of their pool', () => {
  const simulation = start(busy, 30.25)
  const frame = takeFrame(simulation, 1)
  for (const index of [0, 1]) {
    const { figures, replicas } = detail(simulation, { pool: index })
    expect(replicas.total).toBe(frame.pools.replicas[index])
    expect(sum(replicas.shown.running)).toBe(frame.pools.running[index])
    expect(sum(replicas.shown.waiting)).toBe(frame.pools.waiting[index])
    expect(sum(replicas.shown.running)).toBeGreaterThan(0)
    expect(sum(Object.values(replicas.conditions))).toBe(replicas.total)
    for (const [metric, column] of Object.entries(frame.pools)) expect(Reflect.get(figures, metric)).toBe(column[index])
  }
})

test('KV cache in use is what the engine counts, block by block', () => {
  const simulation = start(busy, 30)
  const { serving } = simulation.fleet.pools[0] ?? {}
  const blocks = serving?.kind === 'tokens' ? serving.kvBlocks : NaN
  const { shown } = detail(simulation).replicas
  expect(sum(shown.kvUse) * blocks).toBeCloseTo(simulation.fleet.telemetry.kv[0] ?? NaN, -1)
})

test('percentiles are those of the frame, with their samples; a p99 of few is withheld', () => {
  const simulation = start(busy, 30)
  const { pools, workloads } = takeFrame(simulation, 1)
  const { latency, workloads: parts } = detail(simulation)
  expect(latency.ttft).toMatchObject({ count: pools.ttftCount[0], p50: pools.ttftP50[0], p95: pools.ttftP95[0] })
  expect(latency.itl).toMatchObject({ p50: pools.itlP50[0], p95: pools.itlP95[0] })
  expect(latency.ttft.count).toBeGreaterThan(100)
  expect(latency.ttft.p99).toBeGreaterThanOrEqual(latency.ttft.p95 ?? Infinity)
  expect(parts.map(({ workload: index }) => index)).toEqual([0, 1])
  expect(parts.reduce((count, { ttft }) => count + ttft.count, 0)).toBe(latency.ttft.count)
  const code = parts[1]?.ttft
  expect(code?.count).toBeLessThan(workloads.ttftCount[1] ?? 0)
  expect(code).toMatchObject({ p50: expect.any(Number), p99: null })
})

test('buckets of the seconds of the window hold the samples behind the percentiles', () => {
  const simulation = start(busy, 30.5)
  const { heat, latency } = detail(simulation)
  expect(heat.ends).toEqual(Array.from({ length: 15 }, (_, second) => 16 + second))
  for (const timing of ['ttft', 'itl', 'e2e'] as const) {
    const { first, counts } = heat.times[timing]
    expect(counts).toHaveLength(15)
    expect(sum(counts.flat())).toBe(latency[timing].count)
    // the median lies in the bucket that holds the middle sample
    const totals = counts[0]?.map((_, bucket) => sum(counts.map(second => second[bucket] ?? 0))) ?? []
    let seen = 0
    const bucket = totals.findIndex(count => (seen += count) >= Math.ceil(latency[timing].count / 2))
    const lower = heat.least * Math.exp((first + bucket) * Math.log(heat.ratio))
    expect(latency[timing].p50, timing).toBeGreaterThan(lower * 0.989)
    expect(latency[timing].p50, timing).toBeLessThan(lower * heat.ratio * 1.011)
  }
})

test('a second without requests is there, and empty', () => {
  const quiet = fleet([pool('p')], [workload('w', { arrivals: poisson(0.2) })])
  const { heat, latency, replicas } = detail(start(quiet, 3))
  expect(heat.ends).toEqual([1, 2, 3])
  expect(heat.times.ttft.counts).toHaveLength(3)
  expect(latency.ttft.count).toBe(sum(heat.times.ttft.counts.flat()))
  expect(replicas.shown.condition).toHaveLength(1)
})

test('whoever looks changes nothing', () => {
  const [looked, alone] = [start(busy, 10), start(busy, 10)]
  for (let time = 10; time <= 20; time += 0.25) {
    advance(looked, time)
    detail(looked, { order: 'kv', replica: 2 })
    detail(looked, { pool: 1, order: 'queue' })
  }
  advance(alone, 20)
  expect(takeFrame(looked, 1)).toEqual(takeFrame(alone, 1))
  expect(looked.fleet.replicas).toEqual(alone.fleet.replicas)
  expect(faultsOf(looked)).toEqual([])
})

test('the condition of a replica is that of what befell it, and the worst come first', () => {
  const simulation = start(busy, 5)
  inject(simulation, { id: 'chip', kind: 'chip-loss', pool: 'p', replica: 3 })
  inject(simulation, { id: 'hang', kind: 'stuck', pool: 'p', replica: 1 })
  inject(simulation, { id: 'hot', kind: 'throttling', pool: 'p', replica: 0, clock: 0.5 })
  perform(simulation, { kind: 'drain', pool: 'p', replica: 4 })
  perform(simulation, { kind: 'stop', pool: 'p', replica: 5 })
  advance(simulation, 6)
  const { replicas } = detail(simulation, { order: 'condition' })
  expect(replicas.shown.replica).toEqual([3, 1, 5, 0, 4, 2])
  expect(replicas.shown.condition).toEqual(['lost', 'stuck', 'stopped', 'throttled', 'draining', 'serving'])
  expect(replicas.conditions).toMatchObject({ lost: 1, stuck: 1, stopped: 1, throttled: 1, draining: 1, serving: 1 })
  expect(replicas.shown.chipsLost).toEqual([1, 0, 0, 0, 0, 0])
  expect(replicas.shown.clock[3]).toBe(0.5)
  expect([replicas.shown.running[0], replicas.shown.kvUse[0], replicas.shown.stepTime[0]]).toEqual([0, 0, null])
  // repaired, it has its weights to load
  perform(simulation, { kind: 'clear', fault: 'chip' })
  expect(detail(simulation).replicas.shown.condition[3]).toBe('loading')
})

test('a chip that is repaired by itself leaves its replica loading its weights', () => {
  const simulation = start(
    { ...busy, faults: [{ id: 'f', kind: 'chip-loss', pool: 'p', replica: 0, at: 1, duration: 1 }] },
    2.1,
  )
  expect(detail(simulation).replicas.shown.condition[0]).toBe('loading')
})

test('a lost node takes the chips that lie in it from their replicas', () => {
  const wide = fleet([pool('p', { replicas: 3, tensorParallel: 4 })], [workload('w')])
  const simulation = start(wide, 2)
  inject(simulation, { id: 'f', kind: 'node-loss', pool: 'p', node: 1 })
  // nodes of eight chips: the second has the third replica, and room for one more
  expect(detail(simulation).replicas.shown).toMatchObject({
    chipsLost: [0, 0, 4],
    condition: ['serving', 'serving', 'lost'],
  })
})

test('a window shows its part of the order, and the chosen replica wherever it stands', () => {
  const simulation = start(busy, 20)
  const { waiting, running, replica, kvUse } = detail(simulation, { order: 'kv' }).replicas.shown
  expect([...kvUse].sort((a, b) => Number(b) - Number(a))).toEqual(kvUse)
  const part = detail(simulation, { order: 'kv', from: 2, count: 2, replica: replica[0] ?? null }).replicas
  expect(part.shown.replica).toEqual(replica.slice(2, 4))
  expect(part.shown.running).toEqual(running.slice(2, 4))
  expect(part.chosen.waiting).toEqual([waiting[0]])
  expect(part.place).toBe(0)
  const beyond = detail(simulation, { from: 100, replica: 6 }).replicas
  expect([beyond.shown.replica, beyond.chosen.replica, beyond.place, beyond.total]).toEqual([[], [], null, 6])
})

test('the memory of a chip holds its part of the weights, the KV cache there is room for, and what is kept free', () => {
  const simulation = start(busy, 20)
  const { memory, power, perReplica, parallel, scaleOut } = detail(simulation).chip
  expect([perReplica, parallel.tensor]).toEqual([1, 1])
  expect(memory.weights).toBeCloseTo(8.03e9, -8)
  expect(memory.reserved).toBeCloseTo(0.1 * memory.total, -3)
  const filled = (memory.weights ?? NaN) + (memory.kv ?? NaN) + memory.reserved
  expect(filled).toBeLessThanOrEqual(memory.total)
  expect(filled).toBeGreaterThan(0.999 * memory.total)
  // the power of the pool, by the chip
  expect(power.now).toBeCloseTo((takeFrame(simulation, 1).pools.power[0] ?? NaN) / 6, -1)
  expect(power.now).toBeLessThan(power.limit ?? NaN)
  expect(scaleOut).toMatchObject({ rdma: true, left: scaleOut.bandwidth })
})

test('links tell what faults leave of them, and a cap on power is told', () => {
  const simulation = start(busy, 2)
  inject(simulation, { id: 'slow', kind: 'slow-link', pool: 'p', factor: 4 })
  inject(simulation, { id: 'cap', kind: 'power-cap', pool: 'p', watts: 400 })
  const { scaleOut, power } = detail(simulation).chip
  expect(scaleOut.left).toBe((scaleOut.bandwidth ?? NaN) / 4)
  expect(power.cap).toBeLessThan(power.limit ?? NaN)
  inject(simulation, { id: 'tcp', kind: 'lost-rdma', pool: 'p' })
  const lost = detail(simulation).chip.scaleOut
  expect(lost.rdma).toBe(false)
  expect(lost.left).toBeLessThan(1e9)
})

test('every pool of a real fleet has its detail, those that train or answer queries too', () => {
  const simulation = start(smallFleet(), 4)
  for (const index of simulation.fleet.pools.keys()) {
    const { replicas, chip } = detail(simulation, { pool: index })
    expect(replicas.shown.replica).toHaveLength(replicas.total)
    expect(chip.memory.total).toBeGreaterThan(0)
  }
})
