import { mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { capacitiesOf, resolutions } from '../../server/history/budget'
import { createFrameRing } from '../../server/history/frame-ring'
import { openHistory, type HistoryRecord } from '../../server/history/history'
import { createLayout, membersOf } from '../../server/history/layout'
import { seriesOf } from '../../server/history/series'
import {
  charted,
  advance,
  createSimulation,
  fleets,
  setRouting,
  takeFrame,
  viewFleet,
  type Fleet,
  type Frame,
} from '../../simulation/index'
import { smallFleet } from '../support/server'
import { wideFleet } from '../support/wide-fleet'

let folder: string
let opened: HistoryRecord[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headgate-history-'))
  opened = []
})
afterEach(async () => {
  for (const history of opened) await history.close()
  await rm(folder, { recursive: true, force: true })
})

const fleet = smallFleet()
const megabyte = 2 ** 20
const rowBytes = createLayout(membersOf(viewFleet(fleet))).bytes

interface Opening {
  of?: Fleet
  bytes?: number
  horizon?: number
  at?: string | null
}

async function begin({ of = fleet, bytes = 64 * megabyte, horizon = Infinity, at = folder }: Opening = {}) {
  const history = await openHistory({ folder: at, fleet: viewFleet(of), bytes, horizon })
  opened.push(history)
  return history
}

/** As when the process is killed after the disk has all, or some, of it: nothing is closed. */
async function again(before: HistoryRecord, opening: Opening = {}) {
  await before.flush()
  return begin(opening)
}

/** Frames of a fleet that lie `step` seconds apart. */
function frames(of: Fleet, count: number, step: number): Frame[] {
  const simulation = createSimulation({ fleet: of, seed: 2 })
  return Array.from({ length: count }, (_, index) => {
    advance(simulation, (index + 1) * step)
    return takeFrame(simulation, index + 1)
  })
}

const [some, other] = frames(fleet, 40, 1).slice(-2)
/** A frame of that second, whose goodput tells of it. */
function frameAt(time: number, change: Partial<Frame['fleet']> = {}): Frame {
  if (!some) throw new Error('no frame')
  return { ...some, time, sequence: time * 4, fleet: { ...some.fleet, goodput: time % 100, ...change } }
}

async function fill(history: HistoryRecord, from: number, to: number): Promise<void> {
  for (let time = from; time <= to; time++) {
    history.add(frameAt(time))
    if (time % 500 === 0) await history.flush()
  }
}

const goodput = async (history: HistoryRecord, from: number, to: number, points = 600) => {
  const { time, fleet, resolution } = await history.range({ from, to, points, series: seriesOf(['fleet.goodput']) })
  return { time, values: fleet.goodput ?? [], resolution }
}

test('history has one point per simulated second, and one per frame where frames lie further apart', async () => {
  const history = await begin({ at: null })
  for (const frame of frames(fleet, 20, 0.25)) history.add(frame)
  expect(history.view().time).toEqual([0.25, 1.25, 2.25, 3.25, 4.25])
  const coarse = await begin({ at: null })
  for (const frame of frames(fleet, 4, 5)) coarse.add(frame)
  expect(coarse.view().time).toEqual([5, 10, 15, 20])
})

test('what a newcomer gets is bounded, its newest points are whole and its older ones thinned', async () => {
  const history = await begin()
  await fill(history, 1, 2000)
  const { time, pools } = history.view()
  expect(time.at(-1)).toBe(2000)
  expect(time[0]).toBeGreaterThan(1400)
  expect(time[0]).toBeLessThan(1410)
  expect(time.slice(-100)).toEqual(Array.from({ length: 100 }, (_, index) => 1901 + index))
  expect(time.length).toBeLessThan(300)
  expect(pools.every(series => Object.values(series).every(values => values.length === time.length))).toBe(true)
})

test('the ten minutes of the default fleet that a newcomer gets stay below 520 kB', async () => {
  const { default: fleet } = fleets
  if (!fleet) throw new Error('there is no default fleet')
  const made = frames(fleet, 20, 1)
  const history = await begin({ of: fleet, at: null })
  for (let time = 0; time < 700; time++) {
    const frame = made[time % made.length]
    if (frame) history.add({ ...frame, time })
  }
  expect(JSON.stringify(history.view()).length).toBeLessThan(520_000)
})

test('a frame comes back from disk as it was, figure for figure, with its mirrors and without', async () => {
  const simulation = createSimulation({ fleet, seed: 2 })
  const [first, second] = fleet.routing.chat ?? []
  if (!first || !second) throw new Error('chat has no two routes')
  const made: Frame[] = []
  for (let at = 1; at <= 60; at++) {
    if (at === 30) setRouting(simulation, fleet.routing, 2, { chat: [{ ...second, part: 0.5 }] })
    advance(simulation, at)
    made.push(takeFrame(simulation, at))
  }
  const history = await begin()
  for (const frame of made) history.add(frame)
  const read = await again(history)
  for (const frame of made) {
    const moment = await read.moment(frame.time + 0.4)
    expect(moment).toEqual({ resolution: 1, frame })
  }
  expect(made.at(-1)?.mirrors?.workload).toHaveLength(1)
  expect(await read.moment(0.5)).toBeNull()
})

test('of a fleet of many pools, what flows to its families comes back too', async () => {
  const wide = wideFleet(80)
  const [frame] = frames(wide, 1, 2)
  if (!frame) throw new Error('no frame')
  const history = await begin({ of: wide })
  history.add(frame)
  const { troubled, ...kept } = frame
  expect(troubled?.pool).toEqual([])
  expect(kept.familyFlows?.requests.some(rate => (rate ?? 0) > 0)).toBe(true)
  expect((await history.moment(2.4))?.frame).toEqual(kept)
})

test('coarser rows hold means of rates, weighed ratios, the highest percentile and the least of its samples', async () => {
  const history = await begin({ bytes: 2 * megabyte })
  for (let time = 1; time <= 21; time++) {
    const odd = time % 2
    history.add(
      frameAt(time, {
        goodput: odd ? 10 : 30,
        ttftP95: odd ? 0.2 : 0.4,
        ttftCount: odd ? 500 : 300,
        outputTokens: odd ? 1000 : 3000,
        costPerMtok: odd ? 1 : 2,
        power: odd ? null : 7,
      }),
    )
  }
  const { time, fleet } = await history.range({ from: 0, to: 20, points: 3, series: charted })
  expect(time).toEqual([10, 20])
  expect([fleet.goodput, fleet.ttftP95, fleet.power]).toEqual([
    [20, 20],
    [0.4, 0.4],
    [7, 7],
  ])
  // $ of all tokens by all tokens, not the mean of both prices
  expect(fleet.costPerMtok).toEqual([1.75, 1.75])
})

test('a range comes at the resolution that fits, whole and in order, up to the newest second', async () => {
  const history = await begin()
  await fill(history, 1, 8000)
  const whole = await goodput(history, 0, 8000, 600)
  expect(whole.time.length).toBeLessThanOrEqual(600)
  expect(whole.time.length).toBeGreaterThan(200)
  expect(whole.time).toEqual(whole.time.toSorted((a, b) => a - b))
  expect(whole.time.at(-1)).toBe(8000)
  const minutes = await goodput(history, 2000, 2300, 600)
  expect(minutes.resolution).toBe(1)
  expect(minutes.time).toEqual(Array.from({ length: 301 }, (_, index) => 2000 + index))
  expect(minutes.values.slice(0, 3)).toEqual([0, 1, 2])
  expect((await goodput(history, 3600, 6200)).time.length).toBeGreaterThan(200)
  expect(await goodput(history, 30_000, 40_000)).toMatchObject({ time: [], values: [] })
})

test('files stay within the budget, the ring of seconds gives way first, and what is forgotten there is kept coarser', async () => {
  const history = await begin({ bytes: 4 * megabyte })
  await fill(history, 1, 4000)
  await history.flush()
  const sizes = await Promise.all(resolutions.map(async seconds => (await stat(join(folder, `${seconds}s.ring`))).size))
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(4 * megabyte)
  expect((await history.moment(10))?.resolution).toBe(10)
  expect((await history.moment(4000))?.resolution).toBe(1)
  expect(history.extent()).toMatchObject({ newest: 4000 })
  expect((await goodput(history, 0, 4000)).time[0]).toBeLessThanOrEqual(10)

  const [narrow, wide] = [capacitiesOf(512 * megabyte, 5000), capacitiesOf(512 * megabyte, 12_000)]
  expect(wide[600]).toBe(narrow[600])
  expect(wide[1]).toBeLessThan(narrow[1] / 2)
  expect(capacitiesOf(512 * megabyte, 200_000)[1]).toBeGreaterThan(600)
})

test('after a kill it goes on: nothing twice, nothing back, and stretches that were under way end as they would have', async () => {
  const straight = await begin({ at: join(folder, 'straight') })
  await fill(straight, 1, 1300)
  const killed = await begin()
  await fill(killed, 1, 655)
  // the run computes again what came after its snapshot
  const back = await again(killed)
  await fill(back, 400, 1300)
  expect(await goodput(back, 0, 1300, 2000)).toEqual(await goodput(straight, 0, 1300, 2000))
  for (const points of [150, 30, 4])
    expect(await goodput(back, 0, 1300, points)).toEqual(await goodput(straight, 0, 1300, points))
  const view = (await again(back)).view()
  expect(view).toEqual(straight.view())
})

test('rows beyond what was shown are cut off, and stay so', async () => {
  const before = await begin()
  await fill(before, 1, 100)
  const back = await again(before, { horizon: 80 * 4 })
  expect(back.extent()?.newest).toBe(80)
  if (!other) throw new Error('no frame')
  back.add({ ...other, time: 81, sequence: 81 * 4 })
  const later = await again(back)
  expect(later.extent()?.newest).toBe(81)
  expect((await later.moment(100))?.frame.fleet).toEqual(other.fleet)
})

test('a torn row is a gap, and so is one that was never written', async () => {
  const before = await begin()
  await fill(before, 1, 50)
  before.add(frameAt(60))
  await fill(before, 61, 70)
  await before.flush()
  const { 1: capacity } = capacitiesOf(64 * megabyte, rowBytes)
  const file = await open(join(folder, '1s.ring'), 'r+')
  await file.write(Buffer.from('torn'), 0, 4, capacity * 32 + 19 * rowBytes + 200)
  await file.close()
  const { time, values } = await goodput(await begin(), 0, 70)
  expect(values[19]).toBeNull()
  expect(time.slice(18, 21)).toEqual([19, 19.001, 21])
  expect(values.slice(49, 52)).toEqual([50, null, 60])
  expect((await (await begin()).moment(20))?.frame.time).toBe(19)
})

test('another budget keeps the newest rows that fit', async () => {
  const before = await begin({ bytes: 8 * megabyte })
  await fill(before, 1, 1500)
  const smaller = await again(before, { bytes: 2 * megabyte })
  expect(smaller.extent()?.newest).toBe(1500)
  expect((await smaller.moment(1500))?.resolution).toBe(1)
  await fill(smaller, 1501, 1600)
  const larger = await again(smaller, { bytes: 16 * megabyte })
  expect((await goodput(larger, 1400, 1600)).time).toHaveLength(201)
})

test('where nothing can be written it says so, and goes on from memory', async () => {
  await writeFile(join(folder, 'file'), '')
  const history = await begin({ at: join(folder, 'file', 'below') })
  expect(history.failing()).toMatch(/ENOTDIR|not a directory/)
  await fill(history, 1, 300)
  expect((await goodput(history, 0, 300)).time).toHaveLength(300)
  expect((await history.moment(7))?.frame.time).toBe(7)
})

test('the newest frames are kept whole, the oldest forgotten', () => {
  const ring = createFrameRing(5)
  expect(ring.newest()).toBeNull()
  expect(ring.since(0)).toEqual({ from: 0, frames: [] })
  const made = frames(fleet, 8, 1)
  for (const frame of made) ring.add(frame)
  expect(ring.newest()).toEqual(made[7])
  expect(ring.since(6)).toEqual({ from: 4, frames: made.slice(6) })
  expect(ring.since(1)).toEqual({ from: 4, frames: made.slice(3) })
})
