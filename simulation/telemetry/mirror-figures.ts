import type { Mirror } from '../routing/mirrors'
import { mirrorsOf } from '../serving/pool'
import { columns } from './columns'
import type { Figure, MirrorColumns, MirrorMetric } from './frame'
import { usedCost } from './money'
import type { Reading } from './reading'
import { attainment, fromWindow, percentiles } from './service-figures'
import { E2E, inFlight, ITL, TTFT } from './telemetry'

/** What becomes of the copies of each mirror that is set, in the order of the workloads. */
export function mirrorColumns(reading: Reading): MirrorColumns {
  const { scenario, mirrors, fleet } = reading.simulation
  const placeOf = (pool: string): number => fleet.pools.findIndex(({ id }) => id === pool)
  const rows = scenario.fleet.workloads.flatMap(({ id }, workload) =>
    (mirrors[id] ?? []).map(mirror => ({ workload, mirror })),
  )
  return {
    workload: rows.map(({ workload }) => workload),
    prefill: rows.map(({ mirror }) => placeOf(mirror.prefill)),
    decode: rows.map(({ mirror }) => placeOf(mirror.decode)),
    part: rows.map(({ mirror }) => mirror.part),
    ...columns(rows.map(({ workload, mirror }) => mirrorFigures(reading, workload, mirror))),
  }
}

/** Of both ends of a route: copies arrive at the first, and have their first token and their end at the other. */
function mirrorFigures(reading: Reading, workload: number, { prefill, decode }: Mirror): Record<MirrorMetric, Figure> {
  const { fleet } = reading.simulation
  const flows = fleet.pools
    .filter(({ id }) => id === prefill || id === decode)
    .flatMap(mirrorsOf)
    .filter(flow => fleet.flows.workload[flow] === workload)
  const ttft = fromWindow(reading, TTFT, flows, percentiles)
  const itl = fromWindow(reading, ITL, flows, percentiles)
  return {
    copied: reading.flowRate('arrived', flows),
    finished: reading.flowRate('finished', flows),
    dropped: reading.flowRate('rejected', flows),
    outputTokens: reading.flowRate('outputTokens', flows),
    present: flows.reduce((sum, flow) => sum + inFlight(fleet.telemetry, flow), 0),
    ttftP95: ttft.p95,
    ttftCount: ttft.count,
    itlP95: itl.p95,
    itlCount: itl.count,
    e2eP95: fromWindow(reading, E2E, flows, percentiles).p95,
    attainment: attainment(reading, flows),
    usedCost: usedCost(reading, flows),
  }
}
