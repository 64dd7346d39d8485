/** A pool as a table for files: its figures, percentiles, and the replicas on the screen. Pure. */
import type { Detail } from '../../../server/protocol'
import type { PoolView } from '../../../simulation/index'
import type { Cell, Sheet } from '../../export'

const timings = ['ttft', 'itl', 'e2e'] as const
const parts = ['count', 'p50', 'p90', 'p95', 'p99'] as const
const replicaColumns = [
  ['running', 'requests'],
  ['waiting', 'requests'],
  ['decoding', 'requests'],
  ['prefillTokens', 'tokens'],
  ['stepTime', 's'],
  ['kvUse', 'share, 0 to 1'],
  ['kvCached', 'share, 0 to 1'],
  ['clock', 'share, 0 to 1'],
  ['chipsLost', ''],
] as const

export function poolSheet(pool: PoolView | null, detail: Detail | null): Sheet {
  const title = `Pool ${pool?.id ?? ''}`
  const columns = [{ name: 'of' }, { name: 'what' }, { name: 'value' }, { name: 'unit' }]
  if (!pool || !detail) return { title, columns, rows: [] }
  const { figures, latency, replicas } = detail
  const { shown } = replicas
  const rows: Cell[][] = [
    ...Object.entries(figures).map(([metric, figure]): Cell[] => ['pool', metric, figure, null]),
    ...timings.flatMap(timing =>
      parts.map((part): Cell[] => [timing, part, latency[timing][part], part === 'count' ? 'samples' : 's']),
    ),
    ...shown.replica.flatMap((replica, row): Cell[][] => [
      [`replica ${replica}`, 'condition', shown.condition[row] ?? null, null],
      ...replicaColumns.map(([metric, unit]): Cell[] => [
        `replica ${replica}`,
        metric,
        shown[metric][row] ?? null,
        unit || null,
      ]),
    ]),
  ]
  const told = `replicas ${replicas.from + 1} to ${replicas.from + shown.replica.length} of ${replicas.total}`
  return { title, note: `${pool.modelName} on ${pool.chipName}, ${pool.zone}; ${told}`, columns, rows }
}
