/** What can be drawn over time, and what it can be split by. */
import type { FamilySeries, FleetSeries, PoolSeries, WorkloadSeries } from '../stores/history'
import type { Kind } from '../format'

export interface Series {
  family?: FamilySeries
  workload?: WorkloadSeries
  pool?: PoolSeries
  fleet?: FleetSeries
}

export type Grouping = keyof Series

export interface Subject {
  /** In the address. */
  id: string
  title: string
  /** Of the digits at the line's end and on the axis. */
  kind: Kind
  /** In the head, in words. */
  unit: string
  /** Amounts stand on zero, latency is logarithmic, shares end at 100 %, attainment is looked at near 100 %. */
  axis: 'zero' | 'log' | 'share' | 'near-one'
  /** By what it can be split; the first is the usual one. */
  by: Series
  /** Samples behind a percentile, and how many it takes at least. */
  samples?: { by: Series; fewest: number }
  /** 95 % interval of the fleet's. */
  interval?: { low: FleetSeries; high: FleetSeries }
}

/** Fewer samples say nothing about a 95th percentile, or a 99th. */
const samplesForP95 = 20
const samplesForP99 = 100

const ttftSamples: Series = { family: 'ttftCount', workload: 'ttftCount', fleet: 'ttftCount' }
const itlSamples: Series = { family: 'itlCount', workload: 'itlCount', fleet: 'itlCount' }

export const subjects: readonly Subject[] = [
  {
    id: 'ttft',
    title: 'p95 TTFT',
    kind: 'milliseconds',
    unit: 'ms',
    axis: 'log',
    by: { family: 'ttftP95', workload: 'ttftP95', pool: 'ttftP95', fleet: 'ttftP95' },
    samples: { by: ttftSamples, fewest: samplesForP95 },
    interval: { low: 'ttftP95Low', high: 'ttftP95High' },
  },
  {
    id: 'itl',
    title: 'p95 ITL',
    kind: 'milliseconds',
    unit: 'ms',
    axis: 'log',
    by: { family: 'itlP95', workload: 'itlP95', pool: 'itlP95', fleet: 'itlP95' },
    samples: { by: itlSamples, fewest: samplesForP95 },
    interval: { low: 'itlP95Low', high: 'itlP95High' },
  },
  {
    id: 'output',
    title: 'Output tokens',
    kind: 'tokens',
    unit: 'tok/s',
    axis: 'zero',
    by: { family: 'outputTokens', workload: 'outputTokens', pool: 'outputTokens', fleet: 'outputTokens' },
  },
  {
    id: 'cost',
    title: 'Cost',
    kind: 'costPerMtok',
    unit: '$/Mtok',
    axis: 'zero',
    by: { family: 'costPerMtok', fleet: 'costPerMtok' },
  },
  {
    id: 'power',
    title: 'Power',
    kind: 'megawatts',
    unit: 'MW',
    axis: 'zero',
    by: { family: 'power', pool: 'power', fleet: 'power' },
  },
  {
    id: 'saturation',
    title: 'Saturation',
    kind: 'level',
    unit: '%',
    axis: 'share',
    by: { family: 'saturation', pool: 'saturation' },
  },
  {
    id: 'waiting',
    title: 'Waiting',
    kind: 'count',
    unit: 'requests',
    axis: 'zero',
    by: { family: 'waiting', workload: 'waiting', pool: 'waiting' },
  },
  {
    id: 'kv',
    title: 'KV cache in use',
    kind: 'level',
    unit: '%',
    axis: 'share',
    by: { pool: 'kvUse' },
  },
  {
    id: 'batch',
    title: 'Batch',
    kind: 'mean',
    unit: 'requests per replica',
    axis: 'zero',
    by: { pool: 'batch' },
  },
  {
    id: 'e2e',
    title: 'p95 end to end',
    kind: 'seconds',
    unit: 's',
    axis: 'log',
    by: { workload: 'e2eP95' },
  },
  {
    id: 'attainment',
    title: 'Attainment',
    kind: 'share',
    unit: '%',
    axis: 'near-one',
    by: { workload: 'attainment', fleet: 'attainment' },
  },
  {
    id: 'rejected',
    title: 'Rejected',
    kind: 'requests',
    unit: 'req/s',
    axis: 'zero',
    by: { family: 'rejected', workload: 'rejected', pool: 'rejected' },
  },
  {
    id: 'prefix',
    title: 'Prefix hits',
    kind: 'level',
    unit: '% of prompt tokens',
    axis: 'share',
    by: { pool: 'prefixHitRate' },
  },
  {
    id: 'preemptions',
    title: 'Preemptions',
    kind: 'rate',
    unit: 'per s',
    axis: 'zero',
    by: { pool: 'preemptions' },
  },
  {
    id: 'running',
    title: 'Running',
    kind: 'count',
    unit: 'requests',
    axis: 'zero',
    by: { family: 'running', workload: 'running' },
  },
  {
    id: 'goodput',
    title: 'Goodput',
    kind: 'requests',
    unit: 'req/s',
    axis: 'zero',
    by: { workload: 'goodput', fleet: 'goodput' },
  },
  {
    id: 'energy',
    title: 'Energy',
    kind: 'energy',
    unit: 'J/tok',
    axis: 'zero',
    by: { family: 'energyPerToken', fleet: 'energyPerToken' },
  },
  {
    id: 'ttft-p99',
    title: 'p99 TTFT',
    kind: 'milliseconds',
    unit: 'ms',
    axis: 'log',
    by: { workload: 'ttftP99' },
    samples: { by: { workload: 'ttftCount' }, fewest: samplesForP99 },
  },
]

/** A chart as it stands in the address: what, and split by what. */
export interface Choice {
  subject: Subject
  by: Grouping
}

/** On Live until somebody chooses. */
const usual = ['ttft', 'itl', 'output', 'cost', 'power', 'saturation']

const groupings: readonly Grouping[] = ['family', 'workload', 'pool', 'fleet']

export function groupingsOf(subject: Subject): Grouping[] {
  return groupings.filter(grouping => subject.by[grouping] !== undefined)
}

/** "ttft" or "ttft-workload"; `null` where there is no such chart. */
export function choiceOf(name: string): Choice | null {
  for (const subject of subjects) {
    const by = groupingsOf(subject)
    if (name === subject.id && by[0]) return { subject, by: by[0] }
    const grouping = by.find(each => name === nameOf({ subject, by: each }))
    if (grouping) return { subject, by: grouping }
  }
  return null
}

export function nameOf({ subject, by }: Choice): string {
  return groupingsOf(subject)[0] === by ? subject.id : `${subject.id}-${by}`
}

/** The charts of these names, each subject once; the usual ones without names. */
export function choicesOf(names: readonly string[] | null): Choice[] {
  const choices = (names ?? usual).flatMap(name => choiceOf(name) ?? [])
  return choices.filter(({ subject }, index) => choices.findIndex(other => other.subject === subject) === index)
}
