import { z } from 'zod'
import { ruleShape, rulesInForce, builtInRules } from './rule'
import { isMeant, matcherSchema } from './silence'
import type { Watch } from './watch'

const figure = z.number().nullable()
const subject = { workload: z.string().optional(), pool: z.string().optional() }

const alert = z.object({
  ...subject,
  id: z.string().meta({ description: 'Of its rule and what it is about; by it, it is acknowledged.' }),
  rule: z.string(),
  metric: z.string(),
  severity: z.enum(['warning', 'critical']),
  state: z.enum(['pending', 'firing']),
  since: z.number().meta({ description: 'When the figure went past the threshold [simulated s].' }),
  firedAt: figure,
  value: z.number(),
  threshold: z.number(),
  worst: z.number(),
  acknowledged: z.object({ by: z.string(), at: z.number(), reason: z.string().nullable() }).nullable(),
  silencedBy: z.string().nullable().meta({ description: 'Key of the silence in force that fits.' }),
})
const pastAlert = alert.extend({ state: z.literal('over'), ended: z.number(), how: z.string() })

export const anomalySchema = z.object({
  ...subject,
  id: z.string(),
  metric: z.string(),
  since: z.number(),
  until: figure,
  value: z.number(),
  usual: z.number().meta({ description: 'Median of the minutes that it is held against.' }),
  sigma: z.number(),
  cause: z.object({ words: z.string(), time: z.number() }).nullable(),
  words: z.string(),
})

export const alertsSchema = z
  .object({
    alerts: z.array(alert),
    silences: z.array(
      z.object({
        id: z.string(),
        matcher: matcherSchema,
        by: z.string(),
        reason: z.string(),
        since: z.number(),
        until: z.number(),
      }),
    ),
    rules: z.array(
      z.object({ ...ruleShape, origin: z.enum(['built in', 'changed', 'added']) }).meta({ description: 'In force.' }),
    ),
    past: z.array(pastAlert).meta({ description: 'Newest first.' }),
    anomalies: z.array(anomalySchema).meta({ description: 'Newest first, those that are over too.' }),
  })
  .meta({ description: 'What fires or is about to, what is silenced, what is watched, what was, and what is unusual.' })

const standing = z.object({
  workload: z.string(),
  target: z.number(),
  period: z.number().meta({ description: '[simulated s]' }),
  attainment: figure.meta({ description: 'Of the period so far.' }),
  requests: z.number(),
  burns: z.array(z.object({ seconds: z.number(), rate: figure })).meta({
    description: 'Budgets that would be used up per period, by window; null where too little is known.',
  }),
  pairs: z.array(
    z.object({ metric: z.string(), short: z.number(), long: z.number(), above: z.number(), rate: figure }),
  ),
  left: figure.meta({ description: 'Of the error budget of a whole period; below 0 where more is spent.' }),
  exhaustion: figure.meta({ description: 'Until nothing is left at the present burn [simulated s]; null: never.' }),
})

export const objectivesSchema = z
  .object({
    objectives: z.array(standing),
    values: z.record(z.string(), z.number()).meta({ description: 'Newest figures of alerts, by id.' }),
  })
  .meta({ description: 'How the objectives of the workloads stand.' })

export type AlertsView = z.output<typeof alertsSchema>
export type AlertView = AlertsView['alerts'][number]
export type ObjectivesView = z.output<typeof objectivesSchema>

/** So many of those that are over are told by socket; all are kept at `GET /api/v1/alerts`. */
export function alertsOf({ alerts, silences, rules, past, anomalies }: Watch): AlertsView {
  const origin = (name: string) => {
    const isOwn = rules.some(({ rule }) => rule === name)
    if (!isOwn) return 'built in'
    return builtInRules.some(({ rule }) => rule === name) ? 'changed' : 'added'
  }
  return {
    alerts: alerts.map(({ unknownSince: _, ...each }) => ({
      ...each,
      silencedBy: silences.find(({ matcher }) => isMeant(matcher, each))?.id ?? null,
    })),
    silences,
    rules: rulesInForce(rules).map(rule => ({ ...rule, origin: origin(rule.rule) })),
    past: past.toReversed().map(({ unknownSince: _, ...each }) => ({ ...each, silencedBy: null })),
    anomalies: anomalies.toReversed(),
  }
}

export function objectivesOf({ standings, alerts }: Watch): ObjectivesView {
  const brief = (value: number): number => Number(value.toPrecision(4))
  const known = (value: number | null): number | null => (value === null ? null : brief(value))
  return {
    objectives: standings.map(standing => ({
      ...standing,
      attainment: standing.attainment,
      requests: Math.round(standing.requests),
      burns: standing.burns.map(({ seconds, rate }) => ({ seconds, rate: known(rate) })),
      pairs: standing.pairs.map(pair => ({ ...pair, rate: known(pair.rate) })),
      left: known(standing.left),
      exhaustion: known(standing.exhaustion),
    })),
    values: Object.fromEntries(alerts.map(({ id, value }) => [id, brief(value)])),
  }
}
