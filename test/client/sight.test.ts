import { expect, test } from 'vitest'
import { rowsWithin } from '../../client/components/sight'

const screen = { top: 0, bottom: 240 }

test('of a list of many rows, those that the screen shows are drawn, and some on either side', () => {
  expect(rowsWithin({ top: 0, height: 24, count: 1000 }, screen)).toEqual({ first: 0, end: 10 })
  expect(rowsWithin({ top: -2400, height: 24, count: 1000 }, screen)).toEqual({ first: 100, end: 110 })
  expect(rowsWithin({ top: -2400, height: 24, count: 1000 }, screen, 8)).toEqual({ first: 92, end: 118 })
})

test('a row that is half in sight is drawn, and none that there is not', () => {
  expect(rowsWithin({ top: -12, height: 24, count: 1000 }, screen)).toEqual({ first: 0, end: 11 })
  expect(rowsWithin({ top: 0, height: 24, count: 4 }, screen, 8)).toEqual({ first: 0, end: 4 })
})

test('of a list above or below the screen nothing is drawn', () => {
  expect(rowsWithin({ top: -24_000, height: 24, count: 500 }, screen, 8)).toEqual({ first: 500, end: 500 })
  expect(rowsWithin({ top: 9000, height: 24, count: 500 }, screen, 8)).toEqual({ first: 0, end: 0 })
})
