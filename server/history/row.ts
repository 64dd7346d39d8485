import type { Figure, Frame, MirrorColumns, Totals } from '../../simulation/index'
import { headLength, type Layout } from './layout'
import { metrics, type Group } from './metrics'

/** A frame at rest: figures as floats, NaN for none; numbers that have more digits as doubles. */
export interface Row {
  bytes: Uint8Array
  head: Float64Array
  figures: Float32Array
}

const [SEQUENCE, TIME, WINDOW, REVISION, MIRRORS, TOTALS] = [0, 1, 2, 3, 4, 5]
const totals = [
  'arrived',
  'finished',
  'running',
  'waiting',
  'transferring',
  'rejected',
  'cancelled',
  'preempted',
  'promptTokens',
  'outputTokens',
  'energy',
  'carbon',
] as const satisfies (keyof Totals)[]

export function createRow({ width, bytes }: Layout): Row {
  return rowAt(new ArrayBuffer(bytes), 0, width, bytes)
}

/** A view of a row in memory that holds several; `offset` is a whole number of eight. */
export function rowAt(memory: ArrayBuffer, offset: number, width: number, bytes: number): Row {
  return {
    bytes: new Uint8Array(memory, offset, bytes),
    head: new Float64Array(memory, offset, headLength),
    figures: new Float32Array(memory, offset + headLength * 8, width),
  }
}

export function timeOf(row: Row): number {
  return row.head[TIME] ?? NaN
}

export function sequenceOf(row: Row): number {
  return row.head[SEQUENCE] ?? NaN
}

export function revisionOf(row: Row): number {
  return row.head[REVISION] ?? NaN
}

export function rowOf(layout: Layout, frame: Frame): Row {
  const row = createRow(layout)
  const { head, figures } = row
  head[SEQUENCE] = frame.sequence
  head[TIME] = frame.time
  head[WINDOW] = frame.window
  head[REVISION] = frame.revision
  head[MIRRORS] = frame.mirrors ? Math.min(frame.mirrors.workload.length, layout.members.mirrors) : -1
  totals.forEach((name, index) => (head[TOTALS + index] = frame.totals[name]))
  figures.fill(NaN)
  const put = (group: Group, columns: Partial<Record<string, Figure[]>>) => {
    for (const metric of Object.keys(metrics[group])) {
      const column = layout.columnOf(group, metric)
      const values = columns[metric] ?? []
      for (let member = 0; member < layout.members[group]; member++) figures[column + member] = values[member] ?? NaN
    }
  }
  put('fleet', Object.fromEntries(Object.entries<Figure>(frame.fleet).map(([metric, figure]) => [metric, [figure]])))
  put('families', frame.families)
  put('workloads', frame.workloads)
  put('pools', frame.pools)
  put('flows', frame.flows)
  if (frame.mirrors) put('mirrors', { ...frame.mirrors })
  if (frame.familyFlows) put('familyFlows', frame.familyFlows)
  return row
}

/** The frame that a row was made of; of a folded one, the frame that its stretch of time has as a whole. */
export function frameOf(layout: Layout, { head, figures }: Row): Frame {
  const mirrored = head[MIRRORS] ?? -1
  const columns = <Columns>(group: Group, count = layout.members[group]): Columns =>
    Object.fromEntries(
      Object.keys(metrics[group]).map(metric => {
        const column = layout.columnOf(group, metric)
        return [metric, Array.from(figures.subarray(column, column + count), figure => significant(figure, 4))]
      }),
    ) as Columns
  const fleet = Object.entries(columns<Record<string, Figure[]>>('fleet')).map(([metric, [figure = null]]) => [
    metric,
    figure,
  ])
  return {
    sequence: head[SEQUENCE] ?? NaN,
    time: head[TIME] ?? NaN,
    window: head[WINDOW] ?? NaN,
    revision: head[REVISION] ?? NaN,
    totals: Object.fromEntries(totals.map((name, index) => [name, head[TOTALS + index] ?? 0])) as unknown as Totals,
    fleet: Object.fromEntries(fleet) as Frame['fleet'],
    families: columns('families'),
    ...(mirrored >= 0 && { mirrors: columns<MirrorColumns>('mirrors', mirrored) }),
    workloads: columns('workloads'),
    pools: columns('pools'),
    flows: columns('flows'),
    ...(layout.members.familyFlows > 0 && { familyFlows: columns('familyFlows') }),
  }
}

const powers = Array.from({ length: 61 }, (_, index) => Number(`1e${index - 30}`))

/** So many significant digits, by arithmetic: a hundred thousand of them take a few milliseconds. */
export function significant(figure: number, digits: number): Figure {
  if (Number.isNaN(figure)) return null
  if (figure === 0) return 0
  const places = digits - 1 - Math.floor(Math.log10(Math.abs(figure)))
  const power = powers[Math.abs(places) + 30]
  if (power === undefined) return Number(figure.toPrecision(digits))
  return places >= 0 ? Math.round(figure * power) / power : Math.round(figure / power) * power
}
