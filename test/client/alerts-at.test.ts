import { expect, test } from 'vitest'
import { alertsAt } from '../../client/alerts-at'
import type { AlertsView } from '../../server/protocol'

const alert = (id: string, since: number, firedAt: number | null) => ({
  id,
  rule: 'ttft',
  metric: 'ttftP95',
  severity: 'warning' as const,
  workload: 'chat',
  since,
  firedAt,
  value: 2,
  threshold: 1,
  worst: 3,
  acknowledged: { by: 'anna', at: 150, reason: null },
  silencedBy: null,
})
const view: AlertsView = {
  alerts: [{ ...alert('going on', 200, 210), state: 'firing' }],
  past: [{ ...alert('over', 100, 110), state: 'over', ended: 180, how: 'cleared' }],
  silences: [{ id: 's', matcher: {}, by: 'anna', reason: 'known', since: 120, until: 160 }],
  rules: [],
  anomalies: [
    { id: 'a', metric: 'ttftP95', since: 105, until: 170, value: 2, usual: 1, sigma: 4, cause: null, words: 'slow' },
  ],
}

test('a moment has the alerts that were under way then, as they stood, and those that were over', () => {
  expect(alertsAt(view, null)).toBe(view)
  expect(alertsAt(view, 99)).toMatchObject({ alerts: [], past: [], silences: [], anomalies: [] })
  expect(alertsAt(view, 105)).toMatchObject({
    alerts: [{ id: 'over', state: 'pending', firedAt: null, value: 3, acknowledged: null }],
    anomalies: [{ id: 'a', until: null }],
  })
  expect(alertsAt(view, 155)).toMatchObject({
    alerts: [{ id: 'over', state: 'firing', acknowledged: { by: 'anna' } }],
    silences: [{ id: 's' }],
    past: [],
  })
  expect(alertsAt(view, 190)).toMatchObject({
    alerts: [],
    silences: [],
    past: [{ id: 'over' }],
    anomalies: [{ until: 170 }],
  })
  expect(alertsAt(view, 250).alerts).toMatchObject([{ id: 'going on', state: 'firing' }])
})
