import { describe, expect, test } from 'vitest'
import { parseExperiment } from '../../server/experiments/experiment'
import { Unfinished } from '../../server/experiments/unfinished'
import { models } from '../../simulation/catalog/models'
import { experiment, pool, run, steady, withPool, withWorkload, workload } from '../support/experiments'

const stage = (duration: number, rate: number) => ({ duration, rate })
const constant = (...stages: object[]) => withWorkload({ arrivals: { kind: 'constant', stages } })
const poisson = (...stages: object[]) => withWorkload({ arrivals: { kind: 'poisson', stages } })
const closed = (concurrency: number, requests: number, change = {}) =>
  withWorkload({ arrivals: { kind: 'closed', concurrency, requests }, ...change })

describe('an open loop', () => {
  test('waits for a request that comes in the last moment', () => {
    // the only one, at 4.27 s
    const { workloads } = run({ duration: 4.28, ...constant(stage(60, 1 / 4.27)) })
    expect(workloads.w?.requests).toEqual({ arrived: 1, finished: 1, rejected: 0, cancelled: 0, inFlight: 0 })
  })

  test('keeps the figures of its stages apart, the warm-up left out of them', () => {
    const { workloads, simulated } = run({
      duration: 40,
      warmup: 5,
      ...constant(stage(10, 2), stage(20, 4), stage(60, 1)),
    })
    // one a gap: the last one of a stage comes with its end, and counts with the next
    expect(workloads.w?.stages.map(({ requests }) => requests.arrived)).toEqual([10, 80, 10])
    expect(workloads.w?.requests).toMatchObject({ arrived: 100, finished: 100 })
    expect(workloads.w?.goodput).toBeCloseTo(100 / 35, 9)
    expect(workloads.w?.stages.map(({ goodput }) => goodput)).toEqual([10 / 5, 80 / 20, 10 / 10])
    expect(simulated.requests).toBe(109)
  })

  test('has no figures of a stage that is over before the warm-up, or begins after the end', () => {
    const { workloads } = run({ duration: 40, warmup: 15, ...poisson(stage(10, 2), stage(30, 2), stage(10, 2)) })
    const [early, counted, late] = workloads.w?.stages ?? []
    for (const stage of [early, late])
      expect(stage).toMatchObject({
        requests: { arrived: 0 },
        ttft: { mean: null, p99: null },
        goodput: null,
        attainment: null,
      })
    expect(counted?.requests).toEqual(workloads.w?.requests)
    expect(counted?.requests.arrived).toBeGreaterThan(20)
  })

  test('shows a load that is too high for one stage in the figures of that stage', () => {
    const { workloads } = run({
      duration: 60,
      ...poisson(stage(30, 2), stage(30, 100)),
      ...withPool({ maxSequences: 8 }),
    })
    const [low, high] = workloads.w?.stages.map(({ ttft }) => ttft.mean ?? NaN) ?? []
    expect(high).toBeGreaterThan(3 * (low ?? NaN))
  })

  test('counts what meets its objectives', () => {
    const tight = run({ duration: 30, ...withWorkload({ objectives: { ttft: 1e-6 } }) }).workloads.w
    expect(tight).toMatchObject({ goodput: 0, attainment: 0 })
    const loose = run({ duration: 30, ...withWorkload({ objectives: { ttft: 10, tpot: 1, e2e: 100 } }) }).workloads.w
    expect(loose?.attainment).toBe(1)
    expect(loose?.goodput).toBeCloseTo((loose?.requests.finished ?? NaN) / 30, 9)
  })
})

test('the same seed gives the same result, another seed another one', () => {
  const change = { duration: 30, ...withWorkload({ outputTokens: { kind: 'lognormal', mean: 50, cv: 1 } }) }
  const [first, second, other] = [run({ ...change, seed: 5 }), run({ ...change, seed: 5 }), run({ ...change, seed: 6 })]
  expect(steady(second)).toEqual(steady(first))
  expect(other.workloads.w?.e2e).not.toEqual(first.workloads.w?.e2e)
  expect(other.seed).toBe(6)
})

test('everything the format names is in a result', () => {
  const { workloads, pools, simulated, wallSeconds } = run({ duration: 30 })
  const times = { mean: expect.any(Number), p50: expect.any(Number), p90: expect.any(Number), p99: expect.any(Number) }
  const figures = { ttft: times, itl: times, tpot: times, e2e: times, goodput: expect.any(Number), attainment: 1 }
  expect(workloads.w).toMatchObject({ ...figures, stages: [figures] })
  expect(pools.p).toMatchObject({ stepTime: times, preemptions: 0, prefixHitRate: 0 })
  for (const figure of [
    'outputTokensPerSecond',
    'promptTokensPerSecond',
    'batch',
    'computeUtilisation',
    'memoryUtilisation',
    'kvUse',
    'power',
    'energyPerToken',
    'costPerMtok',
  ] as const)
    expect(pools.p?.[figure], figure).toBeGreaterThan(0)
  expect(simulated).toEqual({ seconds: expect.any(Number), requests: expect.any(Number), steps: expect.any(Number) })
  expect(wallSeconds).toBeGreaterThan(0)
})

test('tokens, power and steps of a pool add up over the run', () => {
  const { workloads, pools, simulated } = run({ duration: 30 })
  const finished = workloads.w?.requests.finished ?? NaN
  const { outputTokensPerSecond = NaN, promptTokensPerSecond, power, energyPerToken, stepTime } = pools.p ?? {}
  expect(outputTokensPerSecond * simulated.seconds).toBeCloseTo(20 * finished, 6)
  expect((promptTokensPerSecond ?? NaN) * simulated.seconds).toBeCloseTo(100 * finished, 6)
  expect((energyPerToken ?? NaN) * outputTokensPerSecond).toBeCloseTo(power ?? NaN, 6)
  expect((stepTime?.mean ?? NaN) * simulated.steps).toBeLessThan(simulated.seconds)
  expect(stepTime?.p50).toBeLessThanOrEqual(stepTime?.p99 ?? NaN)
})

describe('a closed loop', () => {
  test('sends exactly its requests, and no more at once than it may', () => {
    const { workloads, simulated } = run({ duration: undefined, ...closed(8, 200) })
    expect(workloads.w).toMatchObject({ requests: { arrived: 200, finished: 200, inFlight: 0 }, stages: [] })
    const inFlight = (200 * (workloads.w?.e2e.mean ?? NaN)) / simulated.seconds
    expect(inFlight).toBeLessThanOrEqual(8)
    expect(inFlight).toBeGreaterThan(7.5)
  })

  test('with one request at a time takes as long as its requests do, one after the other', () => {
    const { workloads, simulated, pools } = run({ ...closed(1, 50) })
    expect(50 * (workloads.w?.e2e.mean ?? NaN)).toBeLessThanOrEqual(simulated.seconds)
    expect(50 * (workloads.w?.e2e.mean ?? NaN)).toBeGreaterThan(0.99 * simulated.seconds)
    // one step in twenty is that of the prompt
    const { p50, p90, p99 } = pools.p?.stepTime ?? {}
    expect(p90).toBeLessThan(1.05 * (p50 ?? NaN))
    expect(p99).toBeGreaterThan(1.5 * (p50 ?? NaN))
  })

  test('takes no notice of duration and warm-up', () => {
    const plain = run({ duration: undefined, ...closed(4, 20) })
    expect(steady(run({ duration: 0.01, warmup: 500, ...closed(4, 20) }))).toEqual(steady(plain))
  })

  test('with more places than requests sends each once', () => {
    expect(run(closed(1000, 3)).workloads.w?.requests).toMatchObject({ arrived: 3, finished: 3 })
  })

  test('ends though no request can ever be served', () => {
    const { workloads } = run(closed(8, 100, { promptTokens: { kind: 'fixed', value: 200_000 } }))
    expect(workloads.w?.requests).toMatchObject({ arrived: 100, finished: 0, rejected: 100 })
    expect(workloads.w).toMatchObject({ ttft: { mean: null }, attainment: 0, goodput: 0 })
  })

  test('beside an open one goes on after the arrivals are over', () => {
    const loop = { ...workload, id: 'loop', arrivals: { kind: 'closed', concurrency: 2, requests: 60 } }
    const { workloads } = run({ duration: 4, workloads: [workload, loop] })
    expect(workloads.loop?.requests.finished).toBe(60)
    expect(workloads.w?.requests.finished).toBe(workloads.w?.requests.arrived)
  })
})

test('a run in which nothing happens for an hour is given up', () => {
  const slow = { peakFlops: { fp8: 1 }, memoryBandwidth: 1 }
  expect(() => run({ chips: { h100: slow }, ...closed(1, 1) })).toThrow(Unfinished)
  expect(() => run({ chips: { h100: slow }, ...closed(1, 1) })).toThrow('1 requests are still under way 3600 s after')
})

describe('what the engine knows beyond the usual', () => {
  test('shared prefixes and sessions are found in the cache, unless the pool has none', () => {
    const prefix = { sharedPrefix: { groups: 2, tokens: 64 } }
    const hitRate = (change: object, of = {}) =>
      run({ duration: 30, ...withWorkload(change), ...withPool(of) }).pools.p?.prefixHitRate ?? NaN
    expect(hitRate({})).toBe(0)
    expect(hitRate(prefix)).toBeGreaterThan(0.5)
    expect(hitRate(prefix, { prefixCache: false })).toBe(0)
    expect(hitRate({ sessions: { users: 3, turns: 10 } })).toBeGreaterThan(0.5)
  })

  test('prefill and decode may lie on two pools', () => {
    const { pools, workloads } = run({
      pools: [pool, { ...pool, id: 'q' }],
      routing: { w: [{ prefill: 'p', decode: 'q', share: 1 }] },
      duration: 20,
    })
    expect(workloads.w?.requests.finished).toBe(workloads.w?.requests.arrived)
    expect(pools.p?.outputTokensPerSecond).toBe(0)
    expect(pools.q?.outputTokensPerSecond).toBeGreaterThan(0)
  })

  test('clients give up, leave, and queues turn away', () => {
    const flood = { arrivals: { kind: 'constant', stages: [stage(10, 400)] } }
    const requests = (change: object, of = {}) =>
      run({ duration: 10, ...withWorkload({ ...flood, ...change }), ...withPool({ maxSequences: 4, ...of }) }).workloads
        .w?.requests
    expect(requests({ timeout: 1 })?.cancelled).toBeGreaterThan(100)
    expect(requests({ abandonment: 0.5 })?.cancelled).toBeGreaterThan(1000)
    expect(requests({}, { queueLimit: 5 })?.rejected).toBeGreaterThan(100)
  })

  test('blocks of KV cache that are too few preempt', () => {
    const long = {
      outputTokens: { kind: 'fixed', value: 400 },
      arrivals: { kind: 'closed', concurrency: 20, requests: 40 },
    }
    expect(run({ ...withWorkload(long), ...withPool({ kvBlocks: 200 }) }).pools.p?.preemptions).toBeGreaterThan(0)
    expect(run(withWorkload(long)).pools.p?.preemptions).toBe(0)
  })

  test('single-shot models answer queries without lengths', () => {
    const { workloads, pools } = run({
      ...withPool({ model: 'dlrm', precision: 'bf16' }),
      workloads: [{ id: 'w', model: 'dlrm', arrivals: { kind: 'poisson', stages: [stage(60, 100)] } }],
    })
    expect(workloads.w?.requests.finished).toBeGreaterThan(300)
    expect(workloads.w?.ttft.mean).toBeNull()
    expect(pools.p).toMatchObject({ outputTokensPerSecond: 0, kvUse: null, energyPerToken: null })
  })
})

describe('chips of an experiment', () => {
  const twin = {
    peakFlops: { bf16: 989e12, fp8: 1979e12 },
    memory: 80e9,
    memoryBandwidth: 3.35e12,
    scaleUpBandwidth: 450e9,
    scaleOutBandwidth: 50e9,
    powerLimit: 700,
  }
  const tpot = (change: object) => run({ ...closed(4, 40), ...change }).workloads.w?.tpot.mean ?? NaN

  test('may change a chip of the catalog in the named fields only', () => {
    const faster = tpot({ chips: { h100: { memoryBandwidth: 2 * 3.35e12 } } })
    expect(faster).toBeLessThan(tpot({}))
    expect(tpot({ chips: { h100: { memoryBandwidth: 3.35e12 } } })).toBe(tpot({}))
    const power = (limit: number) => run({ ...closed(4, 40), chips: { h100: { powerLimit: limit } } }).pools.p?.power
    expect(power(350)).toBeLessThan(power(700) ?? NaN)
  })

  test('may be new, and behave as the nearest one of the catalog', () => {
    const own = (chip: object) => ({ ...withPool({ chip: 'mine' }), chips: { mine: chip } })
    expect(tpot(own(twin))).toBe(tpot({}))
    expect(tpot(own({ ...twin, family: 'hopper' }))).toBe(tpot({}))
    expect(tpot(own({ ...twin, calibratedAs: 'b200' }))).not.toBe(tpot({}))
    const { power, costPerMtok } = run({ ...closed(4, 40), ...own(twin) }).pools.p ?? {}
    expect(power).toBeGreaterThan(0)
    // nobody says what it costs
    expect(costPerMtok).toBeNull()
  })

  test.each(Object.keys(twin))('that are new need their %s', field => {
    const { [field as keyof typeof twin]: _, ...rest } = twin
    expect(parseExperiment({ ...experiment, chips: { mine: rest } })).toMatchObject({ field: `chips.mine.${field}` })
  })
})

describe('models of an experiment', () => {
  const shape = { layers: 32, hidden: 4096, heads: 32, kvHeads: 8, vocabulary: 128_256, context: 131_072 }
  const dense = { ...shape, parameters: 8_030_261_248 }
  const parsed = (model: object, key = 'mine') => {
    const result = parseExperiment({ ...experiment, models: { [key]: model } })
    return 'expected' in result ? result : result.scenario.fleet.models?.[key]
  }

  test('may be new: what follows from the shapes need not be said', () => {
    expect(parsed(dense)).toMatchObject({ headDim: 128, activeParameters: 8_030_261_248, precision: 'bf16' })
    const tpot = (change: object) => run({ ...closed(4, 40), ...change }).workloads.w?.tpot.mean
    const own = { models: { 'llama-3.1-8b': dense } }
    expect(tpot(own)).toBe(tpot({}))
    expect(tpot({ models: { 'llama-3.1-8b': { layers: 64 } } })).toBeGreaterThan(tpot({}) ?? NaN)
  })

  test.each(['mixtral-8x7b', 'qwen3-235b-a22b'])('tell their experts apart from the rest, as %s does', key => {
    const listed = models[key]
    if (listed?.kind !== 'tokens') throw new Error(`no model ${key}`)
    const { expertParameters = NaN, activeParameters, kind: _kind, source: _source, name: _name, ...rest } = listed
    const near = (value: number) => expect.closeTo(value / 1e9, 1)
    const billions = (model: unknown) => {
      if (typeof model !== 'object' || model === null || 'expected' in model) throw new Error(JSON.stringify(model))
      const { expertParameters, activeParameters } = { expertParameters: 0, activeParameters: 0, ...model }
      return [expertParameters / 1e9, activeParameters / 1e9]
    }
    expect(billions(parsed({ ...rest, activeParameters }))).toEqual([near(expertParameters), near(activeParameters)])
    expect(billions(parsed(rest))).toEqual([near(expertParameters), near(activeParameters)])
  })

  test('may be single-shot', () => {
    expect(parsed({ flopsPerQuery: 1e9 }, 'dlrm')).toMatchObject({ kind: 'single-shot', flopsPerQuery: 1e9 })
  })

  test.each<[string, object, string]>([
    ['no layers', { ...dense, layers: undefined }, 'layers'],
    ['no parameters', { ...shape }, 'parameters'],
    ['no context', { ...dense, context: undefined }, 'context'],
    ['heads of no whole width', { ...dense, heads: 24, kvHeads: 8 }, 'headDim'],
    ['KV heads that share unevenly', { ...dense, kvHeads: 5 }, 'kvHeads'],
    ['fewer active parameters without experts', { ...dense, activeParameters: 1e9 }, 'activeParameters'],
    ['experts that no token goes to', { ...dense, experts: 8 }, 'expertsPerToken'],
    ['a token that goes to all experts', { ...dense, experts: 8, expertsPerToken: 8 }, 'expertsPerToken'],
    [
      'more active parameters than there are',
      { ...dense, experts: 8, expertsPerToken: 2, activeParameters: 9e9 },
      'activeParameters',
    ],
    ['queries and tokens', { ...dense, flopsPerQuery: 5 }, 'flopsPerQuery'],
    ['an unknown field', { ...dense, width: 5 }, 'width'],
  ])('are refused with %s', (_, model, field) => {
    expect(parsed(model)).toMatchObject({ field: `models.mine.${field}`, expected: expect.stringMatching(/./) })
  })
})

const rate = (value: number) => constant(stage(60, value))
const gamma = (cv: number) => withWorkload({ arrivals: { kind: 'gamma', cv, stages: [stage(60, 2)] } })
const prompt = (promptTokens: object) => withWorkload({ promptTokens })
const trace = (change: object) => withWorkload({ arrivals: { kind: 'trace', file: 'x.csv', ...change } })
const mixture = { model: 'mixtral-8x7b', tensorParallel: 2 }

test.each<[string, object, string]>([
  ['an unknown field', { more: 1 }, 'more'],
  ['an unknown field of a pool', withPool({ gpus: 8 }), 'pools[0].gpus'],
  ['an unknown field of a workload', withWorkload({ rate: 8 }), 'workloads[0].rate'],
  ['an unknown field of a stage', constant({ ...stage(1, 1), qps: 1 }), 'workloads[0].arrivals.stages[0].qps'],
  ['an unknown field of a chip', { chips: { h100: { tflops: 9 } } }, 'chips.h100.tflops'],
  ['an unknown precision of a chip', { chips: { h100: { peakFlops: { fp32: 1e12 } } } }, 'chips.h100.peakFlops.fp32'],
  ['a chip of no memory', { chips: { h100: { memory: 0 } } }, 'chips.h100.memory'],
  ['a relative that nobody knows', { chips: { h100: { calibratedAs: 'h99' } } }, 'chips.h100.calibratedAs'],
  ['a chip that is not there', withPool({ chip: 'h99' }), 'pools[0].chip'],
  ['a chip that every object has', withPool({ chip: 'constructor' }), 'pools[0].chip'],
  ['a model that every object has', withPool({ model: 'toString' }), 'pools[0].model'],
  ['a precision that the chip has not', withPool({ precision: 'fp4' }), 'pools[0].precision'],
  ['a precision that nobody knows', withPool({ precision: 'fp12' }), 'pools[0].precision'],
  ['no precision', withPool({ precision: undefined }), 'pools[0].precision'],
  ['an engine that the chip has not', withPool({ engine: 'neuron' }), 'pools[0].engine'],
  [
    'a model that does not fit',
    { ...withPool({ model: 'deepseek-v3' }), ...withWorkload({ model: 'deepseek-v3' }) },
    'pools[0].model',
  ],
  [
    'a model that does not fit, whatever its KV cache',
    { ...withPool({ model: 'deepseek-v3', kvBlocks: 10 }), ...withWorkload({ model: 'deepseek-v3' }) },
    'pools[0].model',
  ],
  ['more KV cache than memory', withPool({ kvBlocks: 1e8 }), 'pools[0].kvBlocks'],
  [
    'experts of a dense model in parallel',
    withPool({ tensorParallel: 2, expertParallel: 2 }),
    'pools[0].expertParallel',
  ],
  [
    'experts over more ranks than there are',
    { ...withPool({ ...mixture, expertParallel: 4 }), ...withWorkload({ model: 'mixtral-8x7b' }) },
    'pools[0].expertParallel',
  ],
  ['heads in parts', withPool({ tensorParallel: 3 }), 'pools[0].tensorParallel'],
  ['more stages than layers', withPool({ pipelineParallel: 33 }), 'pools[0].pipelineParallel'],
  ['half a replica', withPool({ replicas: 0.5 }), 'pools[0].replicas'],
  ['a billion replicas', withPool({ replicas: 1e9 }), 'pools[0].replicas'],
  ['a billion chips to a replica', withPool({ tensorParallel: 1e9 }), 'pools[0].tensorParallel'],
  ['no memory', withPool({ memoryFraction: 0 }), 'pools[0].memoryFraction'],
  ['a batch beyond its step', withPool({ maxSequences: 8192 }), 'pools[0].maxSequences'],
  ['a picker that nobody knows', withPool({ picker: 'best' }), 'pools[0].picker'],
  ['no pool', { pools: [] }, 'pools'],
  ['no workload', { workloads: [] }, 'workloads'],
  ['two pools of one name', { pools: [pool, pool] }, 'pools[1].id'],
  ['two workloads of one name', { workloads: [workload, workload] }, 'workloads[1].id'],
  ['a workload that no pool serves', withWorkload({ model: 'qwen3-14b' }), 'workloads[0].model'],
  ['routes of a workload that is not there', { routing: { x: [{ prefill: 'p', decode: 'p', share: 1 }] } }, 'routing'],
  ['a route to nowhere', { routing: { w: [{ prefill: 'p', decode: 'x', share: 1 }] } }, 'routing.w[0].decode'],
  ['shares that do not add up', { routing: { w: [{ prefill: 'p', decode: 'p', share: 0.5 }] } }, 'routing.w'],
  ['a workload of two pools without routes', { pools: [pool, { ...pool, id: 'q' }] }, 'routing.w'],
  ['arrivals of no kind', withWorkload({ arrivals: { stages: [] } }), 'workloads[0].arrivals.kind'],
  ['no stage', constant(), 'workloads[0].arrivals.stages'],
  ['a stage of negative length', constant(stage(-1, 5)), 'workloads[0].arrivals.stages[0].duration'],
  ['a stage without a rate', constant({ duration: 5 }), 'workloads[0].arrivals.stages[0].rate'],
  ['a negative rate', rate(-1), 'workloads[0].arrivals.stages[0].rate'],
  ['a rate in words', constant({ duration: 5, rate: '8/s' }), 'workloads[0].arrivals.stages[0].rate'],
  ['more requests a second than can be simulated', rate(1e300), 'workloads[0].arrivals.stages[0].rate'],
  ['more requests than can be simulated', { duration: 1e6, ...constant(stage(1e6, 1e5)) }, 'workloads'],
  ['more stages than fit', constant(...Array(1001).fill(stage(1, 1))), 'workloads[0].arrivals.stages'],
  ['bursts without end', gamma(1e9), 'workloads[0].arrivals.cv'],
  ['gaps without spread', gamma(1e-300), 'workloads[0].arrivals.cv'],
  ['nobody at once', closed(0, 5), 'workloads[0].arrivals.concurrency'],
  ['more at once than fit', closed(1e12, 5), 'workloads[0].arrivals.concurrency'],
  ['a trace at no rate', trace({ scale: 0 }), 'workloads[0].arrivals.scale'],
  ['a trace without a file', trace({ file: undefined }), 'workloads[0].arrivals.file'],
  ['lengths of a trace without one', prompt({ kind: 'trace' }), 'workloads[0].promptTokens.kind'],
  ['no prompts', withWorkload({ promptTokens: undefined }), 'workloads[0].promptTokens'],
  ['prompts without a length', prompt({ kind: 'fixed' }), 'workloads[0].promptTokens.value'],
  ['prompts beyond a column', prompt({ kind: 'fixed', value: 2 ** 32 }), 'workloads[0].promptTokens.value'],
  ['lengths turned round', prompt({ kind: 'uniform', from: 5, to: 1 }), 'workloads[0].promptTokens.to'],
  ['quantiles of no probability', prompt({ kind: 'quantiles', '': 5 }), 'workloads[0].promptTokens'],
  ['quantiles beyond 1', prompt({ kind: 'quantiles', '1.5': 5 }), 'workloads[0].promptTokens'],
  ['quantiles that fall', prompt({ kind: 'quantiles', '0.5': 9, '0.9': 3 }), 'workloads[0].promptTokens'],
  ['an objective of no time', withWorkload({ objectives: { ttft: 0 } }), 'workloads[0].objectives.ttft'],
  ['an objective that nobody knows', withWorkload({ objectives: { p99: 1 } }), 'workloads[0].objectives.p99'],
  ['prefixes of no tokens', withWorkload({ sharedPrefix: { groups: 9 } }), 'workloads[0].sharedPrefix.tokens'],
  ['no user', withWorkload({ sessions: { users: 0, turns: 10 } }), 'workloads[0].sessions.users'],
  ['more than all clients leaving', withWorkload({ abandonment: 1.5 }), 'workloads[0].abandonment'],
  ['no time', { duration: 0 }, 'duration'],
  ['no end', { duration: undefined }, 'duration'],
  ['30,000 years', { duration: 1e12 }, 'duration'],
  ['nothing but warming up', { warmup: 4 }, 'warmup'],
  ['a negative warm-up', { warmup: -1 }, 'warmup'],
  ['ticks that make no second', { tick: 0.03 }, 'tick'],
  ['half a seed', { seed: 0.5 }, 'seed'],
])('an experiment with %s is refused', (_, change, field) => {
  const refusal = parseExperiment({ ...experiment, ...change })
  expect(refusal).toMatchObject({ field, expected: expect.stringMatching(/./) })
  expect(refusal).toHaveProperty('value')
})

test('a workload may have a name that every object has', () => {
  expect(parseExperiment({ ...experiment, ...withWorkload({ id: 'constructor' }) })).toMatchObject({ id: 'a' })
})
