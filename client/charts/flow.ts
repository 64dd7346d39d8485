/** Demand to pools: where the bars stand and how the ribbons run. Widths are output tokens/s on one scale. */
import { spread } from './spread'

export interface FlowInput {
  /** What each workload, and each pool or family where ribbons end, would like its bar's centre to be [px]. */
  workloads: { at: number }[]
  /** Height that a workload takes at least, for its label [px]. */
  labelHeight: number
  ends: { at: number }[]
  flows: { workload: number; end: number; tokens: number; requests: number }[]
}

export interface Bar {
  top: number
  height: number
}

export interface Ribbon {
  /** Row of the flow. */
  flow: number
  path: string
  width: number
  /** Middle of the ribbon, for its label. */
  middle: { x: number; y: number }
}

export interface FlowLayout {
  /** Centre of each workload's slot, for its label [px]. */
  labels: number[]
  /** `null` where nothing flows. */
  workloads: (Bar | null)[]
  ends: (Bar | null)[]
  ribbons: Ribbon[]
}

export interface FlowBox {
  left: number
  right: number
  top: number
  bottom: number
}

/** A flow too thin to see, or of queries without tokens, is drawn this wide [px]. */
export const thinnest = 1.5
const barGap = 4
/** Of the height, at most this part is ink, so that ribbons stay apart. */
const filled = 0.5

export function layoutFlow(input: FlowInput, box: FlowBox): FlowLayout {
  const drawn = input.flows
    .map((flow, index) => ({ ...flow, index }))
    .filter(flow => flow.tokens > 0 || flow.requests > 0)
  const scale = scaleOf(input, drawn, box)
  const widths = new Map(drawn.map(flow => [flow.index, widthOf(flow.tokens, scale)]))
  const sum = (flows: typeof drawn) => flows.reduce((height, flow) => height + (widths.get(flow.index) ?? 0), 0)
  const demand = input.workloads.map((_, index) => sum(drawn.filter(flow => flow.workload === index)))
  const supply = input.ends.map((_, index) => sum(drawn.filter(flow => flow.end === index)))
  const labels = slots(input.workloads, demand, box, input.labelHeight)
  const workloads = bars(labels, demand)
  const ends = bars(slots(input.ends, supply, box, 0), supply)

  // ribbons leave a workload in the order of the ends and reach an end in the order of the workloads
  const leaving = workloads.map(bar => bar?.top ?? 0)
  const reaching = ends.map(bar => bar?.top ?? 0)
  const order = [...drawn].sort((a, b) => a.workload - b.workload || a.end - b.end)
  const starts = new Map<number, number>()
  for (const flow of [...drawn].sort((a, b) => (ends[a.end]?.top ?? 0) - (ends[b.end]?.top ?? 0))) {
    starts.set(flow.index, leaving[flow.workload] ?? 0)
    leaving[flow.workload] = (leaving[flow.workload] ?? 0) + (widths.get(flow.index) ?? 0)
  }
  const ribbons = order.map((flow): Ribbon => {
    const width = widths.get(flow.index) ?? thinnest
    const start = starts.get(flow.index) ?? 0
    const end = reaching[flow.end] ?? 0
    reaching[flow.end] = end + width
    return {
      flow: flow.index,
      path: ribbonPath(box, start, end, width),
      width,
      middle: { x: (box.left + box.right) / 2, y: (start + end + width) / 2 },
    }
  })
  return { labels, workloads, ends, ribbons }
}

/** Pixels per token/s: as much as leaves every label its place. */
function scaleOf(input: FlowInput, drawn: FlowInput['flows'], box: FlowBox): number {
  const height = box.bottom - box.top
  const total = drawn.reduce((sum, flow) => sum + flow.tokens, 0)
  if (total === 0 || height <= 0) return 0
  let scale = (height * filled) / total
  const needed = () =>
    input.workloads.reduce((sum, _, index) => {
      const flows = drawn.filter(flow => flow.workload === index)
      const bar = flows.reduce((width, flow) => width + widthOf(flow.tokens, scale), 0)
      return sum + Math.max(input.labelHeight, bar) + barGap
    }, 0)
  for (let attempt = 0; attempt < 12 && needed() > height; attempt++) scale *= 0.85
  return scale
}

function widthOf(tokens: number, scale: number): number {
  return Math.max(thinnest, tokens * scale)
}

/** Centres of slots near their places, each as high as its bar and at least `least`. */
function slots(places: { at: number }[], heights: number[], box: FlowBox, least: number): number[] {
  const spans = places.map((place, index) => ({ at: place.at, size: Math.max(least, heights[index] ?? 0) }))
  return spread(spans, box.top, box.bottom, barGap)
}

function bars(centres: number[], heights: number[]): (Bar | null)[] {
  return heights.map((height, index) => (height > 0 ? { top: (centres[index] ?? 0) - height / 2, height } : null))
}

function ribbonPath({ left, right }: FlowBox, start: number, end: number, width: number): string {
  const bend = (left + right) / 2
  const point = (x: number, y: number) => `${x.toFixed(1)} ${y.toFixed(1)}`
  return (
    `M${point(left, start)}C${point(bend, start)} ${point(bend, end)} ${point(right, end)}` +
    `L${point(right, end + width)}C${point(bend, end + width)} ${point(bend, start + width)} ${point(left, start + width)}Z`
  )
}
