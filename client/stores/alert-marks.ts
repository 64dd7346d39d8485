/** Alerts that fired, and what was unusual, as marks. Pure. */
import type { AlertsView } from '../../server/protocol'
import type { FleetView } from '../../simulation/index'
import { complaint, subjectName } from '../alert-words'
import type { Mark } from './marks'

export function alertMarks(fleet: FleetView | null, { alerts, past }: AlertsView): Mark[] {
  return [...alerts, ...past].flatMap((alert): Mark[] => {
    const { id, firedAt, severity, worst } = alert
    if (firedAt === null) return []
    return [
      {
        id: `alert ${id} ${firedAt}`,
        kind: 'alert',
        severity,
        time: firedAt,
        name: subjectName(fleet, alert),
        summary: complaint(alert, worst),
        more: moreOf(alert),
        automatic: true,
        to: { path: '/alerts', query: { alert: id } },
      },
    ]
  })
}

export function anomalyMarks({ anomalies }: AlertsView): Mark[] {
  return anomalies.map(({ id, since, until, words }): Mark => {
    const [name = '', ...rest] = words.split(' ')
    return {
      id: `anomaly ${id} ${since}`,
      kind: 'anomaly',
      time: since,
      name,
      summary: rest.join(' '),
      more: until === null ? null : 'ended',
      automatic: true,
      to: { path: '/alerts' },
    }
  })
}

/** What became of it. */
function moreOf({
  state,
  silencedBy,
  acknowledged,
}: (AlertsView['alerts'] | AlertsView['past'])[number]): string | null {
  if (state === 'over') return 'ended'
  if (silencedBy !== null) return 'silenced'
  return acknowledged ? `seen by ${acknowledged.by}` : null
}
