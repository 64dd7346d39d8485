/** What each workload asks for and how it is served, in words; and which of them are past an objective. */
import type { Figure, FleetView, Frame } from '../../../simulation/index'
import { saturationLimit } from '../../charts/families'
import { limit, text, wholePercent } from '../../format'

export interface Demand {
  id: string
  name: string
  model: string
  rate: string
  tokens: string
  /** The objective that matters most: one that is missed, else the first. */
  objective: { name: string; value: string; limit: string } | null
  past: boolean
}

export interface Flow {
  workload: number
  pool: number
  tokens: number
  requests: number
  /** Of the workload's requests. */
  share: number
  past: boolean
  name: string
  /** Share and size. */
  detail: string
  sentence: string
}

export function demands(fleet: FleetView, frame: Frame | null): Demand[] {
  return fleet.workloads.map((workload, row): Demand => {
    const now = frame?.workloads
    const objectives = [
      { name: 'p95 TTFT', limit: workload.objectives.ttft, value: now?.ttftP95[row] },
      { name: 'p95 TPOT', limit: workload.objectives.tpot, value: now?.tpotP95[row] },
      { name: 'p95 e2e', limit: workload.objectives.e2e, value: now?.e2eP95[row] },
    ].flatMap(({ name, limit, value }) => (limit === undefined ? [] : [{ name, limit, value }]))
    const missed = objectives.find(({ limit, value }) => isPast(value, limit))
    const shown = missed ?? objectives[0]
    const training = workload.kind === 'training'
    const tokens = training ? now?.trainedTokens[row] : now?.outputTokens[row]
    return {
      id: workload.id,
      name: workload.name,
      model: workload.modelName,
      rate: training ? 'training' : text('requests', now?.arrived[row]),
      tokens: workload.kind === 'single-shot' ? 'no tokens' : text('tokens', tokens),
      objective: shown
        ? { name: shown.name, value: text('latency', shown.value), limit: limit('latency', shown.limit) }
        : null,
      past: missed !== undefined,
    }
  })
}

export function flows(fleet: FleetView, frame: Frame | null): Flow[] {
  const asked = new Map<number, number>()
  fleet.flows.forEach((flow, row) =>
    asked.set(flow.workload, (asked.get(flow.workload) ?? 0) + (frame?.flows.requests[row] ?? 0)),
  )
  return fleet.flows.map((flow, row): Flow => {
    const tokens = frame?.flows.outputTokens[row] ?? 0
    const requests = frame?.flows.requests[row] ?? 0
    const all = asked.get(flow.workload) ?? 0
    const share = all > 0 ? requests / all : 0
    const past = (frame?.pools.saturation[flow.pool] ?? 0) >= saturationLimit
    const workload = fleet.workloads[flow.workload]?.name ?? ''
    const pool = fleet.pools[flow.pool]
    const family = fleet.families[pool?.family ?? -1]?.name ?? ''
    const size = tokens > 0 ? text('tokens', tokens) : text('requests', requests)
    return {
      workload: flow.workload,
      pool: flow.pool,
      tokens,
      requests,
      share,
      past,
      name: `${workload} → ${pool?.id ?? ''}`,
      detail: `${wholePercent(share)}  ${size}`,
      sentence:
        `${workload} to ${pool?.id ?? ''}, ${family}: ${wholePercent(share)} of its requests, ${size}` +
        (past ? `; the pool is ${text('level', frame?.pools.saturation[flow.pool])} saturated, past its limit.` : '.'),
    }
  })
}

function isPast(value: Figure | undefined, limit: number): boolean {
  return typeof value === 'number' && value > limit
}
