import type { FleetMetric, PoolMetric, WorkloadMetric } from '../../simulation/index'

/** What a guard may watch: the figures of frames. */
export type GuardMetric = FleetMetric | WorkloadMetric | PoolMetric

/** Which requests a figure is made of; one that is made of none can be judged at any time. */
export type Evidence = 'ttft' | 'itl' | 'left' | 'none'

const service = {
  finished: 'none',
  promptTokens: 'none',
  outputTokens: 'none',
  running: 'none',
  waiting: 'none',
  transferring: 'none',
  rejected: 'none',
  cancelled: 'none',
  ttftP50: 'ttft',
  ttftP95: 'ttft',
  ttftCount: 'none',
  itlP50: 'itl',
  itlP95: 'itl',
  itlCount: 'none',
  usedCost: 'none',
  costPerMtok: 'left',
} as const

const chips = {
  power: 'none',
  carbon: 'none',
  energyPerToken: 'left',
  heldCost: 'none',
  idleCost: 'none',
  saturation: 'none',
  busy: 'none',
} as const

export const fleetMetrics: Readonly<Record<FleetMetric, Evidence>> = {
  ...service,
  ...chips,
  arrived: 'none',
  goodput: 'none',
  attainment: 'left',
  ttftP95Low: 'ttft',
  ttftP95High: 'ttft',
  itlP95Low: 'itl',
  itlP95High: 'itl',
  idlePower: 'none',
  idleCarbon: 'none',
  revenue: 'none',
  costCoverage: 'left',
  powerCoverage: 'left',
}

export const workloadMetrics: Readonly<Record<WorkloadMetric, Evidence>> = {
  ...service,
  arrived: 'none',
  goodput: 'none',
  attainment: 'left',
  ttftP99: 'ttft',
  e2eP50: 'left',
  e2eP95: 'left',
  tpotP95: 'left',
  revenue: 'none',
  margin: 'none',
  marginPerMtok: 'left',
  power: 'none',
  carbon: 'none',
  energyPerToken: 'left',
  trainedTokens: 'none',
  lostTokens: 'none',
}

export const poolMetrics: Readonly<Record<PoolMetric, Evidence>> = {
  ...service,
  ...chips,
  replicas: 'none',
  available: 'none',
  drained: 'none',
  batch: 'none',
  kvUse: 'none',
  computeUtilisation: 'none',
  memoryUtilisation: 'none',
  prefixHitRate: 'left',
  preemptions: 'none',
  transferred: 'none',
}

/** Rates of such events are judged as they come, percentiles of first tokens with those that still wait for one. */
export const timedToFirstToken: readonly string[] = ['ttftP50', 'ttftP95', 'ttftP99']
