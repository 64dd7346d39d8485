import { expect, test } from 'vitest'
import { createWatcher } from '../../server/alerts/watcher'
import { advance, createSimulation, perform, takeFrame } from '../../simulation/index'
import { wideFleet } from '../support/wide-fleet'

test('rules hold for pools that a frame has no columns of, whatever figure they ask for', { timeout: 200_000 }, () => {
  const fleet = wideFleet(100)
  const [stopped, busy] = [fleet.pools[90]?.id ?? '', fleet.pools[92]?.id ?? '']
  const simulation = createSimulation({ fleet, seed: 1 })
  const watcher = createWatcher(simulation, null)
  watcher.perform({
    kind: 'alert',
    act: {
      kind: 'alert-rule',
      rule: { rule: 'power', metric: 'power', pool: busy, above: 1, for: 0, severity: 'warning' },
    },
    id: 'a rule',
    by: 'somebody',
    reason: null,
  })
  advance(simulation, 2)
  perform(simulation, { kind: 'stop', pool: stopped })
  advance(simulation, 3)
  watcher.look(takeFrame(simulation, 1))
  expect(watcher.tell().alerts?.alerts.map(({ id }) => id)).toEqual(
    expect.arrayContaining([`pool-down/${stopped}`, `power/${busy}`]),
  )
})
