import { expect, test } from 'vitest'
import { openWatch } from '../support/watch'

const queue = (waiting: number) => ({ pool: { waiting, running: 400 }, of: 'h200-chat' })
/** Half an hour in which the queue is about thirty. */
function calm(desk: ReturnType<typeof openWatch>, minutes = 30) {
  for (let minute = 0; minute < minutes; minute++) desk.pass(60, queue(28 + (minute % 5)), 5)
}
const marks = (desk: ReturnType<typeof openWatch>) => desk.view().anomalies.map(({ words }) => words)

test('a figure that is not what it was is marked once, against what, and with what it follows', () => {
  const desk = openWatch()
  calm(desk)
  expect(marks(desk)).toEqual([])
  desk.acted({ kind: 'fault', fault: { kind: 'throttling', id: 'heat', pool: 'h200-chat', clock: 0.5 } })
  desk.pass(125, queue(90), 5)
  expect(marks(desk)).toEqual([
    expect.stringMatching(/^h200-chat queue \d+\.\d σ above its last \d+ min; follows the throttle at 13:30$/),
  ])
  const [mark] = desk.view().anomalies
  expect(mark).toMatchObject({
    value: 90,
    usual: 30,
    since: 1800,
    until: null,
    cause: { words: 'the throttle', time: 1800 },
  })
  desk.pass(120, queue(31), 5)
  expect(desk.view().anomalies).toMatchObject([{ since: 1800, until: 1980 }])
})

test('what nothing explains is marked without a cause; a fault elsewhere or long ago is none', () => {
  const desk = openWatch()
  desk.acted({ kind: 'fault', fault: { kind: 'throttling', id: 'old', pool: 'h200-chat' } })
  calm(desk)
  desk.acted({ kind: 'fault', fault: { kind: 'throttling', id: 'other', pool: 'b200-code' } })
  desk.pass(125, queue(90), 5)
  expect(marks(desk)).toEqual([expect.not.stringContaining('follows')])
})

test('after a change of routing that touches it a pool is held against what came since, and against nothing at first', () => {
  const desk = openWatch()
  calm(desk)
  const all = [{ prefill: 'h200-chat', decode: 'h200-chat', share: 1 }]
  desk.rerouted({ chat: all })
  for (let minute = 0; minute < 20; minute++) desk.pass(60, queue(90 + (minute % 5)), 5)
  expect(marks(desk)).toEqual([])
  desk.pass(125, queue(300), 5)
  expect(marks(desk)).toHaveLength(1)
})

test('of a workload it says in which of its pools the cause lies', () => {
  const desk = openWatch()
  const slow = (ttftP95: number) => ({ workload: { ttftP95 }, of: 'chat' })
  for (let minute = 0; minute < 15; minute++) desk.pass(60, slow(0.3 + (minute % 3) / 100), 5)
  desk.acted({ kind: 'fault', fault: { kind: 'chip-loss', id: 'chip', pool: 'h200-chat', replica: 0 } })
  desk.pass(125, slow(2), 5)
  expect(marks(desk)).toEqual([
    expect.stringMatching(/^Chat p95 TTFT .* σ above .*; follows the loss of a chip in h200-chat at 13:15$/),
  ])
})

test('noise, small differences, less than usual of what is better so and the first minutes are no marks', () => {
  const desk = openWatch()
  for (let minute = 0; minute < 40; minute++) desk.pass(60, queue(minute % 3 === 0 ? 60 : 20), 5)
  desk.pass(125, queue(75), 5)
  desk.pass(125, queue(0), 5)
  expect(marks(desk)).toEqual([])
  const young = openWatch()
  calm(young, 5)
  young.pass(125, queue(300), 5)
  expect(marks(young)).toEqual([])
})

test('there are never more than five marks at once, the oddest', () => {
  const desk = openWatch()
  for (let minute = 0; minute < 20; minute++)
    desk.pass(60, { pool: { waiting: 30 + (minute % 3) }, workload: { arrived: 50 } }, 5)
  desk.pass(125, { pool: { waiting: 200 }, workload: { arrived: 90 } }, 5)
  expect(desk.view().anomalies).toHaveLength(5)
})
