import fc from 'fast-check'
import { expect, test } from 'vitest'
import { binOf, BINS, binTime, emptyHistogram, merge, quantile } from '../../simulation/telemetry/histogram'

const anyTime = fc.double({ min: Math.log(1e-4), max: Math.log(60_000), noNaN: true }).map(Math.exp)

test('a time from 0.1 ms to 60,000 s comes back within 1 %', () => {
  fc.assert(
    fc.property(anyTime, time => {
      expect(Math.abs(binTime(binOf(time)) / time - 1)).toBeLessThanOrEqual(0.01 + 1e-9)
    }),
    { numRuns: 2000 },
  )
})

test('a quantile is within 1 % of the sample of its rank, however the samples were spread over histograms', () => {
  fc.assert(
    fc.property(
      fc.array(anyTime, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (times, part) => {
        const halves = [new Int32Array(BINS), new Int32Array(BINS)]
        times.forEach((time, i) => {
          const half = halves[i % 2]
          if (half) half[binOf(time)] = (half[binOf(time)] ?? 0) + 1
        })
        const histogram = emptyHistogram()
        for (const half of halves) merge(histogram, bin => half[bin] ?? 0)
        const ranked = times.toSorted((a, b) => a - b)[Math.ceil(part * times.length) - 1] ?? NaN
        expect(Math.abs((quantile(histogram, part) ?? 0) / ranked - 1)).toBeLessThanOrEqual(0.01 + 1e-9)
      },
    ),
  )
})

test('there is no quantile without samples', () => {
  expect(quantile(emptyHistogram(), 0.5)).toBeNull()
})
