/** Pools that take no new requests by somebody's word, and those that could be asked not to. Pure. */
import type { FleetView, Frame, PoolMetric } from '../../simulation/index'
import { toldFigure, toldPools } from '../pool-figure'

export interface DrainRow {
  pool: string
  /** A part of its replicas still takes requests. */
  partly: boolean
  state: 'draining' | 'drained' | 'stopped'
  /** Requests that it still works on. */
  running: number
}

export function drainRows(fleet: FleetView, frame: Frame | null): DrainRow[] {
  if (!frame) return []
  return toldPools(frame).flatMap((index): DrainRow[] => {
    const figure = (metric: PoolMetric) => toldFigure(frame, index, metric)
    const drained = figure('drained') ?? 0
    if (drained === 0) return []
    const running = (figure('running') ?? 0) + (figure('waiting') ?? 0)
    const serves = (figure('available') ?? 1) > 0
    const pool = fleet.pools[index]?.id ?? ''
    return [{ pool, partly: drained < 1, state: serves ? stateOf(drained, running) : 'stopped', running }]
  })
}

/** Pools that take requests, a training job's apart. */
export function openPools(fleet: FleetView, frame: Frame | null): string[] {
  const training = new Set(
    fleet.flows.flatMap(({ workload, pool }) => (fleet.workloads[workload]?.kind === 'training' ? [pool] : [])),
  )
  return fleet.pools.flatMap(({ id }, index) =>
    training.has(index) || (frame && toldFigure(frame, index, 'drained')) === 1 ? [] : [id],
  )
}

function stateOf(drained: number, running: number): DrainRow['state'] {
  return drained < 1 || running > 0 ? 'draining' : 'drained'
}
