import { expect, test } from 'vitest'
import { changeOf, sparkPath } from '../../client/charts/change'
import { createCommitQueue } from '../../client/charts/commits'
import { lineChart, pairsOf, valuesAt, type LineChart, type LineSource } from '../../client/charts/lines'
import { lineOption, traceOf } from '../../client/charts/option'
import { bandPath, endLabels, gapBoxes, placeMarks } from '../../client/charts/overlay'
import { markAfter, readingAfter, type Reading } from '../../client/charts/reading'
import { linearScale, logScale, nearOneScale, timeTicks, windowOf } from '../../client/charts/scale'
import { spread } from '../../client/charts/spread'
import { choiceOf, choicesOf, nameOf, subjects } from '../../client/charts/subjects'
import { chartSentence, chartSheet, pointSentence } from '../../client/charts/words'
import { spanBetween, zoomAround } from '../../client/charts/zoom'
import { createRecorder } from '../../client/stores/history'
import type { Mark } from '../../client/stores/marks'
import { buildFleet, buildFrame } from '../support/frames'

const fleet = buildFleet()
const margins = { left: 40, right: 100, top: 20, bottom: 20 }
const place = { width: 440, height: 240 }

/** A chart as the address names it. */
function chartOf(
  name: string,
  recorder: ReturnType<typeof createRecorder>,
  source: Partial<LineSource> = {},
): LineChart {
  const choice = choiceOf(name)
  if (!choice) throw new Error(`no chart ${name}`)
  return lineChart(choice.subject, choice.by, { fleet, history: recorder.view(), speed: 1, ...source })
}

function recorded(seconds: number[], change: (second: number) => Partial<ReturnType<typeof buildFrame>> = () => ({})) {
  const recorder = createRecorder()
  for (const second of seconds) recorder.add(buildFrame(fleet, second * 4, change(second)))
  return recorder
}

function mark(id: string, time: number, kind: Mark['kind'] = 'change'): Mark {
  return { id, kind, time, name: id, summary: 'Chat', more: null, automatic: false, to: '/changes' }
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

test('the right end of a chart is the newest point, and its window a round span', () => {
  const chart = chartOf('output', recorded(range(1, 400)))
  expect(chart.window).toEqual({ from: -20, to: 400 })
  expect(windowOf(Float64Array.of(0, 40_000), 1).to - windowOf(Float64Array.of(0, 40_000), 1).from).toBe(1800)
  expect(windowOf(Float64Array.of(0, 40_000), 60).from).toBe(40_000 - 7200)
})

test('a gap in the history is a gap in every line', () => {
  const recorder = recorded(range(1, 5))
  recorder.gap()
  recorder.add(buildFrame(fleet, 40))
  const chart = chartOf('output', recorder)
  const places = [...pairsOf(chart, chart.lines[0]?.values ?? new Float64Array())].filter((_, index) => index % 2 === 1)
  expect(places.map(Number.isNaN)).toEqual([false, false, false, false, false, true, false])
  expect(chart.gaps).toEqual([{ from: 5, to: 10 }])
  expect(gapBoxes(chart, margins, place)).toEqual([{ x: expect.closeTo(315), width: expect.closeTo(25) }])
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
  const chart = chartOf('ttft', recorded(range(1, 20)))
  const ink = {
    line: '#111',
    axis: '#222',
    label: '#333',
    plain: '#fff',
    hues: { blackwell: '#0f0', trainium: '#ff0', hopper: '#ccc' },
  }
  const words = { value: String, time: String }
  const option = lineOption({ chart, margins, ink, words, width: 400 })
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
  const chart = chartOf('saturation', recorded(range(1, 20)))
  const { labels } = endLabels(chart, { values: [0.8, 0.81, 0.3] }, margins, place)
  const [blackwell, trainium, hopper] = labels.map(label => label.y)
  expect((blackwell ?? 0) - (trainium ?? 0)).toBeGreaterThanOrEqual(14)
  expect(hopper).toBeGreaterThan(blackwell ?? Infinity)
  expect(labels.every(({ y }) => y >= margins.top - 7 && y <= place.height - margins.bottom + 7)).toBe(true)
  expect(endLabels(chart, { values: [null, 0.5, null] }, margins, place).labels.map(({ line }) => line.id)).toEqual([
    'trainium',
  ])
})

test('where names have no room the largest stay, the one that is read, and how many are left out', () => {
  const chart = chartOf('power-pool', recorded(range(1, 20)))
  const low = { width: 440, height: 40 + 3 * 14 }
  const values = [5, 1, 4, 3, 2]
  expect(chart.lines).toHaveLength(values.length)
  const { labels, more } = endLabels(chart, { values, lit: 'b300-chat' }, margins, low)
  expect(labels.map(({ line }) => line.id)).toEqual(['b200-chat', 'b300-chat', 'trn2-chat'])
  expect(more).toBe(2)
})

test('spread keeps what fits where it is, and pushes apart what does not', () => {
  const spans = (...at: number[]) => at.map(centre => ({ at: centre, size: 10 }))
  expect(spread(spans(20, 80), 0, 100)).toEqual([20, 80])
  expect(spread(spans(50, 50, 50), 0, 100)).toEqual([40, 50, 60])
  expect(spread(spans(99, 98), 0, 100)).toEqual([95, 85])
  expect(spread(spans(0, 0), 0, 100, 4)).toEqual([5, 19])
})

test('what happened is marked at its time, and not when it lies outside', () => {
  const chart = chartOf('power', recorded(range(1, 300)))
  const marks = [mark('r2', -50), mark('r3', 150), mark('fault', 152, 'fault'), mark('r4', 156)]
  expect(placeMarks(chart, marks, margins, place).map(({ mark, x, named }) => [mark.id, x, named])).toEqual([
    ['r3', 190, false],
    ['fault', expect.closeTo(192), false],
    ['r4', 196, true],
  ])
})

test('the crosshair reads the values of the last point before it', () => {
  const recorder = recorded(range(1, 10), second => ({
    families: { ...buildFrame(fleet).families, power: [second, second * 2, null] },
  }))
  const chart = chartOf('power', recorder)
  expect(valuesAt(chart, 4.6)).toEqual([4, 8, null])
  expect(valuesAt(chart, 0)).toEqual([null, null, null])
})

test('a chart says in sentences its range, its newest values and its largest change, or that it shows nothing yet', () => {
  const recorder = recorded(range(1, 10), second => ({
    families: { ...buildFrame(fleet).families, power: [2e6, 1e6 + second * 1e5, null] },
  }))
  expect(chartSentence(chartOf('power', recorder))).toBe(
    'Power by family over 60\u202fs, MW. Range 1.10 to 2.00. Now: Blackwell 2.00, Trainium 2.00. ' +
      'Largest change: Trainium from 1.10 to 2.00.',
  )
  expect(chartSentence(chartOf('power', createRecorder(), { fleet: null }))).toContain('No data.')
})

test('a point is read with its line, clock, figure, interval and samples', () => {
  const chart = chartOf('ttft', recorded(range(1, 10)))
  const [line] = chart.lines
  if (!line) throw new Error('no line')
  expect(pointSentence(chart, line, 5, fleet.epoch)).toMatch(
    /^Blackwell, 13:00:05, p95 TTFT \d+\u00a0ms, [\d\u202fk.]+ samples$/,
  )
  const all = chartOf('ttft-fleet', recorded(range(1, 10)))
  expect(pointSentence(all, all.lines[0] ?? line, 5, fleet.epoch)).toContain('95 % interval 330 to 350\u00a0ms')
  const waiting = chartOf('waiting', recorded(range(1, 10)))
  expect(pointSentence(waiting, waiting.lines[2] ?? line, 5, fleet.epoch)).toMatch(
    /^Hopper, 13:00:05, Waiting \d+ requests$/,
  )
})

test('a percentile of few samples is withheld and says how many there are', () => {
  const thin = (second: number) => ({
    families: { ...buildFrame(fleet).families, ttftCount: [300, second < 10 ? 300 : 12, 300] },
  })
  const chart = chartOf('ttft', recorded(range(1, 10), thin))
  const trainium = chart.lines[1]
  expect([trainium?.last, trainium?.few, Number.isNaN(trainium?.values.at(-1))]).toEqual([null, 12, true])
  expect(trainium && pointSentence(chart, trainium, 10, fleet.epoch)).toContain('p95 TTFT withheld, 12 samples')
  expect(chartSentence(chart)).toContain('Trainium withheld, 12 samples')
  // a hundred for a 99th
  const p99 = chartOf(
    'ttft-p99',
    recorded(range(1, 3), () => ({
      workloads: { ...buildFrame(fleet).workloads, ttftCount: [99, 100], ttftP99: [1, 1] },
    })),
  )
  expect(p99.lines.map(({ last, few }) => [last, few])).toEqual([
    [null, 99],
    [1, null],
  ])
})

test('the interval of the fleet is a band that breaks where nothing is known', () => {
  const recorder = recorded(range(1, 5))
  recorder.gap()
  recorder.add(buildFrame(fleet, 40))
  recorder.add(buildFrame(fleet, 44))
  const chart = chartOf('itl-fleet', recorder)
  const [line] = chart.lines
  expect(line && bandPath(chart, line, margins, place).match(/M/g)).toHaveLength(2)
  const families = chartOf('itl', recorder)
  expect(families.lines.map(each => bandPath(families, each, margins, place))).toEqual(['', '', ''])
})

test('a chart is split by what has the figure, and narrowed to what the filter leaves', () => {
  const recorder = recorded(range(1, 5))
  const ids = (name: string, filter: LineSource['filter']) =>
    chartOf(name, recorder, filter ? { filter } : {}).lines.map(({ id }) => id)
  expect(ids('output', { families: ['trainium'], workloads: null })).toEqual(['trainium'])
  expect(ids('output-pool', { families: ['trainium'], workloads: null })).toEqual(['trn2-chat', 'trn1-ranking'])
  expect(ids('output-pool', { families: ['trainium'], workloads: ['chat'] })).toEqual(['trn2-chat'])
  expect(ids('output-workload', { families: ['hopper'], workloads: null })).toEqual(['chat'])
  expect(ids('output', { families: null, workloads: ['ranking'] })).toEqual(['trainium'])
  expect(ids('output-fleet', { families: ['hopper'], workloads: null })).toEqual(['fleet'])
})

test('every chart has a name in the address, the usual ones by family', () => {
  for (const subject of subjects) {
    const choice = choiceOf(subject.id)
    expect(choice && nameOf(choice)).toBe(subject.id)
  }
  expect(choicesOf(null).map(nameOf)).toEqual(['ttft', 'itl', 'output', 'cost', 'power', 'saturation'])
  expect(choicesOf(['kv', 'ttft-workload', 'nothing', 'ttft']).map(nameOf)).toEqual(['kv', 'ttft-workload'])
  expect(subjects.length).toBeGreaterThanOrEqual(12)
})

test('a zoomed chart shows its span and a point beyond either end, and does not follow the run', () => {
  const chart = chartOf('output', recorded(range(1, 100)), { span: { from: 20, to: 40 } })
  expect([chart.window, chart.follows]).toEqual([{ from: 20, to: 40 }, false])
  expect([chart.time[0], chart.time.at(-1)]).toEqual([19, 41])
  expect(chart.lines[0]?.last).toBe(valuesAt(chart, 40)[0])
})

test('zooming keeps the time under the pointer where it is, within the run, no narrower than ten seconds', () => {
  const whole = { from: 0, to: 1000 }
  expect(zoomAround({ from: 200, to: 600 }, 300, 0.5, whole)).toEqual({ from: 250, to: 450 })
  expect(zoomAround({ from: 0, to: 100 }, 100, 2, whole)).toEqual({ from: 0, to: 200 })
  expect(zoomAround({ from: 500, to: 512 }, 506, 0.1, whole)).toEqual({ from: 501, to: 511 })
  expect(zoomAround({ from: 0, to: 600 }, 300, 2, whole)).toBeNull()
  expect(spanBetween(300, 100, whole)).toEqual({ from: 100, to: 300 })
  expect(spanBetween(998, 999, whole)).toEqual({ from: 990, to: 1000 })
})

test('arrow keys read point by point and line by line, as the lines lie on the screen', () => {
  const chart = chartOf(
    'power',
    recorded(range(1, 10), () => ({
      families: { ...buildFrame(fleet).families, power: [2e6, 3e6, 1e6] },
    })),
  )
  const keys = (...pressed: string[]) => {
    let reading: Reading | null = null
    for (const key of pressed)
      reading = readingAfter(chart, reading, { key, shiftKey: key.startsWith('Arrow') && pressed[0] === 'Home' })
    return reading
  }
  expect(keys('ArrowLeft')).toEqual({ time: 10, line: 'blackwell', from: null })
  expect(keys('End', 'ArrowLeft', 'ArrowLeft', 'ArrowUp')).toEqual({ time: 8, line: 'trainium', from: null })
  expect(keys('End', 'ArrowUp', 'ArrowUp')).toEqual({ time: 10, line: 'trainium', from: null })
  expect(keys('End', 'ArrowDown')).toEqual({ time: 10, line: 'hopper', from: null })
  expect(keys('Home')).toEqual({ time: 1, line: 'blackwell', from: null })
  expect(keys('Home', 'ArrowRight', 'ArrowRight')).toEqual({ time: 3, line: 'blackwell', from: 1 })
  expect(readingAfter(chart, null, { key: 'x', shiftKey: false })).toBeNull()
  expect(readingAfter(chartOf('power', createRecorder()), null, { key: 'Home', shiftKey: false })).toBeNull()
})

test('walking from mark to mark meets each, also of several at one time', () => {
  const marks = [
    { id: 'r1', time: 0 },
    { id: 'r2', time: 50 },
    { id: 'fault', time: 80 },
    { id: 'alert', time: 80 },
    { id: 'r3', time: 200 },
  ]
  const window = { from: 10, to: 100 }
  const walk = (start: Reading | null, ...ways: (1 | -1)[]) => {
    let reading = start
    return ways.map(way => {
      const mark = markAfter(marks, window, reading, way)
      if (mark) reading = { time: mark.time, line: 'hopper', from: null, mark: mark.id }
      return mark?.id ?? null
    })
  }
  expect(walk(null, -1, -1, -1, -1, 1, 1, 1)).toEqual(['alert', 'fault', 'r2', null, 'fault', 'alert', null])
  expect(walk({ time: 60, line: 'hopper', from: null }, 1, -1)).toEqual(['fault', 'r2'])
  expect(walk({ time: 60, line: 'hopper', from: null, mark: 'gone' }, -1)).toEqual(['r2'])
})

test('the table of a chart has every point of its window, with samples and units', () => {
  const sheet = chartSheet(chartOf('ttft', recorded(range(1, 30)), { span: { from: 10, to: 20 } }), fleet.epoch)
  expect(sheet.rows.map(row => row[1])).toEqual(range(10, 20).map(second => `13:00:${second}`))
  expect(sheet.columns.slice(0, 4)).toEqual([
    { name: 'simulated time', unit: 's' },
    { name: 'clock', unit: 'UTC' },
    { name: 'Blackwell p95 TTFT', unit: 's' },
    { name: 'Blackwell samples' },
  ])
  const intervals = chartSheet(chartOf('ttft-fleet', recorded(range(1, 3))), fleet.epoch)
  expect(intervals.columns.map(({ name }) => name)).toContain('Fleet 95 % interval, low')
  expect(intervals.rows[0]).toHaveLength(intervals.columns.length)
})

test('a drawing that would not differ by a pixel is known as such', () => {
  const frame = buildFrame(fleet)
  const trace = (seconds: number, lit: string | null = null) => {
    const recorder = createRecorder()
    for (const time of range(1, seconds)) recorder.add({ ...frame, time })
    return traceOf({ chart: chartOf('power', recorder), margins, width: 440, lit })
  }
  // 1200 s on 300 px
  expect(trace(1001)).toBe(trace(1000))
  expect(trace(1004)).not.toBe(trace(1000))
  expect(trace(1000, 'hopper')).not.toBe(trace(1000))
})

test('attainment is looked at near 100 %, from a round share', () => {
  expect(nearOneScale(0.987)).toMatchObject({ min: 0.98, max: 1 })
  expect(nearOneScale(0.2).min).toBe(0)
  expect(nearOneScale(Infinity).ticks.length).toBeGreaterThan(3)
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

test('in an animation frame as many charts are drawn as its time allows, the newest drawing of each', () => {
  const frames: (() => void)[] = []
  let now = 0
  const queue = createCommitQueue(
    draw => frames.push(draw),
    () => now,
  )
  const drawn: string[] = []
  const draw = (name: string, ms: number) => () => {
    drawn.push(name)
    now += ms
  }
  const [first, second, third, gone] = [Symbol(), Symbol(), Symbol(), Symbol()]
  queue.request(first, draw('first, old', 100))
  queue.request(second, draw('second', 100))
  queue.request(third, draw('third', 100))
  queue.request(first, draw('first', 1))
  queue.request(gone, draw('gone', 1))
  queue.cancel(gone)
  frames.shift()?.()
  expect(drawn).toEqual(['first', 'second'])
  while (frames.length > 0) frames.shift()?.()
  expect(drawn).toEqual(['first', 'second', 'third'])
})
