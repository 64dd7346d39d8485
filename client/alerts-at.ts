/** Alerts as a screen shows them that follows another moment. */
import type { AlertsView, AlertView } from '../server/protocol'

/**
 * What was under way, over and unusual at a time [simulated s], of what is known now; `null` is now. Of the figures of an
 * alert only its worst is kept. Rules are those in force now.
 */
export function alertsAt(view: AlertsView, time: number | null): AlertsView {
  if (time === null) return view
  const begun = <Each extends { since: number }>(each: Each): boolean => each.since <= time
  const silences = view.silences.filter(silence => begun(silence) && silence.until > time)
  return {
    ...view,
    alerts: [...view.alerts, ...view.past.filter(({ ended }) => ended > time)]
      .filter(begun)
      .map(alert => standing(alert, time)),
    silences,
    past: view.past.filter(({ ended }) => ended <= time),
    anomalies: view.anomalies
      .filter(begun)
      .map(mark => ({ ...mark, until: mark.until !== null && mark.until <= time ? mark.until : null })),
  }
}

function standing({ acknowledged, ...alert }: AlertView | AlertsView['past'][number], time: number): AlertView {
  const { id, rule, metric, severity, since, firedAt, threshold, worst, workload, pool, silencedBy } = alert
  const fires = firedAt !== null && firedAt <= time
  return {
    id,
    rule,
    metric,
    severity,
    since,
    threshold,
    worst,
    value: worst,
    silencedBy,
    ...(workload === undefined ? {} : { workload }),
    ...(pool === undefined ? {} : { pool }),
    state: fires ? 'firing' : 'pending',
    firedAt: fires ? firedAt : null,
    acknowledged: acknowledged && acknowledged.at <= time ? acknowledged : null,
  }
}
