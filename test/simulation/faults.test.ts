import { describe, expect, test } from 'vitest'
import { loadTime } from '../../simulation/catalog/storage'
import { reliability } from '../../simulation/faults/reliability'
import {
  advance,
  checkFault,
  checkFleet,
  clear,
  createSimulation,
  fleets,
  inject,
  takeFrame,
  type Failing,
  type Fault,
  type Fleet,
  type Frame,
  type Simulation,
} from '../../simulation/index'
import { SLOWDOWN, STEPS, real } from '../../simulation/serving/replicas'
import { GENERATED, read } from '../../simulation/serving/requests'
import { burst, fleet, lengths, loop, pool, poisson, routes, workload } from '../support/fleets'
import { faultsOf } from '../support/recount'
import { realsOf } from '../support/replica-fields'
import { summarise } from '../support/summaries'

function start(ofFleet: Fleet, seconds = 0): Simulation {
  const simulation = createSimulation({ fleet: ofFleet, seed: 1 })
  advance(simulation, seconds)
  return simulation
}

/** The frame after so many seconds more, with everything counted once again. */
function later(simulation: Simulation, seconds: number): Frame {
  advance(simulation, simulation.ticks / simulation.ticksPerSecond + seconds)
  expect(faultsOf(simulation)).toEqual([])
  return takeFrame(simulation, 1)
}

function fault(failing: Failing, duration?: number): Fault {
  return { id: 'f', ...(duration === undefined ? {} : { duration }), ...failing }
}

const outstanding = (simulation: Simulation): number[] => Array.from(simulation.fleet.replicas.outstanding)

/** Weights of Llama 3.1 8B in 8 bits on one chip [s]. */
const loading = loadTime(8.03e9, 1)

describe('a lost chip', () => {
  const two = fleet([pool('p', { replicas: 2 })], [workload('w', { arrivals: loop(8), ...lengths(500, 400) })])

  test('takes its replica down: its requests go on at the other, with the tokens they have', () => {
    const simulation = start(two, 1)
    expect(outstanding(simulation)).toEqual([4, 4])
    inject(simulation, fault({ kind: 'chip-loss', pool: 'p', replica: 0 }))
    expect(outstanding(simulation)).toEqual([0, 8])
    const kept = Array.from({ length: 8 }, (_, request) => read(simulation.fleet.requests, GENERATED, request))
    expect(Math.max(...kept)).toBeGreaterThan(50)
    const { totals, pools } = later(simulation, 30)
    expect(totals).toMatchObject({ arrived: 8, finished: 8, rejected: 0 })
    // nothing is made or paid for twice
    expect(totals).toMatchObject({ outputTokens: 8 * 400, promptTokens: 8 * 500 })
    expect(pools.available).toEqual([0.5])
  })

  test('is repaired when its time is over, and serves once its weights are loaded', () => {
    const simulation = start({ ...two, faults: [{ ...fault({ kind: 'chip-loss', pool: 'p', replica: 0 }, 3), at: 1 }] })
    expect(later(simulation, 0.5).pools.available).toEqual([1])
    expect(later(simulation, 1).pools.available).toEqual([0.5])
    // at 4 s it is repaired
    expect(later(simulation, 2.5 + loading - 0.1).pools.available).toEqual([0.5])
    expect(later(simulation, 0.2).pools.available).toEqual([1])
  })

  test('serves again when the fault is cleared', () => {
    const simulation = start({ ...two, workloads: [workload('w', { arrivals: poisson(20) })] }, 1)
    inject(simulation, fault({ kind: 'chip-loss', pool: 'p', replica: 1 }))
    later(simulation, 5)
    expect(outstanding(simulation)[1]).toBe(0)
    expect(clear(simulation, 'f')).toBe(true)
    expect(clear(simulation, 'f')).toBe(false)
    later(simulation, loading + 1)
    expect(outstanding(simulation)[1]).toBeGreaterThan(0)
  })

  test('sends requests along another route where the pool has no other replica, and new ones too', () => {
    const apart = fleet([pool('p'), pool('q')], [workload('w', { arrivals: burst(20, 10) })])
    const simulation = start(apart, 5)
    inject(simulation, fault({ kind: 'chip-loss', pool: 'p', replica: 0 }))
    const arrived = simulation.fleet.telemetry.flow.arrived[0]
    const { totals } = later(simulation, 30)
    expect(totals.finished).toBe(totals.arrived)
    expect(simulation.fleet.telemetry.flow.arrived[0]).toBe(arrived)
    expect(simulation.fleet.telemetry.flow.forwarded[0]).toBeGreaterThan(0)
  })

  test('rejects requests where nobody is left, and a closed loop goes on when it is repaired', () => {
    const one = fleet([pool('p')], [workload('w', { arrivals: loop(4, 1000), ...lengths(500, 20) })])
    const simulation = start(one, 1)
    inject(simulation, fault({ kind: 'chip-loss', pool: 'p', replica: 0 }, 1))
    const { totals } = later(simulation, 2)
    // one failure a tick for each that is in flight
    expect(totals.rejected).toBeGreaterThan(100)
    expect(totals.running).toBe(0)
    const after = later(simulation, loading + 30).totals
    expect(after).toMatchObject({ arrived: 1000, running: 0, waiting: 0 })
    expect(after.finished).toBe(1000 - after.rejected)
  })

  test('of a pool in another zone does not draw requests across zones, unless their workload spills', () => {
    const zones = (spill: boolean): Fleet =>
      fleet(
        [pool('p', { zone: 'a' }), pool('q', { zone: 'b' })],
        [workload('w', { arrivals: loop(8), spill, ...lengths(500, 400) })],
      )
    for (const [spill, rejected] of [
      [false, 4],
      [true, 0],
    ] as const) {
      const simulation = start(zones(spill), 1)
      inject(simulation, fault({ kind: 'chip-loss', pool: 'p', replica: 0 }))
      expect(later(simulation, 30).totals).toMatchObject({ finished: 8 - rejected, rejected })
    }
  })

  test('draws what it draws idle, a lost node nothing', () => {
    const idle = fleet([pool('p', { replicas: 8 })], [workload('w', { arrivals: burst(1, 0.1) })])
    const power = (failing?: Failing): number => {
      const simulation = start(idle, 5)
      if (failing) inject(simulation, fault(failing))
      return later(simulation, 20).pools.power[0] ?? 0
    }
    const whole = power()
    expect(power({ kind: 'chip-loss', pool: 'p', replica: 0 })).toBe(whole)
    expect(power({ kind: 'node-loss', pool: 'p', node: 0 })).toBe(0)
  })

  test('ends a transfer that it was sending, and what has not arrived is prefilled where it is decoded', () => {
    const disaggregated: Fleet = {
      ...fleet([pool('p'), pool('q')], [workload('w', { arrivals: loop(1), ...lengths(4000, 50) })], {
        w: [{ prefill: 'p', decode: 'q', share: 1 }],
      }),
      faults: [{ id: 'tcp', kind: 'lost-rdma', pool: 'p', at: 0 }],
      tick: 0.005,
    }
    const simulation = start(disaggregated, 2)
    expect(takeFrame(simulation, 1).totals.transferring).toBe(1)
    inject(simulation, fault({ kind: 'chip-loss', pool: 'p', replica: 0 }))
    expect(faultsOf(simulation)).toEqual([])
    expect(takeFrame(simulation, 1).totals).toMatchObject({ transferring: 0, waiting: 1 })
    expect(later(simulation, 120).totals).toMatchObject({ finished: 1, outputTokens: 50 })
    expect(simulation.fleet.telemetry.pool.prefill[1]).toBeGreaterThan(0)
  })
})

test('a lost node takes all replicas down that have chips in it', () => {
  const racks = fleet(
    [
      pool('hosts', { replicas: 9, tensorParallel: 2 }),
      pool('rack', { chip: 'gb200', replicas: 20, tensorParallel: 4 }),
    ],
    [workload('w')],
  )
  const simulation = start(racks)
  inject(simulation, { id: 'a', kind: 'node-loss', pool: 'hosts', node: 1 })
  inject(simulation, { id: 'b', kind: 'node-loss', pool: 'rack', node: 0 })
  // eight chips of a host hold four replicas, 72 of a rack eighteen
  expect(Array.from(simulation.fleet.health.lost)).toEqual([4, 18])
  expect(later(simulation, 1).pools.available).toEqual([0.5556, 0.1])
})

describe('chips that are slowed', () => {
  const busy = (overrides = {}): Fleet =>
    fleet(
      [pool('p', { replicas: 2, ...overrides })],
      [workload('w', { arrivals: loop(128, 1e6), ...lengths(500, 200) })],
    )

  test('by heat make fewer tokens, and as many as before when it is over', () => {
    const simulation = start(busy(), 30)
    const before = takeFrame(simulation, 1).fleet.outputTokens ?? 0
    inject(simulation, fault({ kind: 'throttling', pool: 'p', clock: 0.3 }))
    const hot = later(simulation, 30).fleet.outputTokens ?? 0
    expect(hot).toBeLessThan(0.95 * before)
    clear(simulation, 'f')
    expect((later(simulation, 30).fleet.outputTokens ?? 0) / before).toBeCloseTo(1, 1)
  })

  test('one by one leave the others as they are', () => {
    const simulation = start(busy(), 10)
    inject(simulation, fault({ kind: 'throttling', pool: 'p', replica: 1 }))
    later(simulation, 10)
    const [cool = 0, hot = 0] = realsOf(simulation.fleet.replicas, SLOWDOWN)
    expect(cool).toBe(1)
    expect(hot).toBeGreaterThan(1.01)
    expect(hot).toBeLessThanOrEqual(2)
  })

  test('by a cap on their power stay within it, and pay with time', () => {
    const simulation = start(busy(), 30)
    const before = takeFrame(simulation, 1)
    const free = (before.pools.power[0] ?? 0) / 2
    const cap = 330
    inject(simulation, fault({ kind: 'power-cap', pool: 'p', watts: cap }))
    const after = later(simulation, 40)
    const { power } = simulation.fleet.pools[0] ?? {}
    if (!power) throw new Error('the power of the chip is not known')
    const most = (cap + power.rest) * power.pue
    expect(free).toBeGreaterThan(most * 1.02)
    const drawn = (after.pools.power[0] ?? 0) / 2
    expect(drawn).toBeLessThanOrEqual(most * 1.001)
    // it is used up, not only kept
    expect(drawn).toBeGreaterThan(most * 0.97)
    expect(after.fleet.outputTokens).toBeLessThan(before.fleet.outputTokens ?? 0)
  })
})

describe('links that are slowed', () => {
  test('make transfers take so many times longer', () => {
    const ttft = (factor: number): number => {
      const apart: Fleet = {
        ...fleet([pool('p'), pool('q')], [workload('w', { arrivals: loop(1), ...lengths(4000, 50) })], {
          w: [{ prefill: 'p', decode: 'q', share: 1 }],
        }),
        faults: [{ id: 'slow', kind: 'slow-link', pool: 'q', factor, at: 0 }],
        tick: 0.005,
      }
      const simulation = start(apart)
      later(simulation, 20)
      return summarise(simulation).workloads.w?.ttft.mean ?? 0
    }
    const [one, ten, hundred] = [ttft(1), ttft(10), ttft(100)]
    expect((hundred - one) / (ten - one)).toBeCloseTo(11, 1)
  })

  test('by the loss of RDMA give the documented times: TTFT of about a second, then of about 98 s', () => {
    const story = fleets['lost-rdma']
    if (!story) throw new Error('there is no such scenario')
    expect(checkFleet(story)).toBeNull()
    const simulation = start(story, 1199)
    const before = summarise(simulation).workloads.long?.ttft.p50 ?? 0
    expect(before).toBeGreaterThan(0.2)
    expect(before).toBeLessThan(1.2)
    advance(simulation, 1201)
    const sums = Array.from(simulation.fleet.telemetry.sums)
    const counted = simulation.fleet.telemetry.flow.received[1] ?? 0
    later(simulation, 1200)
    // TTFT is counted where a request is decoded
    const ttft =
      ((simulation.fleet.telemetry.sums[4] ?? 0) - (sums[4] ?? 0)) /
      ((simulation.fleet.telemetry.flow.received[1] ?? 0) - counted)
    expect(ttft).toBeGreaterThan(93)
    expect(ttft).toBeLessThan(103)
  })
})

test('a bad deploy fails its share of the requests at once, and the rest is served', () => {
  const simulation = start(fleet([pool('p', { replicas: 4 })], [workload('w', { arrivals: burst(100, 40) })]))
  inject(simulation, fault({ kind: 'bad-deploy', pool: 'p', share: 0.3 }))
  const { totals } = later(simulation, 60)
  expect(totals.rejected / totals.arrived).toBeCloseTo(0.3, 1)
  expect(totals.finished).toBe(totals.arrived - totals.rejected)
  expect(totals.rejected).toBeGreaterThan(1000)
})

describe('a stuck replica', () => {
  const two = fleet([pool('p', { replicas: 2 })], [workload('w', { arrivals: burst(20, 10) })])

  test('takes requests and makes no progress', () => {
    const simulation = start(two, 2)
    inject(simulation, fault({ kind: 'stuck', pool: 'p', replica: 0 }))
    const steps = real(simulation.fleet.replicas, STEPS, 0)
    const { totals, pools } = later(simulation, 60)
    expect(real(simulation.fleet.replicas, STEPS, 0)).toBe(steps)
    expect(totals.running + totals.waiting).toBe(outstanding(simulation)[0])
    expect(outstanding(simulation)[0]).toBeGreaterThan(70)
    expect(outstanding(simulation)[1]).toBe(0)
    expect(pools.available).toEqual([1])
  })

  test('is emptied by a restart, and all its requests finish elsewhere', () => {
    const simulation = start(two, 2)
    inject(simulation, fault({ kind: 'stuck', pool: 'p', replica: 0 }))
    later(simulation, 20)
    clear(simulation, 'f')
    expect(outstanding(simulation)[0]).toBe(0)
    expect(later(simulation, 1).pools.available).toEqual([0.5])
    const { totals } = later(simulation, 60)
    expect(totals.finished).toBe(totals.arrived)
  })
})

describe('a price that changes', () => {
  const one = fleet([pool('p', { replicas: 2 })], [workload('w')])

  test('counts from then on', () => {
    const simulation = start(one, 20)
    const before = takeFrame(simulation, 1).pools.heldCost[0] ?? 0
    inject(simulation, fault({ kind: 'chip-price', chip: 'h100', hour: 36 }))
    expect(takeFrame(simulation, 1).pools.heldCost[0]).toBe(before)
    expect(later(simulation, 15).pools.heldCost[0]).toBeCloseTo((2 * 36) / 3600, 9)
    // half of the window at the old price
    clear(simulation, 'f')
    expect(later(simulation, 7.5).pools.heldCost[0]).toBeCloseTo((before + (2 * 36) / 3600) / 2, 4)
    expect(later(simulation, 15).pools.heldCost[0]).toBe(before)
    const { heldCost } = summarise(simulation).pools.p ?? {}
    expect(heldCost).toBeCloseTo(before * 42.5 + 15 * ((2 * 36) / 3600), 2)
  })

  test('of electricity moves the cost of owning chips', () => {
    const simulation = start(one, 20)
    const before = takeFrame(simulation, 1).pools.heldCost[0] ?? 0
    inject(simulation, fault({ kind: 'electricity-price', price: 0.0861 / 3.6e6 + 1e-6 }))
    const after = later(simulation, 15).pools.heldCost[0] ?? 0
    // 1,275 W a chip with its share of the system, and 1.14 of that with the data centre
    expect(after - before).toBeCloseTo(2 * 1275 * 1.14 * 1e-6, 5)
  })
})

describe('random failures', () => {
  /** 4,000 hosts of eight chips, idle, with failures 20,000 times as often. */
  const many: Fleet = {
    ...fleet([pool('p', { tensorParallel: 8, replicas: 4000 })], [workload('w', { arrivals: burst(1, 0.1) })]),
    tick: 0.25,
  }

  test('come as often as measured, and are repaired', () => {
    const simulation = start({ ...many, failures: 20_000 }, 100)
    const expected = 20_000 * 32_000 * 100 * (1 / reliability.chip.value + 1 / (8 * reliability.host.value))
    const drawn = simulation.faults.drawn[0] ?? 0
    expect(Math.abs(drawn - expected)).toBeLessThan(4 * Math.sqrt(expected))
    expect(simulation.faults.active.length).toBeGreaterThan(0)
    const ended = simulation.faults.active.every(({ end }) => end > 100)
    expect(ended).toBe(true)
    const mean = simulation.faults.active.reduce((sum, { end }) => sum + end - 100, 0) / simulation.faults.active.length
    expect(mean / reliability.repair.value).toBeCloseTo(1, 0)
  })

  test('do not come without being asked for, and are the same on the same seed', () => {
    expect(start(many, 100).faults.due).toBe(Infinity)
    const [a, b] = [1, 2].map(() => start({ ...many, failures: 5000 }, 50))
    expect(a?.faults).toEqual(b?.faults)
    expect(takeFrame(a as Simulation, 1)).toEqual(takeFrame(b as Simulation, 1))
  })
})

describe('a fault that cannot be', () => {
  const one = fleet(
    [pool('p', { replicas: 2 }), pool('g', { chip: 'trainium1', engine: 'neuron', precision: 'bf16' })],
    [workload('w', {})],
    {
      w: routes({ p: 1 }),
    },
  )
  const cases: [string, Failing & { id?: string; duration?: number }, { field: string; value: unknown }][] = [
    ['of a pool that is not there', { kind: 'lost-rdma', pool: 'x' }, { field: 'pool', value: 'x' }],
    ['of a replica beyond the last', { kind: 'chip-loss', pool: 'p', replica: 2 }, { field: 'replica', value: 2 }],
    ['of half a replica', { kind: 'stuck', pool: 'p', replica: 0.5 }, { field: 'replica', value: 0.5 }],
    ['of a node beyond the last', { kind: 'node-loss', pool: 'p', node: 1 }, { field: 'node', value: 1 }],
    ['with no clock', { kind: 'throttling', pool: 'p', clock: 0 }, { field: 'clock', value: 0 }],
    ['with a cap below 0', { kind: 'power-cap', pool: 'p', watts: -5 }, { field: 'watts', value: -5 }],
    [
      'with a cap where nobody tells the limit',
      { kind: 'power-cap', pool: 'g', watts: 100 },
      { field: 'pool', value: 'g' },
    ],
    ['with a faster link', { kind: 'slow-link', pool: 'p', factor: 0.5 }, { field: 'factor', value: 0.5 }],
    ['with more than all requests', { kind: 'bad-deploy', pool: 'p', share: 1.5 }, { field: 'share', value: 1.5 }],
    ['with a price of nothing known', { kind: 'chip-price', chip: 'x1', hour: 1 }, { field: 'chip', value: 'x1' }],
    ['with a price below 0', { kind: 'electricity-price', price: -1 }, { field: 'price', value: -1 }],
    ['without a name', { kind: 'lost-rdma', pool: 'p', id: '' }, { field: 'id', value: '' }],
    ['that lasts no time', { kind: 'lost-rdma', pool: 'p', duration: 0 }, { field: 'duration', value: 0 }],
  ]
  test.each(cases)('%s is refused with field, value and what was expected', (_, failing, expected) => {
    const refusal = checkFault(one, { id: 'f', ...failing })
    expect(refusal).toMatchObject(expected)
    expect(refusal?.expected).not.toBe('')
    expect(() => inject(start(one), { id: 'f', ...failing })).toThrow(expected.field)
  })

  test('is found in the schedule of a fleet', () => {
    const scheduled = { id: 'f', kind: 'lost-rdma', pool: 'p', at: 5 } as const
    const serving = { ...one, pools: one.pools.slice(0, 1) }
    expect(checkFleet({ ...serving, faults: [scheduled] })).toBeNull()
    expect(checkFleet({ ...serving, faults: [scheduled, scheduled] })).toMatchObject({ field: 'faults[1].id' })
    expect(checkFleet({ ...serving, faults: [{ ...scheduled, at: -1 }] })).toMatchObject({
      field: 'faults[0].at',
      value: -1,
    })
    expect(checkFleet({ ...serving, faults: [{ ...scheduled, pool: 'x' }] })).toMatchObject({ field: 'faults[0].pool' })
    expect(checkFleet({ ...serving, failures: -1 })).toMatchObject({ field: 'failures', value: -1 })
  })

  test('is one that is under way', () => {
    const simulation = start(one)
    inject(simulation, fault({ kind: 'lost-rdma', pool: 'p' }))
    expect(() => inject(simulation, fault({ kind: 'lost-rdma', pool: 'p' }))).toThrow('under way')
  })
})
