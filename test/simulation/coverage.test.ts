import { expect, test } from 'vitest'
import { judge, tryChanges } from '../support/coverage'

// half the horizon of the panel: intervals and errors of twenty changes tell the same, in half the time
test('of twenty random changes most turn out within the interval that was told', () => {
  const { inside, halfWidth, error, costError } = judge([...tryChanges(20, 300)])
  // if nine in ten are inside, fewer than 15 of 20 come once in ninety times
  expect(inside).toBeGreaterThanOrEqual(15)
  expect(halfWidth).toBeLessThan(0.2)
  expect(error).toBeLessThan(0.1)
  expect(costError).toBeLessThan(0.02)
}, 400_000)
