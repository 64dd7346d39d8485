import type { Sheet } from '../../export'
import type { AlertsView, AlertView, ObjectivesView } from '../../../server/protocol'

/** What fires or is about to, then what fired and is over. Pure; figures in base units. */
export function alertsSheet(active: readonly AlertView[], past: AlertsView['past']): Sheet {
  return {
    title: 'Alerts',
    columns: [
      { name: 'state' },
      { name: 'rule' },
      { name: 'severity' },
      { name: 'workload' },
      { name: 'pool' },
      { name: 'figure' },
      { name: 'value' },
      { name: 'threshold' },
      { name: 'worst' },
      { name: 'since', unit: 's' },
      { name: 'fired', unit: 's' },
      { name: 'ended', unit: 's' },
      { name: 'acknowledged by' },
    ],
    rows: [...active, ...past].map(alert => [
      alert.state,
      alert.rule,
      alert.severity,
      alert.workload ?? null,
      alert.pool ?? null,
      alert.metric,
      alert.value,
      alert.threshold,
      alert.worst,
      alert.since,
      alert.firedAt,
      'ended' in alert ? alert.ended : null,
      alert.acknowledged?.by ?? null,
    ]),
  }
}

export function anomaliesSheet(anomalies: AlertsView['anomalies']): Sheet {
  return {
    title: 'Unusual',
    note: 'a minute against the hour before it',
    columns: [
      { name: 'since', unit: 's' },
      { name: 'until', unit: 's' },
      { name: 'workload' },
      { name: 'pool' },
      { name: 'figure' },
      { name: 'value' },
      { name: 'usual' },
      { name: 'standard deviations' },
      { name: 'in words' },
      { name: 'cause' },
    ],
    rows: anomalies.map(({ since, until, workload, pool, metric, value, usual, sigma, words, cause }) => [
      since,
      until,
      workload ?? null,
      pool ?? null,
      metric,
      value,
      usual,
      sigma,
      words,
      cause?.words ?? null,
    ]),
  }
}

export function silencesSheet(silences: AlertsView['silences']): Sheet {
  return {
    title: 'Silences',
    columns: [
      { name: 'rule' },
      { name: 'workload' },
      { name: 'pool' },
      { name: 'severity' },
      { name: 'by' },
      { name: 'reason' },
      { name: 'since', unit: 's' },
      { name: 'until', unit: 's' },
    ],
    rows: silences.map(({ matcher: { rule, workload, pool, severity }, by, reason, since, until }) => [
      rule ?? null,
      workload ?? null,
      pool ?? null,
      severity ?? null,
      by,
      reason,
      since,
      until,
    ]),
  }
}

/** Burn rates by pair of windows, in budgets per period. */
export function objectivesSheet(objectives: ObjectivesView['objectives']): Sheet {
  const pairs = objectives[0]?.pairs ?? []
  return {
    title: 'Objectives',
    columns: [
      { name: 'workload' },
      { name: 'target' },
      { name: 'period', unit: 's' },
      { name: 'met' },
      { name: 'requests' },
      ...pairs.map(({ metric, above }) => ({ name: `${metric}, limit ${above}` })),
      { name: 'budget left' },
      { name: 'exhausted in', unit: 's' },
    ],
    rows: objectives.map(({ workload, target, period, attainment, requests, pairs, left, exhaustion }) => [
      workload,
      target,
      period,
      attainment,
      requests,
      ...pairs.map(({ rate }) => rate),
      left,
      exhaustion,
    ]),
  }
}

export function rulesSheet(rules: AlertsView['rules']): Sheet {
  return {
    title: 'Alert rules',
    columns: [
      { name: 'rule' },
      { name: 'severity' },
      { name: 'workload' },
      { name: 'pool' },
      { name: 'figure' },
      { name: 'above' },
      { name: 'below' },
      { name: 'ended at' },
      { name: 'for', unit: 's' },
      { name: 'origin' },
    ],
    rows: rules.map(({ rule, severity, workload, pool, metric, above, below, clear, for: lasting, origin }) => [
      rule,
      severity,
      workload ?? null,
      pool ?? null,
      metric,
      above ?? null,
      below ?? null,
      clear ?? above ?? below ?? null,
      lasting,
      origin,
    ]),
  }
}
