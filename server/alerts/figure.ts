import type { Figure, Frame } from '../../simulation/index'
import type { Standing } from './objective'
import type { Subject } from './rule'

/** Ids of workloads and pools in the order of the columns of frames. */
export interface Places {
  workloads: readonly string[]
  pools: readonly string[]
}

/** What a figure is of, and its row in the columns of frames. */
export interface Placed extends Subject {
  row: number
}

/** Shares of fewer requests than this tell nothing. */
const leastPresent = 20

/** The figure that a rule watches. */
export function figureOf(
  frame: Frame,
  standings: readonly Standing[],
  metric: string,
  { workload, pool, row }: Placed,
): Figure {
  if (workload !== undefined) {
    const standing = standings.find(each => each.workload === workload)
    const pair = standing?.pairs.find(each => each.metric === metric)
    if (pair) return pair.rate
    if (metric === 'budgetLeft') return standing?.left ?? null
    return metric === 'rejectedShare' ? rejectedShare(frame, row) : at(frame.workloads, metric, row)
  }
  if (pool !== undefined) {
    return metric === 'waitingShare' ? waitingShare(frame, row) : at(frame.pools, metric, row)
  }
  const figures: Readonly<Record<string, Figure>> = frame.fleet
  return figures[metric] ?? null
}

export function at(columns: Readonly<Record<string, readonly Figure[]>>, metric: string, row: number): Figure {
  return columns[metric]?.[row] ?? null
}

function rejectedShare({ workloads }: Frame, row: number): Figure {
  const [rejected, arrived] = [workloads.rejected[row] ?? 0, workloads.arrived[row] ?? 0]
  return arrived > 0 ? rejected / arrived : null
}

function waitingShare({ pools }: Frame, row: number): Figure {
  const [waiting, running] = [pools.waiting[row] ?? 0, pools.running[row] ?? 0]
  return waiting + running >= leastPresent ? waiting / (waiting + running) : 0
}
