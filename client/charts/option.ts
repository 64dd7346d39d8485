/** From a line chart to the option of the chart library. Grid in pixels, so that labels beside it can be placed. */
import type { EChartsCoreOption } from 'echarts/core'
import { dashOf } from './families'
import { pairsOf, type LineChart } from './lines'

export interface Margins {
  left: number
  right: number
  top: number
  bottom: number
}

/** Colours of the theme, as the canvas needs them. */
export interface Ink {
  line: string
  axis: string
  label: string
  /** Of lines without a family. */
  plain: string
  /** By family. */
  hues: Record<string, string>
}

const timeWidth = 48

export interface AxisWords {
  value: (value: number) => string
  time: (time: number) => string
}

export interface Drawing {
  chart: LineChart
  margins: Margins
  ink: Ink
  words: AxisWords
  /** Of the whole canvas [px]. */
  width: number
  /** The line that stands out; the others step back. */
  lit?: string | null
}

export function lineOption({ chart, margins, ink, words, width, lit = null }: Drawing): EChartsCoreOption {
  const { scale, window } = chart
  const ticks = roomy(chart, width - margins.left - margins.right)
  const placed = scale.ticks.map(scale.place)
  const spoken = new Map(scale.ticks.map(tick => [scale.place(tick), words.value(tick)]))
  const font = { color: ink.label, fontSize: 11, fontFamily: 'Inter, system-ui, sans-serif' }
  return {
    animation: false,
    grid: { ...margins, outerBoundsMode: 'none' },
    xAxis: {
      type: 'value',
      min: window.from,
      max: window.to,
      axisLine: { show: true, onZero: false, lineStyle: { color: ink.axis, width: 1 } },
      axisTick: { show: false, customValues: ticks },
      splitLine: { show: false },
      axisLabel: { ...font, margin: 8, customValues: ticks, formatter: words.time },
    },
    yAxis: {
      type: 'value',
      min: scale.place(scale.min),
      max: scale.place(scale.max),
      axisLine: { show: false },
      axisTick: { show: false, customValues: placed },
      axisLabel: { ...font, margin: 8, customValues: placed, formatter: (place: number) => nearest(spoken, place) },
      splitLine: { lineStyle: { color: ink.line, width: 1 } },
    },
    series: chart.lines.map(line => {
      const { dash, cap } = dashOf(line)
      return {
        id: line.id,
        type: 'line',
        data: pairsOf(chart, line.values),
        dimensions: ['time', 'place'],
        showSymbol: false,
        silent: true,
        clip: true,
        connectNulls: false,
        sampling: 'lttb',
        z: line.id === lit ? 3 : 2,
        lineStyle: {
          color: line.family ? ink.hues[line.family] : ink.plain,
          width: line.id === lit ? 2.4 : 1.7,
          opacity: lit !== null && line.id !== lit ? 0.3 : 1,
          type: dash,
          cap,
          join: 'round',
        },
      }
    }),
  }
}

/** What a drawing shows, to the pixel: two that agree look the same. */
export function traceOf({ chart, margins, width, lit }: Omit<Drawing, 'ink' | 'words'>): string {
  const { window, scale, lines, time, follows } = chart
  const pixel = Math.max(1e-6, (window.to - window.from) / Math.max(1, width - margins.left - margins.right))
  const ends = follows
    ? [Math.round(window.to / pixel), Math.round((window.to - window.from) * 10)]
    : [window.from, window.to, time.length, time[0], time.at(-1)]
  return JSON.stringify([ends, scale.min, scale.max, lines.map(({ id }) => id), margins, width, lit])
}

/** Times whose labels touch neither each other nor that of now, at the right end. */
function roomy({ window, timeTicks }: LineChart, width: number): number[] {
  const perSecond = width / (window.to - window.from)
  const step = (timeTicks[1] ?? Infinity) - (timeTicks[0] ?? 0)
  const every = Math.max(1, Math.ceil(timeWidth / (step * perSecond)))
  return timeTicks.filter((tick, index) => index % every === 0 && (window.to - tick) * perSecond > timeWidth)
}

function nearest(spoken: Map<number, string>, place: number): string {
  for (const [at, word] of spoken) if (Math.abs(at - place) < 1e-9) return word
  return ''
}
