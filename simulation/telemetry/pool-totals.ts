import { f64 } from '../columns'
import type { Simulation } from '../simulation'
import { BINS, binTime } from './histogram'
import { allSamples, binsOf, E2E, ITL, sumOf, TTFT, type Telemetry } from './telemetry'

/** Samples of a time since the start of the run, by upper bucket border [s]; cumulative, as Prometheus has them. */
export interface BucketCounts {
  borders: number[]
  /** Samples at most as long as each border, within the 1 % of the bins. */
  counts: number[]
  count: number
  /** [s] */
  sum: number
}

/** What one pool has done since the start of the run. */
export interface PoolTotals {
  arrived: number
  finished: number
  rejected: number
  cancelled: number
  preempted: number
  promptTokens: number
  outputTokens: number
  /** [J] */
  energy: number
  ttft: BucketCounts
  itl: BucketCounts
  e2e: BucketCounts
}

/** Bucket borders of vLLM's metrics (vllm/v1/metrics/loggers.py, 2025) [s]. */
const borders = {
  ttft: [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
  ],
  itl: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80],
  e2e: [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680],
}

/** Totals of every pool, in the order of the fleet. */
export function poolTotals(simulation: Simulation): PoolTotals[] {
  const { telemetry, pools } = simulation.fleet
  return pools.map(({ firstFlow, flows }, pool) => {
    const own = Array.from({ length: flows }, (_, i) => firstFlow + i)
    const sum = (column: Float64Array): number => own.reduce((total, flow) => total + f64(column, flow), 0)
    const { flow } = telemetry
    return {
      arrived: sum(flow.arrived),
      finished: sum(flow.finished),
      rejected: sum(flow.rejected),
      cancelled: sum(flow.cancelled),
      preempted: f64(telemetry.pool.preempted, pool),
      promptTokens: sum(flow.promptTokens),
      outputTokens: sum(flow.outputTokens),
      energy: f64(telemetry.pool.energy, pool),
      ttft: bucketCounts(telemetry, own, TTFT, borders.ttft),
      itl: bucketCounts(telemetry, own, ITL, borders.itl),
      e2e: bucketCounts(telemetry, own, E2E, borders.e2e),
    }
  })
}

function bucketCounts(telemetry: Telemetry, flows: readonly number[], timing: number, upper: number[]): BucketCounts {
  const counts = upper.map(() => 0)
  let [count, bucket] = [0, 0]
  for (let bin = 0; bin < BINS; bin++) {
    const time = binTime(bin)
    for (; bucket < upper.length && time > (upper[bucket] ?? Infinity); bucket++) counts[bucket] = count
    for (const flow of flows) count += allSamples(telemetry, binsOf(flow, timing) + bin)
  }
  for (; bucket < upper.length; bucket++) counts[bucket] = count
  return { borders: upper, counts, count, sum: flows.reduce((sum, flow) => sum + sumOf(telemetry, flow, timing), 0) }
}
