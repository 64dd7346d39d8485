/** Demand to pools: where the bars stand and how the ribbons run. Widths are output tokens/s on one scale. */
import { spread } from './spread'

export interface FlowInput {
  /** What each workload and pool would like its bar's centre to be [px]. */
  workloads: { at: number }[]
  pools: { at: number }[]
  flows: { workload: number; pool: number; tokens: number; requests: number }[]
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
  /** `null` where nothing flows. */
  workloads: (Bar | null)[]
  pools: (Bar | null)[]
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
const filled = 0.62

export function layoutFlow(input: FlowInput, box: FlowBox): FlowLayout {
  const drawn = input.flows
    .map((flow, index) => ({ ...flow, index }))
    .filter(flow => flow.tokens > 0 || flow.requests > 0)
  const total = drawn.reduce((sum, flow) => sum + flow.tokens, 0)
  const scale = total > 0 ? ((box.bottom - box.top) * filled) / total : 0
  const widths = new Map(drawn.map(flow => [flow.index, Math.max(thinnest, flow.tokens * scale)]))

  const widthOf = (flows: typeof drawn) => flows.reduce((sum, flow) => sum + (widths.get(flow.index) ?? 0), 0)
  const workloads = stack(
    input.workloads,
    input.workloads.map((_, index) => widthOf(drawn.filter(flow => flow.workload === index))),
    box,
  )
  const pools = stack(
    input.pools,
    input.pools.map((_, index) => widthOf(drawn.filter(flow => flow.pool === index))),
    box,
  )

  // ribbons leave a workload in the order of the pools and reach a pool in the order of the workloads
  const leaving = workloads.map(bar => bar?.top ?? 0)
  const reaching = pools.map(bar => bar?.top ?? 0)
  const order = [...drawn].sort((a, b) => a.workload - b.workload || a.pool - b.pool)
  const starts = new Map<number, number>()
  for (const flow of [...drawn].sort((a, b) => (pools[a.pool]?.top ?? 0) - (pools[b.pool]?.top ?? 0))) {
    starts.set(flow.index, leaving[flow.workload] ?? 0)
    leaving[flow.workload] = (leaving[flow.workload] ?? 0) + (widths.get(flow.index) ?? 0)
  }
  const ribbons = order.map((flow): Ribbon => {
    const width = widths.get(flow.index) ?? thinnest
    const start = starts.get(flow.index) ?? 0
    const end = reaching[flow.pool] ?? 0
    reaching[flow.pool] = end + width
    return {
      flow: flow.index,
      path: ribbonPath(box, start, end, width),
      width,
      middle: { x: (box.left + box.right) / 2, y: (start + end + width) / 2 },
    }
  })
  return { workloads, pools, ribbons }
}

function stack(places: { at: number }[], heights: number[], box: FlowBox): (Bar | null)[] {
  const present = places.map((place, index) => ({ at: place.at, size: heights[index] ?? 0, index }))
  const shown = present.filter(bar => bar.size > 0)
  const centres = spread(shown, box.top, box.bottom, barGap)
  const bars = places.map((): Bar | null => null)
  shown.forEach((bar, index) => {
    bars[bar.index] = { top: (centres[index] ?? bar.at) - bar.size / 2, height: bar.size }
  })
  return bars
}

function ribbonPath({ left, right }: FlowBox, start: number, end: number, width: number): string {
  const bend = (left + right) / 2
  const point = (x: number, y: number) => `${x.toFixed(1)} ${y.toFixed(1)}`
  return (
    `M${point(left, start)}C${point(bend, start)} ${point(bend, end)} ${point(right, end)}` +
    `L${point(right, end + width)}C${point(bend, end + width)} ${point(bend, start + width)} ${point(left, start + width)}Z`
  )
}
