import { expect, test } from 'vitest'
import { createFrameRing } from '../../server/history/frame-ring'
import { createHistory } from '../../server/history/history'
import { advance, createSimulation, fleets, takeFrame, type Fleet, type Frame } from '../../simulation/index'
import { smallFleet } from '../support/server'

/** Frames of a fleet that lie `step` seconds apart. */
function frames(fleet: Fleet, count: number, step: number): Frame[] {
  const simulation = createSimulation({ fleet, seed: 2 })
  return Array.from({ length: count }, (_, index) => {
    advance(simulation, (index + 1) * step)
    return takeFrame(simulation, index + 1)
  })
}

test('history has one point per simulated second, and one per frame where frames lie further apart', () => {
  const history = createHistory()
  for (const frame of frames(smallFleet(), 20, 0.25)) history.add(frame)
  expect(history.view().time).toEqual([0.25, 1.25, 2.25, 3.25, 4.25])
  const coarse = createHistory()
  for (const frame of frames(smallFleet(), 4, 5)) coarse.add(frame)
  expect(coarse.view().time).toEqual([5, 10, 15, 20])
})

test('history is bounded, its newest points are whole and its older ones thinned', () => {
  const history = createHistory()
  const [frame] = frames(smallFleet(), 1, 1)
  if (!frame) throw new Error('no frame')
  for (let time = 1; time <= 2000; time++) history.add({ ...frame, time })
  const { time, pools } = history.view()
  expect(time.at(-1)).toBe(2000)
  expect(time[0]).toBeGreaterThan(1400)
  expect(time[0]).toBeLessThan(1410)
  expect(time.slice(-100)).toEqual(Array.from({ length: 100 }, (_, index) => 1901 + index))
  expect(time.length).toBeLessThan(300)
  expect(pools.every(series => Object.values(series).every(values => values.length === time.length))).toBe(true)
})

test('the history of ten minutes of the default fleet stays below 520 kB', () => {
  const { default: fleet } = fleets
  if (!fleet) throw new Error('there is no default fleet')
  const made = frames(fleet, 20, 1)
  const history = createHistory()
  for (let time = 0; time < 700; time++) {
    const frame = made[time % made.length]
    if (frame) history.add({ ...frame, time })
  }
  expect(JSON.stringify(history.view()).length).toBeLessThan(520_000)
})

test('the newest frames are kept whole, the oldest forgotten', () => {
  const ring = createFrameRing(5)
  expect(ring.newest()).toBeNull()
  expect(ring.since(0)).toEqual({ from: 0, frames: [] })
  const made = frames(smallFleet(), 8, 1)
  for (const frame of made) ring.add(frame)
  expect(ring.newest()).toEqual(made[7])
  expect(ring.since(6)).toEqual({ from: 4, frames: made.slice(6) })
  expect(ring.since(1)).toEqual({ from: 4, frames: made.slice(3) })
})
