/** What stands over a chart in the page itself: names at the line ends and marks of changes. */
import type { Change } from '../../server/protocol'
import type { LineChart } from './lines'
import type { Margins } from './option'
import { spread } from './spread'

export interface Place {
  width: number
  height: number
}

export interface EndLabel {
  id: LineChart['lines'][number]['id']
  name: string
  value: number
  /** Where the line ends, and where its name stands [px]. */
  end: number
  y: number
}

export interface ChangeMark {
  revision: number
  x: number
  summary: string
  automatic: boolean
  /** Left out where the next mark is too close. */
  named: boolean
}

const labelHeight = 14
const nameWidth = 34

export function endLabels(chart: LineChart, values: (number | null)[], margins: Margins, place: Place): EndLabel[] {
  const { scale } = chart
  const top = margins.top
  const height = place.height - margins.top - margins.bottom
  const low = scale.place(scale.min)
  const range = scale.place(scale.max) - low
  const known = chart.lines.flatMap((line, index) => {
    const value = values[index]
    if (value === null || value === undefined) return []
    const part = Math.min(1, Math.max(0, (scale.place(value) - low) / range))
    const end = top + height * (1 - (Number.isFinite(part) ? part : 0))
    return [{ id: line.id, name: line.name, value, end }]
  })
  const centres = spread(
    known.map(label => ({ at: label.end, size: labelHeight })),
    top - labelHeight / 2,
    top + height + labelHeight / 2,
  )
  return known.map((label, index) => ({ ...label, y: centres[index] ?? label.end }))
}

export function changeMarks(chart: LineChart, changes: Change[], margins: Margins, place: Place): ChangeMark[] {
  const { from, to } = chart.window
  const width = place.width - margins.left - margins.right
  const inside = changes.filter(change => change.time >= from && change.time <= to)
  const marks = inside.map(({ revision, time, summary, automatic = false }) => ({
    revision,
    summary,
    automatic,
    x: margins.left + ((time - from) / (to - from)) * width,
  }))
  return marks.map((mark, index) => ({ ...mark, named: (marks[index + 1]?.x ?? Infinity) - mark.x >= nameWidth }))
}
