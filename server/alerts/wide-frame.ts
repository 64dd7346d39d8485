import {
  framedPools,
  takeHealth,
  takePools,
  type Columns,
  type Figure,
  type Frame,
  type PoolMetric,
  type Simulation,
} from '../../simulation/index'
import { rulesInForce, type AlertRule } from './rule'
import type { Watch } from './watch'

/**
 * The frame with the pools that it has no columns of: rules hold for each of them. What takes long to count is there for
 * the pools that a rule asks it of, and `null` for the others.
 */
export function withAllPools(frame: Frame, simulation: Simulation, { rules }: Watch): Frame {
  const { pools } = simulation.scenario.fleet
  if (pools.length <= framedPools) return frame
  const health: Partial<Columns<PoolMetric>> = takeHealth(simulation)
  // the share that waits is made of what is there
  const isThere = (metric: string): boolean => metric in health || metric === 'waitingShare'
  const asked = rulesInForce(rules).filter(({ pool, metric }) => pool !== undefined && !isThere(metric))
  const whole = pools.flatMap(({ id }, index) => (index < framedPools || isAsked(asked, id) ? [index] : []))
  const figures = takePools(simulation, whole)
  const rowOf = new Map(whole.map((index, row) => [index, row]))
  const columns = Object.entries<Figure[]>(figures).map(([metric, column]): [string, Figure[]] => [
    metric,
    pools.map((_, index) => column[rowOf.get(index) ?? -1] ?? health[metric as PoolMetric]?.[index] ?? null),
  ])
  return { ...frame, pools: Object.fromEntries(columns) as Frame['pools'] }
}

function isAsked(rules: readonly AlertRule[], id: string): boolean {
  return rules.some(({ pool }) => pool === '*' || pool === id)
}
