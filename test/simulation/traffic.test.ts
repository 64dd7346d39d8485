import { describe, expect, test } from 'vitest'
import { arrivalsLike, arrivalStatistics, lengths } from '../../simulation/catalog/lengths'
import type { Lengths } from '../../simulation/catalog/workloads'
import { createStream } from '../../simulation/random'
import {
  createArrivals,
  meanRate,
  nextArrival,
  restartArrivals,
  type ArrivalProcess,
  type ArrivalState,
} from '../../simulation/traffic/arrivals'
import { createSampler, sampleLength } from '../../simulation/traffic/lengths'

describe('lengths', () => {
  // mean and 99th percentile of each trace, as computed from its file
  test.each([
    ['azureConversation', 'prompt', 1154.7, 4142],
    ['azureConversation', 'output', 211.13, 601],
    ['azureCode', 'prompt', 2047.85, 7436],
    ['azureCode', 'output', 27.88, 251.46],
    ['mooncakeConversation', 'prompt', 12035.06, 85400.4],
    ['mooncakeConversation', 'output', 342.62, 1118.5],
  ] as const)('%s %s have the mean and the 99th percentile of the trace within 1 %', (traffic, part, mean, p99) => {
    const drawn = draw(lengths[traffic][part], 1_000_000).sort()
    expect(within(meanOf(drawn), mean, 0.01)).toBe(true)
    expect(within(drawn[990_000] as number, p99, 0.01)).toBe(true)
  })

  test('lengths that occur very often keep their share', () => {
    const share = (part: Lengths, from: number, to: number) =>
      draw(part, 200_000).filter(length => length >= from && length <= to).length / 200_000
    // 9.2 % of the code outputs are 9 tokens long, 3.8 % of the prompts are cut near 7,436
    expect(share(lengths.azureCode.output, 9, 9)).toBeCloseTo(0.092, 2)
    expect(share(lengths.azureCode.prompt, 7434, 7437)).toBeCloseTo(0.0382, 2)
  })

  test('a draw never goes beyond what a column of tokens holds', () => {
    const drawn = draw({ kind: 'lognormal', mean: 1e9, cv: 50 }, 100_000)
    expect(drawn.reduce((a, b) => Math.max(a, b))).toBe(2 ** 31 - 1)
  })

  test.each(Object.entries(lengths))(
    '%s are whole, from 1, and near the mean of their table',
    (_, { prompt, output }) => {
      for (const part of [prompt, output]) {
        const drawn = draw(part, 200_000)
        expect(drawn.every(length => Number.isInteger(length) && length >= 1)).toBe(true)
        expect(within(meanOf(drawn), meanOfTable(part), 0.02)).toBe(true)
      }
    },
  )

  test('a lognormal has the mean and the variation asked for', () => {
    const drawn = draw({ kind: 'lognormal', mean: 800, cv: 0.8 }, 400_000)
    expect(within(meanOf(drawn), 800, 0.01)).toBe(true)
    expect(within(variation(drawn), 0.8, 0.02)).toBe(true)
  })

  test('a uniform length reaches both its ends, and a fixed one is what it says', () => {
    const drawn = draw({ kind: 'uniform', from: 3, to: 6 }, 1000)
    expect(new Set(drawn)).toEqual(new Set([3, 4, 5, 6]))
    expect(new Set(draw({ kind: 'fixed', value: 12 }, 10))).toEqual(new Set([12]))
  })

  test('a step in a table is kept: nothing is drawn between', () => {
    const step: Lengths = { kind: 'quantiles', probabilities: [0, 0.5, 0.5, 1], tokens: [10, 10, 90, 90] }
    expect(new Set(draw(step, 1000))).toEqual(new Set([10, 90]))
    expect(meanOf(draw(step, 100_000))).toBeCloseTo(50, 0)
  })

  test.each([
    [
      [0, 0.5],
      [1, 2],
    ],
    [[0, 1], [1]],
    [
      [0, 0.6, 0.4, 1],
      [1, 2, 3, 4],
    ],
    [
      [0, 0.5, 1],
      [5, 3, 9],
    ],
  ])('a table with probabilities %j and tokens %j is refused', (probabilities, tokens) => {
    expect(() => createSampler({ kind: 'quantiles', probabilities, tokens })).toThrow('lengths')
  })
})

describe('arrivals', () => {
  test.each([
    ['poisson', 1],
    ['constant', 0],
    ['gamma', 2.5],
  ] as const)('%s arrivals have their rate and the variation %d', (kind, cv) => {
    const times = run({ kind, cv, stages: [{ duration: Infinity, rate: 20 }] }, 10_000)
    expect(within(times.length / 10_000, 20, 0.02)).toBe(true)
    expect(variation(gaps(times))).toBeCloseTo(cv, 1)
  })

  test.each([
    ['poisson', 1],
    ['constant', 0],
    ['gamma', 2.5],
  ] as const)('of %s arrivals an even part is told of, as if the others had been drawn one by one', (kind, cv) => {
    const arrivals = { kind, cv, stages: [{ duration: Infinity, rate: 20 }] }
    const every = 5
    const state = createArrivals(arrivals)
    const told = timesOf(restartArrivals(state, 0, 1 / every, 1), 50_000)
    const picked = run(arrivals, 50_000).filter((_, index) => index % every === every - 1)
    expect(within(told.length / 50_000, 4, 0.02)).toBe(true)
    expect(variation(gaps(told))).toBeCloseTo(variation(gaps(picked)), 1)
  })

  test('each stage has its own rate, none come at rate 0, and after the last none come at all', () => {
    const stages = [
      { duration: 500, rate: 10 },
      { duration: 500, rate: 0 },
      { duration: 500, rate: 30 },
    ]
    const times = run({ kind: 'poisson', stages }, Infinity)
    const during = (from: number) => times.filter(time => time >= from && time < from + 500).length
    expect(within(during(0), 5000, 0.05)).toBe(true)
    expect(during(500)).toBe(0)
    expect(within(during(1000), 15_000, 0.05)).toBe(true)
    expect(during(1500)).toBe(0)
  })

  test('a gap that spans stages is stretched by the rate of each', () => {
    const stages = [
      { duration: 0.5, rate: 1 },
      { duration: 10, rate: 0 },
      { duration: 0.1, rate: 2 },
      { duration: Infinity, rate: 0.5 },
    ]
    // the first unit: 0.5 in the first stage, 0.2 in the third, 0.3 at half a request a second
    const [first, second] = run({ kind: 'constant', stages }, 14)
    expect(first).toBeCloseTo(11.2, 9)
    expect(second).toBeCloseTo(13.2, 9)
  })

  test('stages that repeat go on for ever, and those that would bring nothing are refused', () => {
    const stages = [
      { duration: 1, rate: 5 },
      { duration: 3, rate: 0 },
    ]
    const times = run({ kind: 'poisson', stages, repeat: true }, 4000)
    expect(within(times.length, 5000, 0.05)).toBe(true)
    expect(times.every(time => time % 4 < 1)).toBe(true)
    expect(meanRate({ kind: 'poisson', stages, repeat: true })).toBe(1.25)
    expect(() => createArrivals({ kind: 'poisson', stages: [{ duration: 1, rate: 0 }], repeat: true })).toThrow()
  })

  test('a stage without end and without requests ends the arrivals', () => {
    expect(run({ kind: 'poisson', stages: [{ duration: Infinity, rate: 0 }] }, Infinity)).toEqual([])
  })

  test('a clone goes on with the same arrivals', () => {
    const stream = createStream(1, 'arrivals')
    const state = createArrivals({ kind: 'gamma', cv: 3, stages: [{ duration: Infinity, rate: 1 }] })
    nextArrival(state, stream)
    const [forkState, forkStream] = structuredClone([state, stream] as const)
    const next = Array.from({ length: 50 }, () => nextArrival(state, stream))
    expect(Array.from({ length: 50 }, () => nextArrival(forkState, forkStream))).toEqual(next)
  })

  // rate, variation of the gaps and dispersion of the counts per minute of each trace, as computed from its file
  test.each([
    ['azureConversation', 5.5304, 1.094, 16.1],
    ['azureCode', 2.5667, 13.151, 164],
    ['mooncakeConversation', 3.3989, 1.009, 2.9],
  ] as const)(
    '%s come at the rate of the trace, as bursty and with its swings from minute to minute',
    (traffic, rate, cv, dispersion) => {
      const statistics = arrivalStatistics[traffic]
      if (!statistics) throw new Error(`no arrivals for ${traffic}`)
      const arrivals = arrivalsLike(statistics, statistics.rate)
      const span = 3500 * 40
      const times = run(arrivals as ArrivalProcess, span)
      expect(within(times.length / span, rate, 0.02)).toBe(true)
      expect(within(variation(gaps(times)), cv, 0.06)).toBe(true)

      const counts = new Float64Array(span / 60)
      for (const time of times) counts[Math.floor(time / 60)] = (counts[Math.floor(time / 60)] ?? 0) + 1
      const measured = variation(counts) * variation(counts) * meanOf(counts)
      expect(measured).toBeGreaterThan(dispersion * 0.75)
      expect(measured).toBeLessThan(dispersion * 1.4)
    },
  )

  test('at ten times the rate a trace keeps its shape', () => {
    const statistics = arrivalStatistics.azureConversation
    if (!statistics) throw new Error('no arrivals')
    expect(meanRate(arrivalsLike(statistics, 55.3) as ArrivalProcess)).toBeCloseTo(55.3, 1)
  })
})

/** Mean of the straight lines of a table [tokens]. */
function meanOfTable(part: Lengths): number {
  if (part.kind !== 'quantiles') throw new Error(`no table, but ${part.kind}`)
  const { probabilities, tokens } = part
  return tokens.reduce((sum, high, i) => {
    const width = (probabilities[i] ?? 0) - (probabilities[i - 1] ?? 0)
    return sum + (width * (high + (tokens[i - 1] ?? high))) / 2
  }, 0)
}

function draw(part: Lengths, count: number): Float64Array {
  const stream = createStream(7, 'lengths')
  const sampler = createSampler(part)
  return Float64Array.from({ length: count }, () => sampleLength(sampler, stream))
}

function run(arrivals: ArrivalProcess, until: number): number[] {
  return timesOf(createArrivals(arrivals), until)
}

function timesOf(state: ArrivalState, until: number): number[] {
  const stream = createStream(11, 'arrivals')
  const times: number[] = []
  for (;;) {
    const time = nextArrival(state, stream)
    if (time >= until) return times
    times.push(time)
  }
}

function gaps(times: number[]): number[] {
  return times.slice(1).map((time, i) => time - (times[i] as number))
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] as number
  return sum / values.length
}

function variation(values: ArrayLike<number>): number {
  const mean = meanOf(values)
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += ((values[i] as number) - mean) * ((values[i] as number) - mean)
  return Math.sqrt(sum / values.length) / mean
}

function within(value: number, expected: number, share: number): boolean {
  return Math.abs(value - expected) <= share * expected
}
