import { expect, test } from 'vitest'
import {
  clock,
  day,
  digits,
  duration,
  limit,
  percentOf,
  quantity,
  signed,
  text,
  tick,
  wholePercent,
} from '../../client/format'

/** Thin and no-break spaces as plain ones, so that a test can be read. */
const plain = (words: string) => words.replace(/[\u202f\u00a0]/g, ' ')

test.each([
  ['tokens', 3_840_000, '3.84 M tok/s'],
  ['tokens', 516_400, '516 k tok/s'],
  ['tokens', 9_400, '9 400 tok/s'],
  ['requests', 35_200, '35.2 k req/s'],
  ['requests', 2_450, '2 450 req/s'],
  ['requests', 24.04, '24.0 req/s'],
  ['latency', 0.0296, '29.6 ms'],
  ['latency', 0.438, '438 ms'],
  ['latency', 0.0026, '2.6 ms'],
  ['latency', 1.5, '1.50 s'],
  ['latency', 30, '30.0 s'],
  ['milliseconds', 1.234, '1 234 ms'],
  ['costPerMtok', 0.5119, '0.512 $/Mtok'],
  ['costPerMtok', 12.34, '12.3 $/Mtok'],
  ['spend', 19_949 / 3600, '19 949 $/h'],
  ['energy', 1.371, '1.37 J/tok'],
  ['power', 14_900_000, '14.9 MW'],
  ['power', 445_000, '445 kW'],
  ['power', 700, '700 W'],
  ['efficiency', 0.728, '728 k tok/s per MW'],
  ['bandwidth', 65e12, '65.0 TB/s'],
  ['bandwidth', 400e9, '400 GB/s'],
  ['bandwidth', 10.8e6, '10.8 MB/s'],
  ['memory', 141e9, '141 GB'],
  ['peak', 989e12, '989 TFLOP/s'],
  ['peak', 1979e12, '1.98 PFLOP/s'],
  ['bandwidth', 1.3e15, '1.30 PB/s'],
  ['price', 2500, '2 500 $'],
  ['share', 0.981, '98.1 %'],
  ['share', 1, '100 %'],
  ['level', 0.754, '75 %'],
  ['count', 11_776, '11 776'],
  ['samples', 2_100_000, '2.10 M'],
  ['samples', 7, '7'],
] as const)('%s of %d reads as people say it', (kind, figure, expected) => {
  expect(plain(text(kind, figure))).toBe(expected)
})

test('prefixes change where rounding would make a fourth digit', () => {
  expect(plain(text('tokens', 999_499))).toBe('999 k tok/s')
  expect(plain(text('tokens', 999_500))).toBe('1.00 M tok/s')
  expect(plain(text('latency', 0.9994))).toBe('999 ms')
  expect(plain(text('latency', 0.9996))).toBe('1.00 s')
})

test('an unknown figure is a dash and keeps its unit for the head', () => {
  expect(text('costPerMtok', null)).toBe('–')
  expect(quantity('costPerMtok', null)).toEqual({ value: '–', prefix: '', unit: '$/Mtok' })
  expect(text('power', undefined)).toBe('–')
  expect(text('power', Number.NaN)).toBe('–')
})

test('a column with the unit in its head shows digits and prefix alone', () => {
  expect(plain(digits('tokens', 516_000))).toBe('516 k')
  expect(digits('milliseconds', 0.0269)).toBe('26.9')
  expect(digits('megawatts', 5_830_000)).toBe('5.83')
})

test('differences carry a plus or a true minus, and zero neither', () => {
  expect(plain(signed('latency', 0.031))).toBe('+31.0 ms')
  expect(plain(signed('share', -0.006))).toBe('−0.6 %')
  expect(plain(signed('share', 0))).toBe('0 %')
  expect(plain(signed('share', null))).toBe('–')
})

test('axes and limits leave out zeros that carry nothing', () => {
  expect(tick('costPerMtok', 0.8)).toBe('0.8')
  expect(plain(tick('tokens', 200_000))).toBe('200 k')
  expect(tick('milliseconds', 0.05)).toBe('50')
  expect(tick('milliseconds', 0.0025)).toBe('2.5')
  expect(plain(limit('latency', 5))).toBe('5 s')
  expect(plain(limit('latency', 0.5))).toBe('500 ms')
})

test('shares read in per cent', () => {
  expect(plain(wholePercent(0.455))).toBe('46 %')
  expect(percentOf(1 / 3)).toBe('33.3')
  expect(percentOf(0.46)).toBe('46')
})

test('the clock of the run counts from the epoch, in UTC, over midnight too', () => {
  expect(clock('2027-04-14T13:00:00Z', 4052.9)).toBe('14:07:32')
  expect(day('2027-04-14T13:00:00Z', 0)).toBe('Wed 14 Apr 2027')
  expect(day('2027-04-14T13:00:00Z', 12 * 3600)).toBe('Thu 15 Apr 2027')
})

test('a length of time is told in the unit that people would use', () => {
  expect([0.2, 12, 240, 10_800].map(seconds => plain(duration(seconds)))).toEqual(['0.2 s', '12 s', '4 min', '3 h'])
})
