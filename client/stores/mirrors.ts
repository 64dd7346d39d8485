/** Mirrors in force with what their copies see, beside what the users of the same workload see. Pure. */
import type { Figure, FleetView, Frame, Mirrors } from '../../simulation/index'

/** Copies, and what is served. */
export interface Pair {
  copies: Figure
  served: Figure
}

export interface MirrorRow {
  key: string
  workload: string
  name: string
  prefill: string
  decode: string
  part: number
  /** Requests are queries: timed as a whole. */
  queries: boolean
  /** [requests/s]; `null` until a frame tells of it. */
  copied: Figure
  dropped: Figure
  /** TTFT, or the whole time of queries, and ITL [s]; withheld with few samples. */
  first: Pair
  itl: Pair
  attainment: Pair
}

/** Fewer samples say nothing about a 95th percentile. */
const fewest = 20

export function mirrorRows(fleet: FleetView, frame: Frame | null, mirrors: Mirrors): MirrorRow[] {
  return fleet.workloads.flatMap(({ id, name, kind }, workload) =>
    (mirrors[id] ?? []).map(({ prefill, decode, part }): MirrorRow => {
      const row = rowOf(fleet, frame, workload, decode)
      const [copies, served] = [frame?.mirrors, frame?.workloads]
      const queries = kind === 'single-shot'
      const enough = (count: Figure | undefined, figure: Figure | undefined): Figure =>
        (count ?? 0) >= fewest ? (figure ?? null) : null
      return {
        key: `${id} ${prefill} ${decode}`,
        workload: id,
        name,
        prefill,
        decode,
        part,
        queries,
        copied: copies?.copied[row] ?? null,
        dropped: copies?.dropped[row] ?? null,
        first: queries
          ? { copies: copies?.e2eP95[row] ?? null, served: served?.e2eP95[workload] ?? null }
          : {
              copies: enough(copies?.ttftCount[row], copies?.ttftP95[row]),
              served: enough(served?.ttftCount[workload], served?.ttftP95[workload]),
            },
        itl: {
          copies: enough(copies?.itlCount[row], copies?.itlP95[row]),
          served: enough(served?.itlCount[workload], served?.itlP95[workload]),
        },
        attainment: { copies: copies?.attainment[row] ?? null, served: served?.attainment[workload] ?? null },
      }
    }),
  )
}

/** Pools that can serve a workload and get no copies of it yet. */
export function freePools(fleet: FleetView, mirrors: Mirrors, workload: string): string[] {
  const index = fleet.workloads.findIndex(({ id }) => id === workload)
  const taken = (mirrors[workload] ?? []).flatMap(({ prefill, decode }) => [prefill, decode])
  const able = new Set(fleet.flows.flatMap(flow => (flow.workload === index ? [flow.pool] : [])))
  return fleet.pools.flatMap(({ id }, pool) => (able.has(pool) && !taken.includes(id) ? [id] : []))
}

/** "copies of Chat": what a pool is sent beside what it serves; `null` where it is sent none. */
export function copiesTo(fleet: FleetView, mirrors: Mirrors, pool: string): string | null {
  const names = fleet.workloads.flatMap(({ id, name }) =>
    (mirrors[id] ?? []).some(({ prefill, decode }) => prefill === pool || decode === pool) ? [name] : [],
  )
  return names.length > 0 ? `copies of ${names.join(', ')}` : null
}

/** Pools that get copies, by index. */
export function mirroredPools(fleet: FleetView, mirrors: Mirrors): number[] {
  return fleet.pools.flatMap(({ id }, pool) => (copiesTo(fleet, mirrors, id) === null ? [] : [pool]))
}

/** A part in per cent as it is typed, 0 to 100; `null` where it is none. */
export function partOf(typed: string): number | null {
  const text = typed.trim().replace(',', '.')
  const percent = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN
  return percent <= 100 ? Math.round(percent * 10) / 1000 : null
}

/** -1 before the first frame that tells of it. */
function rowOf(fleet: FleetView, frame: Frame | null, workload: number, decode: string): number {
  const pool = fleet.pools.findIndex(({ id }) => id === decode)
  const { mirrors } = frame ?? {}
  return mirrors?.workload.findIndex((of, row) => of === workload && mirrors.decode[row] === pool) ?? -1
}
