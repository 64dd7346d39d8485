import { expect, test } from 'vitest'
import { changeOf, sparkPath } from '../../client/charts/change'
import { createCommitQueue } from '../../client/charts/commits'
import { lineChart, lineSentence, subjects, valuesAt, type LineSubject } from '../../client/charts/lines'
import { lineOption } from '../../client/charts/option'
import { changeMarks, endLabels } from '../../client/charts/overlay'
import { linearScale, logScale, timeTicks, windowOf } from '../../client/charts/scale'
import { spread } from '../../client/charts/spread'
import { createRecorder } from '../../client/stores/history'
import { buildFleet, buildFrame } from '../support/frames'

const fleet = buildFleet()
const margins = { left: 40, right: 100, top: 20, bottom: 20 }
const place = { width: 440, height: 240 }

function subject(metric: LineSubject['metric']): LineSubject {
  const found = subjects.find(candidate => candidate.metric === metric)
  if (!found) throw new Error(`no chart of ${metric}`)
  return found
}

function recorded(seconds: number[], change: (second: number) => Partial<ReturnType<typeof buildFrame>> = () => ({})) {
  const recorder = createRecorder()
  for (const second of seconds) recorder.add(buildFrame(fleet, second * 4, change(second)))
  return recorder
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

test('the right end of a chart is the newest point, and its window a round span', () => {
  const chart = lineChart(subject('outputTokens'), fleet, recorded(range(1, 400)).view(), 1)
  expect(chart.window).toEqual({ from: -20, to: 400 })
  expect(windowOf(Float64Array.of(0, 40_000), 1).to - windowOf(Float64Array.of(0, 40_000), 1).from).toBe(1800)
  expect(windowOf(Float64Array.of(0, 40_000), 60).from).toBe(40_000 - 7200)
})

test('a gap in the history is a gap in every line', () => {
  const recorder = recorded(range(1, 5))
  recorder.gap()
  recorder.add(buildFrame(fleet, 40))
  const [line] = lineChart(subject('outputTokens'), fleet, recorder.view(), 1).lines
  const places = [...(line?.points ?? [])].filter((_, index) => index % 2 === 1)
  expect(places.map(Number.isNaN)).toEqual([false, false, false, false, false, true, false])
})

test('amounts start at zero and latency is logarithmic, with few ticks', () => {
  expect(linearScale(3.9)).toMatchObject({ min: 0, max: 5, ticks: [0, 1, 2, 3, 4, 5] })
  expect(linearScale(730).ticks).toEqual([0, 200, 400, 600, 800])
  expect(logScale(0.06, 0.7).ticks).toEqual([0.05, 0.1, 0.2, 0.5, 1])
  expect(logScale(0.001, 90).ticks.length).toBeLessThanOrEqual(6)
  expect(logScale(Infinity, -Infinity).ticks.length).toBeGreaterThan(1)
})

test('time ticks are round on the clock and leave the right end to now', () => {
  const ticks = timeTicks({ from: 100, to: 1300 }, 7)
  expect(ticks).toEqual([293, 593, 893])
})

test('the option gives every family its own constant series, without animation or symbols', () => {
  const chart = lineChart(subject('ttftP95'), fleet, recorded(range(1, 20)).view(), 1)
  const ink = {
    line: '#111',
    axis: '#222',
    label: '#333',
    hues: { blackwell: '#0f0', trainium: '#ff0', hopper: '#ccc' },
  }
  const words = { value: String, time: String }
  const option = lineOption(chart, margins, ink, words, 400)
  expect(option).toMatchObject({
    animation: false,
    series: [
      { id: 'blackwell', showSymbol: false, connectNulls: false, lineStyle: { color: '#0f0', type: 'solid' } },
      { id: 'trainium', lineStyle: { type: [9, 3, 2, 3] } },
      { id: 'hopper', lineStyle: { cap: 'round' } },
    ],
  })
})

test('names at the line ends never overlap, keep their order and stay inside', () => {
  const chart = lineChart(subject('saturation'), fleet, recorded(range(1, 20)).view(), 1)
  const labels = endLabels(chart, [0.5, 0.501, 0.499], margins, place)
  const heights = labels.map(label => label.y).sort((a, b) => a - b)
  expect(heights.every((y, index) => index === 0 || y - (heights[index - 1] ?? 0) >= 14 - 1e-9)).toBe(true)
  const byHeight = [...labels].sort((a, b) => a.y - b.y).map(label => label.id)
  expect(byHeight).toEqual(['trainium', 'blackwell', 'hopper'])
  expect(endLabels(chart, [null, 0.5, null], margins, place).map(label => label.id)).toEqual(['trainium'])
})

test('spread keeps what fits where it is, and pushes apart what does not', () => {
  const spans = (...at: number[]) => at.map(centre => ({ at: centre, size: 10 }))
  expect(spread(spans(20, 80), 0, 100)).toEqual([20, 80])
  expect(spread(spans(50, 50, 50), 0, 100)).toEqual([40, 50, 60])
  expect(spread(spans(99, 98), 0, 100)).toEqual([95, 85])
  expect(spread(spans(0, 0), 0, 100, 4)).toEqual([5, 19])
})

test('a change of routing is marked on the chart at its time, and not when it lies outside', () => {
  const chart = lineChart(subject('power'), fleet, recorded(range(1, 300)).view(), 1)
  const change = (revision: number, time: number) => ({
    revision,
    time,
    summary: 'Chat',
    reason: null,
    by: 'local',
    before: {},
  })
  const marks = changeMarks(chart, [change(2, -50), change(3, 150), change(4, 152)], margins, place)
  expect(marks.map(mark => [mark.revision, mark.x, mark.named])).toEqual([
    [3, 190, false],
    [4, 192, true],
  ])
})

test('the crosshair reads the values of the last point before it', () => {
  const history = recorded(range(1, 10), second => ({
    families: { ...buildFrame(fleet).families, power: [second, second * 2, null] },
  })).view()
  expect(valuesAt(subject('power'), fleet, history, 4.6)).toEqual([4, 8, null])
  expect(valuesAt(subject('power'), fleet, history, 0)).toEqual([null, null, null])
})

test('a chart says in a sentence what it shows, and that it shows nothing yet', () => {
  const chart = lineChart(subject('power'), fleet, recorded(range(1, 10)).view(), 1)
  expect(lineSentence(subject('power'), chart)).toMatch(/^Power by family over 60\u202fs, MW\. Now: Blackwell 0\.2/)
  const empty = lineChart(subject('power'), null, createRecorder().view(), 1)
  expect(lineSentence(subject('power'), empty)).toContain('no data')
})

test('a figure is compared with an hour ago, else with ten minutes ago, else not', () => {
  const at = (...time: number[]) =>
    changeOf(
      Float64Array.from(time),
      Float64Array.from(time, second => second * 2),
    )
  expect(at(0, 300)).toBeNull()
  expect(at(0, 100, 700)).toEqual({ by: 1200, since: 100 })
  expect(at(0, 3000, 3600)).toEqual({ by: 7200, since: 0 })
})

test('a sparkline breaks at a gap and ends at the newest value', () => {
  const { path, end } = sparkPath(Float64Array.of(1, 2, NaN, 2, 3))
  expect(path.match(/M/g)).toHaveLength(2)
  expect(end).toBeLessThan(50)
  expect(sparkPath(Float64Array.of(NaN, 1))).toEqual({ path: '', end: null })
})

test('one chart is drawn per animation frame, the newest drawing of each', () => {
  const frames: (() => void)[] = []
  const queue = createCommitQueue(draw => frames.push(draw))
  const [first, second, gone] = [Symbol(), Symbol(), Symbol()]
  const drawn: string[] = []
  queue.request(first, () => drawn.push('first, old'))
  queue.request(second, () => drawn.push('second'))
  queue.request(first, () => drawn.push('first'))
  queue.request(gone, () => drawn.push('gone'))
  queue.cancel(gone)
  frames.shift()?.()
  expect(drawn).toEqual(['first'])
  while (frames.length > 0) frames.shift()?.()
  expect(drawn).toEqual(['first', 'second'])
})
