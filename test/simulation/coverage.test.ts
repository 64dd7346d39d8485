import { expect, test } from 'vitest'
import { judge, tryChanges } from '../support/coverage'

// half the horizon of the panel: intervals and errors tell the same, in half the time
test('of ten random changes most turn out within the interval that was told', () => {
  const { inside, halfWidth, error, costError } = judge([...tryChanges(10, 300)])
  // if nine in ten are inside, fewer than 7 of 10 come once in eighty times
  expect(inside).toBeGreaterThanOrEqual(7)
  expect(halfWidth).toBeLessThan(0.2)
  expect(error).toBeLessThan(0.1)
  expect(costError).toBeLessThan(0.02)
}, 400_000)
