/** What each workload asks for and how it is served, in words; and which of them are past an objective. */
import { saturationLimit, type Figure, type FleetView, type Frame } from '../../../simulation/index'
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

/** Where ribbons end: in a pool, or in a family whose pools are folded, or too many to tell apart. */
export interface End {
  /** Unique among all. */
  key: string
  name: string
  /** Index into the families. */
  family: number
  /** Index into the pools; `null` for a family as a whole. */
  pool: number | null
}

export interface Flow {
  workload: number
  /** Index into the ends. */
  end: number
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

/** Family by family. */
export function endsOf(fleet: FleetView, isOpen: (family: number) => boolean): End[] {
  return fleet.families.flatMap(({ id, name }, family): End[] => {
    if (!isOpen(family)) return [{ key: id, name, family, pool: null }]
    return fleet.pools.flatMap((pool, index) =>
      pool.family === family ? [{ key: `pool ${pool.id}`, name: pool.id, family, pool: index }] : [],
    )
  })
}

export interface FlowFilter {
  pools: ReadonlySet<number>
  workloads: ReadonlySet<number>
  families: ReadonlySet<number>
}

/** One from each workload to each end that it has a way to; what the filter leaves out does not flow. */
export function flows(fleet: FleetView, frame: Frame | null, ends: readonly End[], shown: FlowFilter): Flow[] {
  const merged = new Map<string, { workload: number; end: number; rows: Rate[] }>()
  const asked = new Map<number, number>()
  for (const rate of ratesOf(fleet, frame)) {
    const { workload, family, pool, requests } = rate
    asked.set(workload, (asked.get(workload) ?? 0) + requests)
    if (!shown.workloads.has(workload) || !(pool === null ? shown.families.has(family) : shown.pools.has(pool)))
      continue
    const end = ends.findIndex(each => each.family === family && (each.pool === null || each.pool === pool))
    const key = `${workload} ${end}`
    const flow = merged.get(key) ?? { workload, end, rows: [] }
    flow.rows.push(rate)
    merged.set(key, flow)
  }
  return [...merged.values()].flatMap(({ workload, end, rows }) => {
    const to = ends[end]
    return to ? [flowOf(fleet, { workload, end, to, rows, asked: asked.get(workload) ?? 0 })] : []
  })
}

/** What flows from a workload to a pool, or to a family where a frame does not tell of its pools one by one. */
interface Rate {
  workload: number
  family: number
  pool: number | null
  tokens: number
  requests: number
  saturation: Figure
}

function ratesOf(fleet: FleetView, frame: Frame | null): Rate[] {
  const { familyFlows } = frame ?? {}
  if (familyFlows)
    return fleet.workloads.flatMap((_, workload) =>
      fleet.families.map((_, family): Rate => {
        const row = workload * fleet.families.length + family
        return {
          workload,
          family,
          pool: null,
          tokens: familyFlows.outputTokens[row] ?? 0,
          requests: familyFlows.requests[row] ?? 0,
          saturation: frame?.families.saturation[family] ?? null,
        }
      }),
    )
  return fleet.flows.map(({ workload, pool }, row) => ({
    workload,
    family: fleet.pools[pool]?.family ?? -1,
    pool,
    tokens: frame?.flows.outputTokens[row] ?? 0,
    requests: frame?.flows.requests[row] ?? 0,
    saturation: frame?.pools.saturation[pool] ?? null,
  }))
}

interface Merged {
  workload: number
  end: number
  to: End
  rows: Rate[]
  /** Requests/s of the workload, wherever they go. */
  asked: number
}

function flowOf(fleet: FleetView, { workload, end, to, rows, asked }: Merged): Flow {
  const sum = (rate: 'tokens' | 'requests') => rows.reduce((all, row) => all + row[rate], 0)
  const [tokens, requests] = [sum('tokens'), sum('requests')]
  const share = asked > 0 ? requests / asked : 0
  const full = rows.filter(row => row.requests > 0 && (row.saturation ?? 0) >= saturationLimit)
  const from = fleet.workloads[workload]?.name ?? ''
  const family = fleet.families[to.family]?.name ?? ''
  const size = tokens > 0 ? text('tokens', tokens) : text('requests', requests)
  const where = to.pool === null ? `all of ${family}` : `${to.name}, ${family}`
  return {
    workload,
    end,
    tokens,
    requests,
    share,
    past: full.length > 0,
    name: `${from} → ${to.name}`,
    detail: `${wholePercent(share)} · ${size}`,
    sentence:
      `${from} to ${where}: ${wholePercent(share)} of its requests, ${size}` +
      (full.length > 0 ? `; ${full.map(row => fullWords(fleet, to, row)).join(', ')} saturated, past its limit.` : '.'),
  }
}

function fullWords(fleet: FleetView, to: End, { pool, saturation }: Rate): string {
  const who = to.pool !== null ? 'the pool' : pool === null ? 'the family' : (fleet.pools[pool]?.id ?? '')
  return `${who} is ${text('level', saturation)}`
}

function isPast(value: Figure | undefined, limit: number): boolean {
  return typeof value === 'number' && value > limit
}
