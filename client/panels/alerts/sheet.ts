import type { Sheet } from '../../export'
import type { AlertsView, AlertView } from '../../../server/protocol'

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
