/** What charts draw: bounded typed columns over simulated time. A missing value is NaN and is drawn as a gap. */
import { charted, type Frame } from '../../simulation/index'
import type { History } from '../../server/protocol'

export type FleetSeries = (typeof charted.fleet)[number]
export type FamilySeries = (typeof charted.families)[number]
export type WorkloadSeries = (typeof charted.workloads)[number]
export type PoolSeries = (typeof charted.pools)[number]

/** Views into the columns as they are now; `version` grows with every change. */
export interface RunHistory {
  version: number
  time: Float64Array
  fleet: (metric: FleetSeries) => Float64Array
  family: (index: number, metric: FamilySeries) => Float64Array
  workload: (index: number, metric: WorkloadSeries) => Float64Array
  pool: (index: number, metric: PoolSeries) => Float64Array
}

export interface Recorder {
  /** Takes a frame; false if it lies within the same second as the last point. */
  add(frame: Frame): boolean
  /** Everything before this is missing: draws a gap. */
  gap(): void
  load(history: History): void
  view(): RunHistory
}

/** What lies in a span, ends included. */
export function cutHistory(history: RunHistory, { from, to }: { from: number; to: number }): RunHistory {
  const first = history.time.findIndex(time => time >= from - 1e-6)
  const start = first < 0 ? history.time.length : first
  const stop = history.time.findLastIndex(time => time <= to + 1e-6) + 1
  const cut = (column: Float64Array) => column.subarray(start, Math.max(start, stop))
  return throughColumns(history.version, cut(history.time), read => cut(read(history)))
}

/** One history and what came after it, of another. */
export function joinHistory(older: RunHistory, newer: RunHistory): RunHistory {
  const start = newer.time[0] ?? Infinity
  const stop = older.time.findLastIndex(time => time < start) + 1
  const join = (one: Float64Array, other: Float64Array) => {
    const column = new Float64Array(stop + other.length)
    column.set(one.subarray(0, stop))
    column.set(other, stop)
    return column
  }
  return throughColumns(newer.version, join(older.time, newer.time), read => join(read(older), read(newer)))
}

/** Columns are made when they are asked for, once. */
function throughColumns(
  version: number,
  time: Float64Array,
  make: (read: (history: RunHistory) => Float64Array) => Float64Array,
): RunHistory {
  const made = new Map<string, Float64Array>()
  const column = (name: string, read: (history: RunHistory) => Float64Array) => {
    const known = made.get(name) ?? make(read)
    made.set(name, known)
    return known
  }
  return {
    version,
    time,
    fleet: metric => column(`fleet ${metric}`, history => history.fleet(metric)),
    family: (index, metric) => column(`families ${index} ${metric}`, history => history.family(index, metric)),
    workload: (index, metric) => column(`workloads ${index} ${metric}`, history => history.workload(index, metric)),
    pool: (index, metric) => column(`pools ${index} ${metric}`, history => history.pool(index, metric)),
  }
}

/** At most `capacity` points, one per simulated second or frame, whichever is longer. */
export function createRecorder(capacity = 1200): Recorder {
  const columns = new Map<string, Float64Array>()
  // columns are twice as long as needed, so that a view is one piece and moving down is rare
  const length = capacity * 2
  let time = new Float64Array(length)
  let end = 0
  let version = 0

  return { add, gap, load, view }

  function add(frame: Frame): boolean {
    const last = lastTime()
    if (frame.time < last + 1 - 1e-9) return false
    const row = open(frame.time)
    for (const metric of charted.fleet) put(`fleet ${metric}`, row, frame.fleet[metric])
    for (const metric of charted.families) putRow('families', metric, row, frame.families[metric])
    for (const metric of charted.workloads) putRow('workloads', metric, row, frame.workloads[metric])
    for (const metric of charted.pools) putRow('pools', metric, row, frame.pools[metric])
    return true
  }

  function gap() {
    const last = lastTime()
    if (end > 0) open(last + 1e-3)
  }

  function load(history: History) {
    columns.clear()
    time = new Float64Array(length)
    end = 0
    const from = Math.max(0, history.time.length - capacity)
    for (let index = from; index < history.time.length; index++) {
      const row = open(history.time[index] ?? 0)
      for (const metric of charted.fleet) put(`fleet ${metric}`, row, history.fleet[metric]?.[index])
      for (const group of ['families', 'workloads', 'pools'] as const)
        for (const metric of charted[group])
          history[group].forEach((series, entry) => put(`${group} ${entry} ${metric}`, row, series[metric]?.[index]))
    }
  }

  function view(): RunHistory {
    const start = Math.max(0, end - capacity)
    const stop = end
    const missing = new Float64Array(stop - start).fill(NaN)
    const read = (name: string) => columns.get(name)?.subarray(start, stop) ?? missing
    return {
      version,
      time: time.subarray(start, stop),
      fleet: metric => read(`fleet ${metric}`),
      family: (index, metric) => read(`families ${index} ${metric}`),
      workload: (index, metric) => read(`workloads ${index} ${metric}`),
      pool: (index, metric) => read(`pools ${index} ${metric}`),
    }
  }

  function open(at: number): number {
    if (end === length) {
      for (const column of [time, ...columns.values()]) {
        column.copyWithin(0, end - capacity, end)
        column.fill(NaN, capacity)
      }
      end = capacity
    }
    time[end] = at
    version++
    return end++
  }

  function putRow(group: string, metric: string, row: number, values: (number | null)[] | undefined) {
    values?.forEach((value, index) => put(`${group} ${index} ${metric}`, row, value))
  }

  function put(name: string, row: number, value: number | null | undefined) {
    let column = columns.get(name)
    if (!column) columns.set(name, (column = new Float64Array(length).fill(NaN)))
    column[row] = value ?? NaN
  }

  function lastTime(): number {
    return end > 0 ? (time[end - 1] ?? -Infinity) : -Infinity
  }
}
