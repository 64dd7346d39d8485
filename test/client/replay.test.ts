import { expect, test } from 'vitest'
import { nearMarks, placeMarks, replayArea, timeAt } from '../../client/charts/replay'
import type { Mark } from '../../client/stores/marks'

const box = { from: 0, to: 100, width: 200, height: 20 }
const mark = (time: number, change: Partial<Mark> = {}): Mark => ({
  id: `${time}`,
  kind: 'change',
  time,
  name: `r${time}`,
  summary: '',
  more: null,
  automatic: false,
  to: '/changes',
  ...change,
})

test('a gap is no line and no area, and has a place of its own', () => {
  const { line, area, gaps } = replayArea([10, 20, 30, 60, 70], [1, 2, NaN, 2, 1], { ...box, from: 10 })
  expect(line.match(/M/g)).toHaveLength(2)
  expect(area.match(/Z/g)).toHaveLength(2)
  expect(gaps).toHaveLength(1)
  expect(timeAt(gaps[0]?.x ?? 0, { ...box, from: 10 })).toBeCloseTo(20)
})

test('what the bar has no room for beyond its ends is its first and its last time', () => {
  expect([timeAt(-20, box), timeAt(100, box), timeAt(1000, box)]).toEqual([0, 50, 100])
})

test('names of marks give way before the marks do', () => {
  const placed = placeMarks([mark(10), mark(12), mark(60, { kind: 'fault' }), mark(90)], box, 44)
  expect(placed.map(({ x }) => x)).toEqual([20, 24, 120, 180])
  expect(placed.map(({ named }) => named)).toEqual([false, true, false, false])
})

test('from one mark to the next and back', () => {
  const marks = [mark(10), mark(40), mark(80)]
  expect(nearMarks(marks, 40).before?.time).toBe(10)
  expect(nearMarks(marks, 40).after?.time).toBe(80)
  expect(nearMarks(marks, 5).before).toBeNull()
})
