/** Cells of a heatmap on a canvas, in the hue of a family: the fuller, the stronger. */
import { token, write, type Piece } from '../picture'
import { clock, limit } from '../format'
import { timingNames } from './heat-words'
import { bordersOf, type HeatChart } from './heat'

export const heatMargins = { left: 52, right: 12, top: 6, bottom: 22 }

export interface HeatPlace {
  width: number
  height: number
}

/** Where times stand across and up [px]. */
export function heatPlaces(chart: HeatChart, { width, height }: HeatPlace) {
  const { left, right, top, bottom } = heatMargins
  const { from, to } = chart.window
  const rows = chart.highest - chart.lowest + 1
  const rowHeight = (height - top - bottom) / rows
  const perSecond = Math.max(0, width - left - right) / Math.max(1, to - from)
  return {
    across: (time: number) => left + (time - from) * perSecond,
    /** Upper edge of a bucket. */
    row: (bucket: number) => height - bottom - (bucket - chart.lowest + 1) * rowHeight,
    rowHeight,
    up: (time: number) =>
      height - bottom - (Math.log(time / bordersOf(chart, chart.lowest)[0]) / Math.log(chart.ratio)) * rowHeight,
    timeAt: (x: number) => from + (x - left) / perSecond,
    bucketAt: (y: number) => chart.lowest + Math.floor((height - bottom - y) / rowHeight),
    base: height - bottom,
    inside: (x: number, y: number) => x >= left && x <= width - right && y >= top && y <= height - bottom,
  }
}

export function paintHeat(context: CanvasRenderingContext2D, chart: HeatChart, place: HeatPlace, hue: string) {
  const { across, row, rowHeight } = heatPlaces(chart, place)
  context.fillStyle = hue
  for (const { from, to, counts } of chart.columns) {
    const x = Math.max(heatMargins.left, across(from))
    const width = Math.max(1, across(to) - x - 0.5)
    for (const [bucket, count] of counts) {
      // the eye tells few samples from none, and many from more
      context.globalAlpha = 0.14 + 0.86 * Math.sqrt(count / (to - from) / chart.most)
      context.fillRect(x, row(bucket) + 0.5, width, Math.max(1, rowHeight - 0.5))
    }
  }
  context.globalAlpha = 1
}

export function heatPiece(chart: HeatChart, pool: string, family: string, epoch: string, place: HeatPlace): Piece {
  const { title, what } = timingNames[chart.timing]
  const { across, up, base } = heatPlaces(chart, place)
  return {
    title: `${title} of ${pool}`,
    note: `${what} by how long they took, log`,
    ...place,
    paint: context => {
      paintHeat(context, chart, place, token(family))
      const colour = token('t3')
      for (const time of chart.ticks)
        write(context, limit('latency', time), heatMargins.left - 8, up(time) + 4, {
          colour,
          size: 11,
          align: 'right',
        })
      for (const time of chart.timeTicks)
        write(context, clock(epoch, time), across(time), base + 15, { colour, size: 11, align: 'center' })
    },
  }
}
