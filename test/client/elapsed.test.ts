import { expect, test } from 'vitest'
import { createElapsed } from '../../client/stores/elapsed'

test('what has passed does not shrink when the wall clock is set back, and counts the sleep of the machine', () => {
  const clocks = { wall: 1_000_000, steady: 0 }
  const elapsed = createElapsed(
    () => clocks.wall,
    () => clocks.steady,
  )
  clocks.wall += 500
  clocks.steady += 500
  expect(elapsed()).toBe(500)
  clocks.wall -= 3_600_000
  clocks.steady += 250
  expect(elapsed()).toBe(750)
  clocks.wall += 60_000
  expect(elapsed()).toBe(60_750)
})
