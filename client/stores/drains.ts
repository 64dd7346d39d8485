/** Pools that take no new requests by somebody's word, and those that could be asked not to. Pure. */
import type { FleetView, Frame } from '../../simulation/index'

export interface DrainRow {
  pool: string
  /** A part of its replicas still takes requests. */
  partly: boolean
  state: 'draining' | 'drained' | 'stopped'
  /** Requests that it still works on. */
  running: number
}

export function drainRows(fleet: FleetView, frame: Frame | null): DrainRow[] {
  return fleet.pools.flatMap(({ id }, index): DrainRow[] => {
    const drained = frame?.pools.drained[index] ?? 0
    if (drained === 0) return []
    const running = (frame?.pools.running[index] ?? 0) + (frame?.pools.waiting[index] ?? 0)
    const serves = (frame?.pools.available[index] ?? 1) > 0
    return [{ pool: id, partly: drained < 1, state: serves ? stateOf(drained, running) : 'stopped', running }]
  })
}

/** Pools that take requests, a training job's apart. */
export function openPools(fleet: FleetView, frame: Frame | null): string[] {
  const training = new Set(
    fleet.flows.flatMap(({ workload, pool }) => (fleet.workloads[workload]?.kind === 'training' ? [pool] : [])),
  )
  return fleet.pools.flatMap(({ id }, index) =>
    training.has(index) || (frame?.pools.drained[index] ?? 0) === 1 ? [] : [id],
  )
}

function stateOf(drained: number, running: number): DrainRow['state'] {
  return drained < 1 || running > 0 ? 'draining' : 'drained'
}
