import { expect, test } from 'vitest'
import { awaited, sidesOf } from '../../client/stores/around'
import { createRecorder } from '../../client/stores/history'

const seconds = (from: number, to: number, step = 1) =>
  Float64Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step)

test('the minute before a change is held against the one after it, without the seconds that tell of both', () => {
  const time = seconds(0, 400)
  const values = time.map(at => (at <= 200 ? 1 : at <= 215 ? 100 : 3))
  expect(sidesOf(time, values, 200)).toEqual({ before: 1, after: 3 })
})

test('points may lie seconds apart, but have to cover the minute', () => {
  const time = seconds(0, 300, 5)
  const values = time.map(at => (at <= 200 ? 1 : 3))
  expect(sidesOf(time, values, 200)).toEqual({ before: 1, after: 3 })
  expect(sidesOf(time, values, 250)).toEqual({ before: (1 * 2 + 3 * 10) / 12, after: null })
  expect(sidesOf(time, values, 20).before).toBeNull()
})

test('gaps count for nothing', () => {
  const time = seconds(0, 400)
  const values = time.map(at => (at > 150 && at < 190 ? NaN : 2))
  expect(sidesOf(time, values, 200)).toEqual({ before: 2, after: 2 })
  expect(sidesOf(time, values, 185).before).toBeNull()
})

test('what is still to come is told', () => {
  const history = createRecorder().view()
  expect(awaited({ ...history, time: seconds(0, 230) }, 200)).toBe(45)
  expect(awaited({ ...history, time: seconds(0, 400) }, 200)).toBe(0)
})
