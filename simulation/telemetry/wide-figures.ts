import { f64 } from '../columns'
import { rowsOf } from '../serving/pool'
import { batchFigures, saturation } from './chip-figures'
import { columns } from './columns'
import { familiesOf, familyOf } from './families'
import type { Columns, Figure, FlowMetric, HealthMetric, TroubledColumns } from './frame'
import { poolAt, type Reading } from './reading'
import { inFlight } from './telemetry'

/** From this saturation on a pool is nearly full: it is named, and drawn as trouble. */
export const saturationLimit = 0.9
/** So many are named at most. */
const mostTroubled = 16

/** What flows from each workload to each family, workload by workload. */
export function familyFlows(reading: Reading): Columns<FlowMetric> {
  const { fleet } = reading.simulation.scenario
  const families = familiesOf(fleet)
  const placeOf = fleet.pools.map((_, index) => families.findIndex(family => family === familyOf(fleet, index)))
  const rows: number[][] = Array.from({ length: fleet.workloads.length * families.length }, () => [])
  for (const [index, { workload, pool }] of reading.simulation.flows.entries())
    rows[workload * families.length + (placeOf[pool] ?? 0)]?.push(index)
  return columns(
    rows.map((flows): Record<FlowMetric, Figure> => ({
      requests: reading.flowRate('arrived', flows),
      outputTokens: reading.flowRate('outputTokens', flows),
    })),
  )
}

/** Pools from the `from`th on that are drained, short of replicas or nearly full: some of them, those drained first. */
export function troubledPools(reading: Reading, from: number): TroubledColumns {
  const troubled = reading.simulation.fleet.pools
    .slice(from)
    .map(({ index }) => ({ index, figures: healthOf(reading, index) }))
    .filter(({ figures: { saturation, available, drained } }) => {
      return (saturation ?? 0) >= saturationLimit || (available ?? 1) < 1 || (drained ?? 0) > 0
    })
    .sort((one, other) => (other.figures.drained ?? 0) - (one.figures.drained ?? 0))
    .slice(0, mostTroubled)
  return { pool: troubled.map(({ index }) => index), ...columns(troubled.map(({ figures }) => figures)) }
}

/** What of a pool is soon counted: no percentile, no cost. */
export function healthOf(reading: Reading, index: number): Record<HealthMetric, Figure> {
  const { telemetry } = reading.simulation.fleet
  const { replicas, available, drained } = batchFigures(reading, index)
  const flows = rowsOf(poolAt(reading.simulation, index))
  const running = flows.reduce((sum, flow) => sum + f64(telemetry.flowRunning, flow), 0)
  const elsewhere = flows.reduce((sum, flow) => sum + f64(telemetry.transferring, flow), 0)
  const present = flows.reduce((sum, flow) => sum + inFlight(telemetry, flow), 0)
  const waiting = present - running - elsewhere
  return { replicas, available, drained, saturation: saturation(reading, index), running, waiting }
}
