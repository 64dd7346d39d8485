import { expect, test } from 'vitest'
import { clock } from '../../client/format'
import { momentOf } from '../../client/moment'

const epoch = '2027-04-14T13:00:00Z'

test('a clock names the moment nearest to the one that is shown, on the day before or after too', () => {
  expect(momentOf('13:02:05', epoch, 0)).toBe(125)
  expect(momentOf('14:03', epoch, 10)).toBe(3780)
  expect(momentOf('02:00:00', epoch, 86_400)).toBe(13 * 3600)
  expect(momentOf('13:00:01', epoch, 3 * 86_400)).toBe(3 * 86_400 + 1)
  for (const near of [0, 40_000, 100_000]) {
    const time = momentOf('23:59:59', epoch, near)
    expect(clock(epoch, time ?? NaN)).toBe('23:59:59')
    expect(Math.abs((time ?? NaN) - near)).toBeLessThanOrEqual(43_200)
  }
})

test('what is no time of day names no moment', () => {
  for (const text of ['', 'noon', '24:00:00', '12:60', '12:00:61', '12:00:00:00', '-1:00', '1200'])
    expect(momentOf(text, epoch, 0), text).toBeNull()
})
