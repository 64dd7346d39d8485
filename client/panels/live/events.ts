/** What happened, newest first: changes, alerts and what was unusual. Pure. */
import type { AlertsView, Change } from '../../../server/protocol'
import type { FleetView } from '../../../simulation/index'
import { complaint, subjectName } from '../../alert-words'

export interface LiveEvent {
  key: string
  kind: 'change' | 'warning' | 'critical' | 'anomaly'
  time: number
  name: string
  words: string
  /** Beside it: a reason, who sees to it. */
  more: string | null
  automatic: boolean
  to: { path: string; query?: Record<string, string> }
}

export function eventsOf(fleet: FleetView, changes: readonly Change[], view: AlertsView): LiveEvent[] {
  const changed = changes.map(({ revision, time, summary, reason, automatic = false }): LiveEvent => ({
    key: `r${revision}`,
    kind: 'change',
    time,
    name: `r${revision}`,
    words: summary,
    more: reason,
    automatic,
    to: { path: '/changes', query: { revision: String(revision) } },
  }))
  const fired = [...view.alerts, ...view.past].flatMap((alert): LiveEvent[] => {
    const { id, firedAt, severity, acknowledged, worst, state } = alert
    if (firedAt === null) return []
    const seen = acknowledged ? `seen by ${acknowledged.by}` : null
    const more = state === 'over' ? 'over' : alert.silencedBy === null ? seen : 'silenced'
    const words = complaint(alert, worst)
    const name = subjectName(fleet, alert)
    const to = { path: '/alerts', query: { alert: id } }
    return [{ key: `${id} ${firedAt}`, kind: severity, time: firedAt, name, words, more, automatic: true, to }]
  })
  const unusual = view.anomalies.map(({ id, since, until, words }): LiveEvent => {
    const [name = '', ...rest] = words.split(' ')
    const more = until === null ? null : 'over'
    const to = { path: '/alerts' }
    return {
      key: `${id} ${since}`,
      kind: 'anomaly',
      time: since,
      name,
      words: rest.join(' '),
      more,
      automatic: true,
      to,
    }
  })
  return [...changed, ...fired, ...unusual].sort((one, other) => other.time - one.time)
}
