import type {
  ChipMetric,
  FamilyMetric,
  FleetMetric,
  FlowMetric,
  MirrorMetric,
  PoolMetric,
  ServiceMetric,
  WorkloadMetric,
} from '../../simulation/index'

/**
 * What a stretch of time keeps of a figure: the mean of rates and levels, the highest of percentiles and their intervals,
 * the least of the samples behind them, the last of what is counted. A ratio is weighed by what it is a ratio to.
 */
export type Fold = 'mean' | 'highest' | 'least' | 'last' | { by: string }

const perToken = { by: 'outputTokens' }

const service: Record<ServiceMetric, Fold> = {
  finished: 'mean',
  promptTokens: 'mean',
  outputTokens: 'mean',
  running: 'mean',
  waiting: 'mean',
  transferring: 'mean',
  rejected: 'mean',
  cancelled: 'mean',
  ttftP50: 'highest',
  ttftP95: 'highest',
  ttftCount: 'least',
  itlP50: 'highest',
  itlP95: 'highest',
  itlCount: 'least',
  usedCost: 'mean',
  costPerMtok: perToken,
}

const chips: Record<ChipMetric, Fold> = {
  power: 'mean',
  carbon: 'mean',
  energyPerToken: perToken,
  heldCost: 'mean',
  idleCost: 'mean',
  saturation: 'mean',
  busy: 'mean',
}

const fleet: Record<FleetMetric, Fold> = {
  ...service,
  ...chips,
  arrived: 'mean',
  goodput: 'mean',
  attainment: { by: 'finished' },
  ttftP95Low: 'highest',
  ttftP95High: 'highest',
  itlP95Low: 'highest',
  itlP95High: 'highest',
  idlePower: 'mean',
  idleCarbon: 'mean',
  revenue: 'mean',
  costCoverage: perToken,
  powerCoverage: perToken,
}

const families: Record<FamilyMetric, Fold> = { ...service, ...chips }

const workloads: Record<WorkloadMetric, Fold> = {
  ...service,
  arrived: 'mean',
  goodput: 'mean',
  attainment: { by: 'finished' },
  ttftP99: 'highest',
  e2eP50: 'highest',
  e2eP95: 'highest',
  tpotP95: 'highest',
  revenue: 'mean',
  margin: 'mean',
  marginPerMtok: perToken,
  power: 'mean',
  carbon: 'mean',
  energyPerToken: perToken,
  trainedTokens: 'mean',
  lostTokens: 'mean',
}

const pools: Record<PoolMetric, Fold> = {
  ...service,
  ...chips,
  replicas: 'last',
  available: 'mean',
  drained: 'last',
  batch: 'mean',
  kvUse: 'mean',
  computeUtilisation: 'mean',
  memoryUtilisation: 'mean',
  prefixHitRate: { by: 'promptTokens' },
  preemptions: 'mean',
  transferred: 'mean',
}

const flows: Record<FlowMetric, Fold> = { requests: 'mean', outputTokens: 'mean' }

/** Which mirrors there are stands in the first four columns, and is that of the end of the stretch. */
const mirrors: Record<'workload' | 'prefill' | 'decode' | 'part' | MirrorMetric, Fold> = {
  workload: 'last',
  prefill: 'last',
  decode: 'last',
  part: 'last',
  copied: 'last',
  finished: 'last',
  dropped: 'last',
  outputTokens: 'last',
  present: 'last',
  ttftP95: 'last',
  ttftCount: 'last',
  itlP95: 'last',
  itlCount: 'last',
  e2eP95: 'last',
  attainment: 'last',
  usedCost: 'last',
}

/** Every figure of a frame, group by group, in the order in which a row of the history holds them. */
export const metrics = { fleet, families, workloads, pools, flows, mirrors, familyFlows: flows }

export type Group = keyof typeof metrics
export const groups = [
  'fleet',
  'families',
  'workloads',
  'pools',
  'flows',
  'mirrors',
  'familyFlows',
] as const satisfies Group[]
