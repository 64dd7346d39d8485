import { describe, expect, test } from 'vitest'
import { parseExperiment } from '../../server/experiments/experiment'
import { experiment, pool, run, steady, withPool, withWorkload, workload } from '../support/experiments'

const long = { duration: 60, ...withPool({ replicas: 2 }) }
const faults = (...list: object[]) => ({ faults: list.map((fault, i) => ({ id: `f${i}`, at: 10, ...fault })) })
const lostOne = { kind: 'chip-loss', pool: 'p', replica: 0 }

describe('an experiment with faults', () => {
  test('tells how much of a pool was there while it served the requests all the same', () => {
    const { pools, workloads } = run({ ...long, ...faults({ ...lostOne, at: 30 }) })
    expect(pools.p?.available).toBeGreaterThan(0.7)
    expect(pools.p?.available).toBeLessThan(0.78)
    expect(workloads.w?.requests).toMatchObject({ rejected: 0, inFlight: 0 })
    expect(run(long).pools.p?.available).toBe(1)
  })

  test('rejects what a bad deploy fails, as many as it says', () => {
    const { workloads } = run({ ...long, ...faults({ kind: 'bad-deploy', pool: 'p', share: 1, at: 30 }) })
    const { arrived = 0, rejected = 0, finished = 0 } = workloads.w?.requests ?? {}
    expect(rejected / arrived).toBeGreaterThan(0.3)
    expect(rejected / arrived).toBeLessThan(0.7)
    expect(finished + rejected).toBe(arrived)
  })

  test('slows under a cap on power, and refuses nothing', () => {
    const busy = withWorkload({ arrivals: { kind: 'poisson', stages: [{ duration: 60, rate: 60 }] } })
    const free = run({ ...long, ...busy })
    const capped = run({ ...long, ...busy, ...faults({ kind: 'power-cap', pool: 'p', watts: 250, at: 0 }) })
    expect(capped.workloads.w?.itl.mean).toBeGreaterThan(1.05 * (free.workloads.w?.itl.mean ?? Infinity))
    expect(capped.pools.p?.power).toBeLessThan(free.pools.p?.power ?? 0)
    expect(capped.workloads.w?.requests.rejected).toBe(0)
  })

  test('sends its KV caches over TCP where RDMA is lost', () => {
    const apart = {
      duration: 20,
      pools: [pool, { ...pool, id: 'd' }],
      workloads: [
        {
          ...workload,
          arrivals: { kind: 'constant', stages: [{ duration: 20, rate: 0.5 }] },
          promptTokens: { kind: 'fixed', value: 8000 },
        },
      ],
      routing: { w: [{ prefill: 'p', decode: 'd', share: 1 }] },
    }
    const whole = run(apart)
    const lost = run({ ...apart, ...faults({ kind: 'lost-rdma', pool: 'd', at: 0 }) })
    expect(lost.workloads.w?.ttft.mean).toBeGreaterThan(10 * (whole.workloads.w?.ttft.mean ?? Infinity))
  })

  test('fails chips at random where it is asked to, the same ones with the same seed', () => {
    const failing = { ...long, ...withPool({ replicas: 100 }), failures: 1e6 }
    expect(run(failing).pools.p?.available).toBeLessThan(1)
    expect(steady(run(failing))).toEqual(steady(run(failing)))
  })

  test('takes prices that change, and list prices', () => {
    const list = run({ ...long, pricing: 'list' })
    const dear = run({ ...long, pricing: 'list', ...faults({ kind: 'chip-price', chip: 'h100', hour: 1000, at: 0 }) })
    expect(list.pools.p?.heldCost).not.toBe(run(long).pools.p?.heldCost)
    expect(dear.pools.p?.heldCost).toBeGreaterThan(50 * (list.pools.p?.heldCost ?? Infinity))
  })
})

describe('a training job', () => {
  const job = { id: 'job', pool: 't', checkpointEvery: 300 }
  const trained = { duration: 900, pools: [pool, { ...pool, id: 't', replicas: 2 }], training: [job] }

  test('holds its pool for itself and goes through tokens', () => {
    const { training, workloads, pools } = run(trained)
    expect(training.job?.tokens).toBeGreaterThan(0)
    expect(training.job?.lostTokens).toBe(0)
    expect(Object.keys(workloads)).toEqual(['w'])
    expect(pools.t?.outputTokensPerSecond).toBe(0)
  })

  test('goes on from its last checkpoint after a loss', () => {
    const { training } = run({ ...trained, ...faults({ ...lostOne, pool: 't', at: 200, duration: 50 }) })
    expect(training.job?.lostTokens).toBeGreaterThan(0)
    expect(training.job?.tokens).toBeLessThan(run(trained).training.job?.tokens ?? 0)
  })
})

describe('an experiment with commands', () => {
  const [held, wide] = [
    { ...pool, id: 't', replicas: 8 },
    { ...pool, capacity: 5 },
  ]
  const busy = withWorkload({ arrivals: { kind: 'poisson', stages: [{ duration: 600, rate: 40 }] } })
  const shared = { duration: 600, pools: [wide, held], training: [{ id: 'job', pool: 't' }], ...busy }

  test('drains a replica and lets it serve again, and rejects nothing', () => {
    const drained = { ...long, commands: [{ kind: 'drain', at: 20, pool: 'p', replica: 0 }] }
    const back = [...drained.commands, { kind: 'resume', at: 40, pool: 'p', replica: 0 }]
    const load = withWorkload({ arrivals: { kind: 'poisson', stages: [{ duration: 60, rate: 60 }] } })
    const itl = (commands: object[]) => run({ ...long, ...load, commands }).workloads.w?.itl.mean ?? 0
    expect(itl(drained.commands)).toBeGreaterThan(1.1 * itl(back))
    expect(itl(back)).toBeGreaterThan(1.1 * itl([]))
    expect(run(drained).workloads.w?.requests).toMatchObject({ rejected: 0, inFlight: 0 })
  })

  test('takes replicas from a training job, which writes a checkpoint first', () => {
    const takes = { kind: 'reprovision', at: 100, from: 't', to: 'p', replicas: 4 }
    const [kept, yielded] = [run(shared), run({ ...shared, commands: [takes] })]
    expect(yielded.training.job?.tokens).toBeLessThan(0.8 * (kept.training.job?.tokens ?? 0))
    expect(yielded.training.job?.lostTokens).toBe(0)
    expect(yielded.workloads.w?.itl.mean).toBeLessThan(kept.workloads.w?.itl.mean ?? 0)
    const unsaved = run({ ...shared, commands: [{ ...takes, saves: false }] })
    expect(unsaved.training.job?.lostTokens).toBeGreaterThan(0)
    const returned = { kind: 'reprovision', at: 300, from: 'p', to: 't', replicas: 4, grace: 5 }
    const both = run({ ...shared, commands: [returned, takes] })
    expect(both.training.job?.tokens).toBeGreaterThan(1.1 * (yielded.training.job?.tokens ?? Infinity))
    expect(both.workloads.w?.requests.rejected).toBe(0)
  })

  test.each<[string, object, string]>([
    ['no time', { kind: 'drain', pool: 'p' }, 'commands[0].at'],
    ['a pool that is not there', { kind: 'drain', at: 5, pool: 'x' }, 'commands[0].pool'],
    ['a drain of all there is', { kind: 'drain', at: 5, pool: 'p' }, 'commands[0].pool'],
    ['a resumption of what was not drained', { kind: 'resume', at: 5, pool: 'p' }, 'commands[0].pool'],
    ['an unknown field', { kind: 'drain', at: 5, pool: 'p', now: true }, 'commands[0].now'],
    ['more than there is', { kind: 'reprovision', at: 5, from: 't', to: 'p', replicas: 9 }, 'commands[0].replicas'],
    ['more than fits', { kind: 'reprovision', at: 5, from: 'p', to: 't', replicas: 1 }, 'commands[0].replicas'],
    ['a time that is years ahead', { kind: 'drain', at: 1e9, pool: 'p' }, 'commands[0].at'],
  ])('is refused with %s', (_, command, field) => {
    expect(parseExperiment({ ...experiment, ...shared, commands: [command] })).toMatchObject({ field })
  })
})

test.each<[string, object, string]>([
  ['a fault of no kind', faults({ kind: 'fire', pool: 'p' }), 'faults[0].kind'],
  ['an unknown field of a fault', faults({ ...lostOne, gpu: 1 }), 'faults[0].gpu'],
  ['a fault in a pool that is not there', faults({ ...lostOne, pool: 'x' }), 'faults[0].pool'],
  ['a replica that is not there', faults({ ...lostOne, replica: 1 }), 'faults[0].replica'],
  ['a node that is not there', faults({ kind: 'node-loss', pool: 'p', node: 5 }), 'faults[0].node'],
  ['a cap without watts', faults({ kind: 'power-cap', pool: 'p' }), 'faults[0].watts'],
  ['a clock above the full one', faults({ kind: 'throttling', pool: 'p', clock: 2 }), 'faults[0].clock'],
  ['a link that speeds up', faults({ kind: 'slow-link', pool: 'p', factor: 0.5 }), 'faults[0].factor'],
  ['a fault before the start', faults({ ...lostOne, at: -1 }), 'faults[0].at'],
  ['a replica that is stuck for ever', faults({ kind: 'stuck', pool: 'p', replica: 0 }), 'faults[0].duration'],
  ['less room than replicas', withPool({ replicas: 2, capacity: 1 }), 'pools[0].capacity'],
  ['two faults of one name', faults(lostOne, { ...lostOne, id: 'f0' }), 'faults[1].id'],
  ['failures below none', { failures: -1 }, 'failures'],
  ['a price list that nobody knows', { pricing: 'spot' }, 'pricing'],
  ['a job on a pool that is not there', { training: [{ id: 'job', pool: 'x' }] }, 'training[0].pool'],
  [
    'two jobs on one pool',
    { pools: [pool, { ...pool, id: 't' }], training: ['a', 'b'].map(id => ({ id, pool: 't' })) },
    'training[1].pool',
  ],
  ['a job that takes the only pool', { training: [{ id: 'job', pool: 'p' }] }, 'workloads[0].model'],
])('an experiment with %s is refused', (_, change, field) => {
  expect(parseExperiment({ ...experiment, ...change })).toMatchObject({ field, expected: expect.stringMatching(/./) })
})
