/** Percentiles in words: withheld where there are too few samples, with why. */
import type { Detail } from '../../../server/protocol'
import type { FleetView, Percentiles, TimingName } from '../../../simulation/index'
import { digits, text, unknown } from '../../format'
import { fewest } from '../live/ledger'

export interface PercentileRow {
  key: string
  timing: TimingName
  /** Workload; `null` for all of the pool. */
  whose: string | null
  cells: { words: string; why: string | undefined }[]
  samples: string
}

const timings: readonly TimingName[] = ['ttft', 'itl', 'e2e']
/** Samples that a percentile takes at least. */
const least = { p50: 1, p90: fewest, p95: fewest, p99: 100 }
const parts = ['p50', 'p90', 'p95', 'p99'] as const

/** Of the pool, then of each workload where it serves several; times without a sample are left out. */
export function percentileRows(fleet: FleetView, { latency, workloads }: Detail): PercentileRow[] {
  const served = workloads.filter(each => timings.some(timing => each[timing].count > 0))
  return timings.flatMap(timing => [
    ...rowOf(timing, null, latency[timing]),
    ...(served.length > 1
      ? served.flatMap(each => rowOf(timing, fleet.workloads[each.workload]?.name ?? unknown, each[timing]))
      : []),
  ])
}

function rowOf(timing: TimingName, whose: string | null, percentiles: Percentiles): PercentileRow[] {
  const { count } = percentiles
  if (count === 0) return []
  const cells = parts.map(part =>
    count < least[part]
      ? { words: unknown, why: `withheld: ${digits('count', count)} samples, at least ${least[part]} needed` }
      : { words: text('latency', percentiles[part]), why: undefined },
  )
  return [{ key: `${timing} ${whose}`, timing, whose, cells, samples: digits('samples', count) }]
}
