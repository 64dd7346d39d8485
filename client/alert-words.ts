/** Alerts in words: what is past which threshold. */
import type { AlertRule, AlertView } from '../server/protocol'
import type { Figure, FleetView } from '../simulation/index'
import { duration, round, text, thin, unknown, type Kind } from './format'

const names: Readonly<Record<string, string>> = {
  burnFastest: 'burn rate, fastest windows',
  burnFast: 'burn rate, fast windows',
  burnSlow: 'burn rate, slow windows',
  burnSlowest: 'burn rate, slowest windows',
  budgetLeft: 'error budget left',
  rejectedShare: 'rejected',
  waitingShare: 'share that waits',
  saturation: 'saturation',
  available: 'replicas that serve',
  behind: 'frames late',
  ttftP50: 'p50 TTFT',
  ttftP95: 'p95 TTFT',
  ttftP99: 'p99 TTFT',
  itlP50: 'p50 ITL',
  itlP95: 'p95 ITL',
  tpotP95: 'p95 TPOT',
  e2eP50: 'p50 end to end',
  e2eP95: 'p95 end to end',
  outputTokens: 'output',
  promptTokens: 'prompt tokens',
  kvUse: 'KV cache in use',
  costPerMtok: 'cost',
  energyPerToken: 'energy',
  arrived: 'requests',
  waiting: 'queue',
}

const kinds: readonly [RegExp, Kind][] = [
  [/P\d\d/, 'latency'],
  [/^(saturation|available|attainment|kvUse|busy|prefixHitRate)$|Share$|Left$|Utilisation$|Coverage$/, 'share'],
  [/Tokens$/, 'tokens'],
  [/^(finished|arrived|rejected|cancelled|goodput|preemptions)$/, 'requests'],
  [/^(power|idlePower)$/, 'power'],
  [/^costPerMtok$/, 'costPerMtok'],
  [/^energyPerToken$/, 'energy'],
  [/(Cost|revenue|margin)$/, 'spend'],
  [/^transferred$/, 'bandwidth'],
]

export function metricName(metric: string): string {
  return names[metric] ?? metric
}

/** A figure of a rule with its unit: "94.2 %", "16.1×". */
export function metricText(metric: string, figure: Figure): string {
  if (figure === null) return unknown
  if (metric.startsWith('burn')) return times(figure)
  if (metric === 'behind') return duration(figure)
  const kind = kinds.find(([pattern]) => pattern.test(metric))?.[1] ?? 'count'
  return text(kind, figure)
}

/** A threshold, without the zeros that carry nothing: "90 %", "6×". */
export function limitText(metric: string, figure: Figure): string {
  return metricText(metric, figure).replace(/\.0+(?=\D|$)/, '')
}

/** "2.1×". */
export function times(figure: Figure): string {
  return figure === null ? unknown : `${figure === 0 ? '0.0' : round(figure, 1)}×`
}

/** What a rule or an alert is about, as people call it. */
export function subjectName(fleet: FleetView | null, { workload, pool }: Pick<AlertRule, 'workload' | 'pool'>): string {
  if (workload === '*') return 'Each workload'
  if (pool === '*') return 'Each pool'
  if (workload !== undefined) return fleet?.workloads.find(({ id }) => id === workload)?.name ?? workload
  return pool ?? 'The fleet'
}

/** What is wrong, to be read after the name: "burns its error budget at 16×, limit 14×". */
export function complaint({ metric, rule, threshold }: AlertSaid, value: number): string {
  if (metric.startsWith('burn'))
    return `burns its error budget at ${times(value)}, limit ${limitText(metric, threshold)}`
  if (metric === 'budgetLeft') return 'has spent its error budget'
  if (rule === 'pool-down') return 'has no replica that serves'
  if (rule === 'replicas-lost') return `has lost replicas: ${metricText(metric, value)} serve`
  if (metric === 'saturation') return `is ${metricText(metric, value)} saturated, limit ${limitText(metric, threshold)}`
  if (metric === 'rejectedShare') return `turns ${metricText(metric, value)} of its requests away`
  if (metric === 'waitingShare') return `lets ${metricText(metric, value)} of its requests wait`
  if (metric === 'behind') return `shows its frames ${metricText(metric, value)} late`
  return `${metricName(metric)} ${metricText(metric, value)}, limit ${limitText(metric, threshold)}`
}

type AlertSaid = Pick<AlertView, 'metric' | 'rule' | 'threshold'>

/** A length of simulated time in its largest unit: "2 min", "6 h", "3 d". */
export function lengthOf(seconds: number): string {
  return seconds >= 172_800 ? `${round(seconds / 86_400, 1)}${thin}d` : duration(seconds)
}
