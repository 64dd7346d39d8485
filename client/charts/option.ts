/** From a line chart to the option of the chart library. Grid in pixels, so that labels beside it can be placed. */
import type { EChartsCoreOption } from 'echarts/core'
import { dashes } from './families'
import type { LineChart } from './lines'

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
  /** By family. */
  hues: Record<string, string>
}

const timeWidth = 48

export interface AxisWords {
  value: (value: number) => string
  time: (time: number) => string
}

export function lineOption(
  chart: LineChart,
  margins: Margins,
  ink: Ink,
  words: AxisWords,
  width: number,
): EChartsCoreOption {
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
    series: chart.lines.map(line => ({
      id: line.id,
      type: 'line',
      data: line.points,
      dimensions: ['time', 'place'],
      showSymbol: false,
      silent: true,
      clip: true,
      connectNulls: false,
      sampling: 'lttb',
      lineStyle: {
        color: ink.hues[line.id],
        width: 1.7,
        type: dashes[line.id].dash,
        cap: dashes[line.id].cap,
        join: 'round',
      },
    })),
  }
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
