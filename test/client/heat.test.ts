import { expect, test } from 'vitest'
import { heatChart, heatReadingAfter, recordHeat, sampled, together, total, within } from '../../client/charts/heat'
import { cellSentence, heatSentence, heatSheet } from '../../client/charts/heat-words'
import type { LatencyHeat } from '../../simulation/index'

const epoch = '2027-04-14T13:00:00Z'
const none = { first: 0, counts: [] }

/** One request a second that took 100 to 127 ms, and in second 3 another that took ten times as long. */
function seconds(from: number, to: number): LatencyHeat {
  const ends = Array.from({ length: to - from }, (_, index) => from + index + 1)
  const counts = ends.map(end => (end === 3 ? [1, 0, 0, 0, 0, 0, 0, 0, 0, 1] : [1]))
  return { least: 0.0001, ratio: 1.27, ends, times: { ttft: { first: 29, counts }, itl: none, e2e: none } }
}

const plain = (words: string) => words.replace(/[\u202f\u00a0]/g, ' ')

test('a second that comes again is counted once, and one that never came is a hole', () => {
  const first = recordHeat(null, seconds(0, 4), 1)
  const again = recordHeat(first, seconds(0, 5), 1)
  const later = recordHeat(again, seconds(8, 10), 1)
  expect(later.columns.map(({ to }) => to)).toEqual([1, 2, 3, 4, 5, 9, 10])
  expect(total(together(heatChart(later, 'ttft', epoch)))).toBe(8)
})

test('a fast run has wider columns, and as few of them', () => {
  const record = recordHeat(recordHeat(null, seconds(0, 7), 20), seconds(0, 16), 20)
  expect(record.columns.map(({ from, to }) => [from, to])).toEqual([
    [0, 15],
    [15, 30],
  ])
  expect(heatChart(record, 'ttft', epoch).columns.map(({ count }) => count)).toEqual([16, 1])
})

test('a run that went back begins anew', () => {
  const record = recordHeat(recordHeat(null, seconds(0, 12), 1), seconds(0, 2), 1)
  expect(record.columns.map(({ to }) => to)).toEqual([1, 2])
})

test('what is kept has an end', () => {
  let record = recordHeat(null, seconds(0, 15), 1)
  for (let end = 30; end <= 600; end += 15) record = recordHeat(record, seconds(end - 15, end), 1)
  expect(record.columns).toHaveLength(240)
  expect(heatChart(record, 'ttft', epoch).window).toEqual({ from: 360, to: 600 })
})

test('the axis reaches from the shortest to the longest, with room where they are one', () => {
  const chart = heatChart(recordHeat(null, seconds(0, 4), 1), 'ttft', epoch)
  expect([chart.lowest, chart.highest]).toEqual([29, 38])
  expect(chart.ticks.length).toBeGreaterThan(1)
  const narrow = heatChart(recordHeat(null, seconds(3, 5), 1), 'ttft', epoch)
  expect(narrow.highest - narrow.lowest).toBeGreaterThanOrEqual(7)
  expect(within(narrow, together(narrow), 1)).toBeCloseTo(0.0001 * Math.pow(1.27, 30), 6)
})

test('it is told in words, as a whole and cell by cell', () => {
  const record = recordHeat(null, seconds(0, 4), 1)
  const chart = heatChart(record, 'ttft', epoch)
  expect(sampled(record)).toEqual(['ttft'])
  expect(plain(heatSentence(chart, 'p'))).toBe(
    'TTFT of p over 60 s, log. 5 requests: half within 130 ms, 95 % within 1.12 s. Most took 102 ms to 130 ms.',
  )
  expect(plain(cellSentence(chart, { column: 2, bucket: null }, epoch))).toBe(
    '13:00:03, 2 requests, half within 130 ms',
  )
  expect(plain(cellSentence(chart, { column: 2, bucket: 29 }, epoch))).toBe(
    '13:00:03, 102 ms to 130 ms: 1 of 2 requests',
  )
  expect(plain(heatSentence(heatChart(record, 'e2e', epoch), 'p'))).toBe('E2E of p over 60 s, log. No requests.')
})

test('keys walk from the newest column back, and up and down from where most lie', () => {
  const chart = heatChart(recordHeat(null, seconds(0, 4), 1), 'ttft', epoch)
  const walk = (...keys: string[]) =>
    keys.reduce<ReturnType<typeof heatReadingAfter>>((reading, key) => heatReadingAfter(chart, reading, key), null)
  expect(walk('ArrowLeft')).toEqual({ column: 3, bucket: null })
  expect(walk('ArrowLeft', 'ArrowLeft', 'ArrowUp')).toEqual({ column: 2, bucket: 29 })
  expect(walk('ArrowLeft', 'ArrowUp', 'ArrowUp')).toEqual({ column: 3, bucket: 30 })
  expect(walk('Home', 'ArrowLeft')).toEqual({ column: 0, bucket: null })
  expect(walk('End', 'ArrowRight')).toEqual({ column: 3, bucket: null })
  expect(walk('x')).toBeNull()
})

test('a file has every cell with samples, in seconds', () => {
  const { rows, columns } = heatSheet(heatChart(recordHeat(null, seconds(2, 4), 1), 'ttft', epoch), 'p', epoch)
  expect(columns.map(({ unit }) => unit)).toEqual(['s', 's', 'UTC', 's', 's', undefined])
  expect(rows).toEqual([
    [2, 3, '13:00:03', 0.1024, 0.13005, 1],
    [2, 3, '13:00:03', 0.88012, 1.1178, 1],
    [3, 4, '13:00:04', 0.1024, 0.13005, 1],
  ])
})
