/** A chart as a picture: what the library drew, and what stands over it. */
import { digits } from '../format'
import { token, write, type Piece } from '../picture'
import type { Mark } from '../stores/marks'
import { markers } from './families'
import type { LineChart } from './lines'
import type { Margins } from './option'
import { bandPath, endLabels, gapBoxes, placeMarks, type Place } from './overlay'
import { groupingWords, unitWords } from './words'

export interface Drawn {
  chart: LineChart
  canvas: HTMLCanvasElement
  margins: Margins
  place: Place
  marks: readonly Mark[]
}

export function chartPiece(drawn: Drawn): Piece {
  const { chart, place } = drawn
  return {
    title: chart.subject.title,
    note: `${groupingWords[chart.by]}, ${unitWords(chart.subject)}`,
    ...place,
    paint: context => paint(context, drawn),
  }
}

function paint(context: CanvasRenderingContext2D, { chart, canvas, margins, place, marks }: Drawn) {
  const base = place.height - margins.bottom
  context.drawImage(canvas, 0, 0, place.width, place.height)
  for (const line of chart.lines) {
    context.save()
    context.globalAlpha = 0.16
    context.fillStyle = token('t1')
    context.fill(new Path2D(bandPath(chart, line, margins, place)))
    context.restore()
  }
  for (const { x, width } of gapBoxes(chart, margins, place)) hatch(context, { x, width, base })
  for (const { mark, x, named } of placeMarks(chart, marks, margins, place)) {
    const trouble = mark.kind !== 'change'
    const colour = token(trouble ? 'amber' : 'line2')
    rule(context, { x, from: margins.top - 12, to: base, colour, dotted: trouble })
    if (trouble) shape(context, 'M0-11 5.5 0h-11Z', { x, y: base + 5, colour })
    else shape(context, 'M0-6H8L6-3 8 0H0Z', { x, y: margins.top - 8, colour: token('t1') })
    if (named) write(context, mark.name, x + 11, margins.top - 6, { colour: token('t2'), size: 11 })
  }
  const values = chart.lines.map(line => line.last)
  const right = place.width - margins.right
  for (const { line, value, end, y } of endLabels(chart, { values }, margins, place).labels) {
    if (line.family && end !== null && chart.by === 'family') marker(context, line.family, right - 4, end - 5)
    const figure = value === null ? `n ${digits('count', line.few)}` : digits(chart.subject.kind, value)
    write(context, line.name, right + 10, y + 4, { colour: token('t2'), size: 11 })
    write(context, figure, place.width - 8, y + 4, { colour: token('t1'), size: 11, align: 'right', weight: 500 })
  }
}

function marker(context: CanvasRenderingContext2D, family: keyof typeof markers, x: number, y: number) {
  const { path, stroke } = markers[family]
  context.save()
  context.translate(x, y)
  context.scale(0.75, 0.75)
  context.lineWidth = stroke ?? 0
  context.fillStyle = context.strokeStyle = token(family)
  if (stroke) context.stroke(new Path2D(path))
  else context.fill(new Path2D(path))
  context.restore()
}

function shape(
  context: CanvasRenderingContext2D,
  path: string,
  { x, y, colour }: { x: number; y: number; colour: string },
) {
  context.save()
  context.translate(x, y)
  context.fillStyle = colour
  context.fill(new Path2D(path))
  context.restore()
}

interface Rule {
  x: number
  from: number
  to: number
  colour: string
  dotted: boolean
}

function rule(context: CanvasRenderingContext2D, { x, from, to, colour, dotted }: Rule) {
  context.save()
  context.strokeStyle = colour
  context.setLineDash(dotted ? [1, 3] : [])
  context.beginPath()
  context.moveTo(x, from)
  context.lineTo(x, to)
  context.stroke()
  context.restore()
}

function hatch(context: CanvasRenderingContext2D, { x, width, base }: { x: number; width: number; base: number }) {
  context.save()
  context.strokeStyle = token('t3')
  context.beginPath()
  context.rect(x, base - 6, width, 6)
  context.clip()
  context.beginPath()
  for (let at = x - 6; at < x + width; at += 5) {
    context.moveTo(at, base)
    context.lineTo(at + 6, base - 6)
  }
  context.stroke()
  context.restore()
}
