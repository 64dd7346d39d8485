import {
  createSimulation,
  summarisePool,
  summariseWorkload,
  timeOf,
  type PoolSummary,
  type Simulation,
  type WorkloadSummary,
} from '../../simulation/index'

/** Figures of all workloads since the start of a run, and of all pools since an earlier state of it. */
export function summarise(
  now: Simulation,
  before = createSimulation(now.scenario),
): { workloads: Record<string, WorkloadSummary>; pools: Record<string, PoolSummary> } {
  const { workloads, pools } = now.scenario.fleet
  return {
    workloads: Object.fromEntries(
      workloads.map(({ id, cohorts = [] }, index) => [
        id,
        summariseWorkload(
          now,
          index,
          [0, ...cohorts].map((_, cohort) => cohort),
          timeOf(now),
        ),
      ]),
    ),
    pools: Object.fromEntries(pools.map(({ id }, index) => [id, summarisePool(before, now, index)])),
  }
}
