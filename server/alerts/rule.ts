import { z } from 'zod'
import { saturationLimit, type Fleet } from '../../simulation/index'
import type { Refusal } from '../protocol'
import { refuse } from '../refusal'
import { fleetMetrics, poolMetrics, workloadMetrics } from '../rollout/metrics'
import { burnPairs } from './objective'

const name = z.string().min(1).max(100)
const number = z.number()

export const ruleShape = {
  rule: name.meta({ description: 'What it is called; the name of a built-in one stands in for it.' }),
  metric: name.meta({
    description:
      'A figure of frames, of the fleet, or of the workload or pool; of workloads also burnFastest, burnFast, burnSlow, burnSlowest, budgetLeft, rejectedShare, of pools waitingShare.',
  }),
  workload: name.optional().meta({ description: 'An id; * for each.' }),
  pool: name.optional().meta({ description: 'An id; * for each.' }),
  above: number.optional().meta({ description: 'An alert above so much, in the base unit of the figure.' }),
  below: number.optional().meta({ description: 'An alert below so much.' }),
  clear: number.optional().meta({
    description: 'It is over only when the figure is back at so much; the threshold itself without it.',
  }),
  for: z.number().min(0).max(86_400).default(0).meta({ description: 'It has to last so long first [simulated s].' }),
  severity: z.enum(['warning', 'critical']).default('warning'),
}

export const ruleSchema = z.object(ruleShape)

export type AlertRule = z.output<typeof ruleSchema>

/** What a rule or an alert is about: a workload, a pool, or with neither the fleet. */
export interface Subject {
  workload?: string
  pool?: string
}

/** Figures beside those of frames. */
const moreOfWorkloads = [...burnPairs.map(({ metric }) => metric), 'budgetLeft', 'rejectedShare'] as string[]
const moreOfPools = ['waitingShare']

/** A burn rate is back when it is a fifth below its limit. */
const backAt = 0.8

/** Watched without anybody's asking; the most pressing first. */
export const builtInRules: readonly AlertRule[] = [
  {
    rule: 'budget-spent',
    metric: 'budgetLeft',
    workload: '*',
    below: 0,
    clear: 0.02,
    for: 0,
    severity: 'critical',
  },
  { rule: 'pool-down', metric: 'available', pool: '*', below: 0.001, clear: 0.01, for: 0, severity: 'critical' },
  ...burnPairs.map(({ metric, above }): AlertRule => {
    const rule = metric.replace(/[A-Z]/, letter => `-${letter.toLowerCase()}`)
    return { rule, metric, workload: '*', above, clear: above * backAt, for: 0, severity: 'warning' }
  }),
  {
    rule: 'rejections',
    metric: 'rejectedShare',
    workload: '*',
    above: 0.01,
    clear: 0.002,
    for: 15,
    severity: 'warning',
  },
  {
    rule: 'saturation',
    metric: 'saturation',
    pool: '*',
    above: saturationLimit,
    clear: 0.85,
    for: 30,
    severity: 'warning',
  },
  { rule: 'waiting', metric: 'waitingShare', pool: '*', above: 0.5, clear: 0.3, for: 60, severity: 'warning' },
  { rule: 'replicas-lost', metric: 'available', pool: '*', below: 1, clear: 1, for: 15, severity: 'warning' },
]

/** Rules in force: built-in ones, unless one of the same name stands in for them, and those that were added. */
export function rulesInForce(own: readonly AlertRule[]): AlertRule[] {
  const stands = (rule: AlertRule): AlertRule => own.find(each => each.rule === rule.rule) ?? rule
  const added = own.filter(({ rule }) => builtInRules.every(each => each.rule !== rule))
  return [...builtInRules.map(stands), ...added]
}

/** Why a rule cannot watch a fleet, or `null` if it can. */
export function checkRule(fleet: Fleet, rule: AlertRule): Refusal | null {
  const { workload, pool, metric, above, below, clear } = rule
  if (workload !== undefined && pool !== undefined) return refuse('pool', pool, 'a workload or a pool, not both')
  const stranger = checkSubject(fleet, rule)
  if (stranger) return stranger
  const metrics = metricsOf(rule)
  if (!metrics.includes(metric)) return refuse('metric', metric, `one of ${metrics.join(', ')}`)
  if ((above === undefined) === (below === undefined))
    return refuse('above', above ?? null, 'a threshold above or below, one of the two')
  if (clear === undefined) return null
  if (above !== undefined && clear > above) return refuse('clear', clear, `${above} or less, for it is over below`)
  if (below !== undefined && clear < below) return refuse('clear', clear, `${below} or more, for it is over above`)
  return null
}

/** Why a workload or pool is not one of the fleet; `*` is each. */
export function checkSubject(fleet: Fleet, { workload, pool }: Subject, each = '*'): Refusal | null {
  const unknown = (field: string, value: string | undefined, known: { id: string }[]): Refusal | null =>
    value === undefined || value === each || known.some(({ id }) => id === value)
      ? null
      : refuse(field, value, `one of ${known.map(({ id }) => id).join(', ')}`)
  return unknown('workload', workload, fleet.workloads) ?? unknown('pool', pool, fleet.pools)
}

function metricsOf({ workload, pool }: Subject): string[] {
  if (workload !== undefined) return [...Object.keys(workloadMetrics), ...moreOfWorkloads]
  return pool !== undefined ? [...Object.keys(poolMetrics), ...moreOfPools] : Object.keys(fleetMetrics)
}

/** Rules of burning budgets: where a faster one is an alert, the slower say nothing new. */
export function fasterThan(rule: string): string[] {
  const burning = builtInRules.filter(({ metric }) => burnPairs.some(pair => pair.metric === metric))
  const place = burning.findIndex(each => each.rule === rule)
  return place < 0 ? [] : burning.slice(0, place).map(each => each.rule)
}
