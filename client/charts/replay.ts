/** The replay bar: from goodput over the run and its marks to what is drawn. */
import type { Mark } from '../stores/marks'

export interface Box {
  /** Times at both ends [s]. */
  from: number
  to: number
  width: number
  /** Of the area. */
  height: number
}

export interface ReplayArea {
  /** One closed path per stretch without a gap, and the line on top of it. */
  area: string
  line: string
  /** Stretches of which nothing is known. */
  gaps: { x: number; width: number }[]
}

/** Narrower ones would not be seen. */
const narrowestGap = 1.5

export function placeOf(time: number, { from, to, width }: Box): number {
  return to > from ? ((time - from) / (to - from)) * width : 0
}

export function timeAt(x: number, { from, to, width }: Box): number {
  return from + (Math.min(width, Math.max(0, x)) / Math.max(1, width)) * (to - from)
}

export function replayArea(time: readonly number[], values: readonly number[], box: Box): ReplayArea {
  const highest = values.reduce((most, value) => (value > most ? value : most), 0) || 1
  const y = (value: number) => box.height - (value / highest) * box.height * 0.92
  const stretches: { x: number; y: number }[][] = []
  const gaps: ReplayArea['gaps'] = []
  let open: { x: number; y: number }[] | null = null
  let end = 0
  time.forEach((at, index) => {
    const value = values[index] ?? NaN
    const x = placeOf(at, box)
    if (!Number.isFinite(value)) return void (open = null)
    if (!open) {
      if (x - end >= narrowestGap && at > box.from) gaps.push({ x: end, width: x - end })
      stretches.push((open = []))
    }
    open.push({ x, y: y(value) })
    end = x
  })
  const point = (at: { x: number; y: number }) => `${at.x.toFixed(1)} ${at.y.toFixed(1)}`
  const line = stretches.map(points => `M${points.map(point).join('L')}`).join('')
  const area = stretches
    .map(points => `M${points[0]?.x.toFixed(1)} ${box.height}L${points.map(point).join('L')}V${box.height}Z`)
    .join('')
  return { area, line, gaps }
}

export interface PlacedMark extends Mark {
  x: number
  /** Whether there is room for its name. */
  named: boolean
}

/** Names give way before marks do: one is left out where it would run into the next mark of its row. */
export function placeMarks(marks: readonly Mark[], box: Box, nameWidth: number): PlacedMark[] {
  const placed = marks
    .filter(({ time }) => time >= box.from && time <= box.to)
    .map(mark => ({ ...mark, x: placeOf(mark.time, box) }))
  return placed.map((mark, index) => {
    const next = placed.slice(index + 1).find(({ kind }) => kind === mark.kind)
    const room = (next?.x ?? box.width) - mark.x
    return { ...mark, named: mark.kind === 'change' && nameWidth > 0 && room > nameWidth }
  })
}

/** The mark before a time and the one after it; `null` where there is none. */
export function nearMarks(marks: readonly Mark[], time: number): { before: Mark | null; after: Mark | null } {
  return {
    before: marks.findLast(mark => mark.time < time - 0.5) ?? null,
    after: marks.find(mark => mark.time > time + 0.5) ?? null,
  }
}
