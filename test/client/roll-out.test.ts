import { expect, test } from 'vitest'
import { stepNotes, stepsOf } from '../../client/stores/ramp-steps'
import { toldFigure } from '../../client/pool-figure'
import {
  guardOf,
  isPast,
  kindOf,
  limitUnit,
  metricsOf,
  nameOf,
  presentOf,
  watchesFor,
  wordsOf,
} from '../../client/stores/watches'
import { guardSchema } from '../../server/rollout/plan'
import { checkGuards } from '../../server/rollout/check'
import { createSimulation, fleets, takeFrame, type PoolMetric } from '../../simulation/index'
import { buildFleet, buildFrame, buildWorkload } from '../support/frames'
import { openDesk } from '../support/desk'

const view = buildFleet()

test('steps are typed in per cent, with whatever lies between them, and have to grow to 100', () => {
  expect(stepsOf({ shares: '1 → 5, 100', holds: [{ seconds: 30 }] })).toEqual([
    { share: 0.01, seconds: 30 },
    { share: 0.05, seconds: 30 },
    { share: 1, seconds: 30 },
  ])
  expect(stepsOf({ shares: '50;100', holds: [{ approval: true }] })).toEqual([
    { share: 0.5, approval: true },
    { share: 1, approval: true },
  ])
  for (const bad of ['', '5, 1, 100', '10, 50', 'half, 100', '100, 200', '0, 100'])
    expect(stepsOf({ shares: bad, holds: [{ seconds: 60 }] })).toBeNull()
  for (const requests of [0, 1.5, NaN]) expect(stepsOf({ shares: '100', holds: [{ requests }] })).toBeNull()
})

test('it is told when each step comes, or after what', () => {
  const seconds = [0.1, 0.5, 1].map(share => ({ share, seconds: 60 }))
  expect(stepNotes(seconds, '13:05:00')).toEqual(['13:05:00', '+60\u202fs', '+2\u202fmin'])
  const mixed = [
    { share: 0.1, seconds: 60 },
    { share: 0.5, requests: 1000, approval: true as const },
    { share: 1, seconds: 60 },
  ]
  expect(stepNotes(mixed, 'at once')).toEqual(['at once', '+60\u202fs', 'after 1\u202f000 req, approval'])
})

test('guards are offered for the objectives of what changes and for the pools that gain, as the server takes them', () => {
  const watches = watchesFor(view, ['chat'], ['h100-chat'])
  expect(watches.map(watch => wordsOf(view, watch))).toEqual([
    'p95 TTFT of Chat above',
    'p95 TPOT of Chat above',
    'attainment below',
    'saturation of h100-chat above',
  ])
  for (const guard of watches.map(guardOf)) expect(guardSchema.parse(guard)).toEqual(guard)
  expect(guardOf(watches[0] ?? expect.fail())).toMatchObject({ workload: 'chat', metric: 'ttftP95', above: 0.5 })
  const training = buildFleet({ workloads: [buildWorkload('tune', 'Tune', { kind: 'training' })] })
  expect(watchesFor(training, ['tune'], []).map(({ key }) => key)).toEqual(['attainment'])
})

test('a guard shows its figure as it is now, and whether that is past its limit', () => {
  const frame = buildFrame(view)
  const poolFigure = (index: number, metric: PoolMetric) => toldFigure(frame, index, metric) ?? null
  const present = (of: Parameters<typeof presentOf>[2]) => presentOf(view, { frame, poolFigure }, of)
  expect(present({ metric: 'attainment' })).toBe(frame.fleet.attainment)
  expect(present({ metric: 'ttftP95', workload: 'ranking' })).toBe(frame.workloads.ttftP95[1])
  expect(present({ metric: 'saturation', pool: 'h100-chat' })).toBe(frame.pools.saturation[4])
  expect(present({ metric: 'saturation', pool: 'nowhere' })).toBeNull()
  const over = { side: 'above', limit: 0.5, against: 'limit' } as const
  expect([isPast(0.6, over), isPast(0.4, over), isPast(0.4, { ...over, side: 'below' })]).toEqual([true, false, true])
  expect(isPast(null, { ...over, side: 'below' })).toBe(false)
  // what is allowed to grow by a fifth is not past that before anything has moved
  expect(isPast(0.6, { ...over, limit: 1.2, against: 'before' })).toBe(false)
})

test('any figure of a frame can be guarded, and the server takes each', () => {
  const fleet = fleets.default ?? expect.fail()
  const simulation = createSimulation({ fleet, seed: 1 })
  const frame = takeFrame(simulation, 0)
  for (const place of [{}, { workload: 'chat' }, { pool: 'b200-chat' }]) {
    const metrics = metricsOf(frame, place)
    expect(metrics).toContain('ttftP95')
    const guards = metrics.map(metric =>
      guardOf({
        key: 'own 1',
        action: 'hold',
        of: { ...place, metric },
        side: 'above',
        limit: 1.5,
        against: 'before',
        samples: 50,
      }),
    )
    expect(
      checkGuards(
        fleet,
        guards.map(guard => guardSchema.parse(guard)),
      ),
    ).toBeNull()
  }
})

test('a limit is typed in the unit that people use, or as a factor of what was before', () => {
  const unitOf = (metric: string, against: 'limit' | 'before' = 'limit') => limitUnit({ of: { metric }, against })
  expect(unitOf('itlP95')).toEqual({ unit: 'ms', scale: 1e-3 })
  expect(unitOf('kvUse')).toEqual({ unit: '%', scale: 1e-2 })
  expect(unitOf('power')).toEqual({ unit: 'W', scale: 1 })
  expect(unitOf('goodput')).toEqual({ unit: '', scale: 1 })
  expect(unitOf('itlP95', 'before')).toEqual({ unit: '× before', scale: 1 })
})

test('guards are told in words that people use', () => {
  const guard = guardSchema.parse({ action: 'hold', metric: 'ttftP95', workload: 'chat', above: 1 })
  expect(nameOf(view, guard)).toBe('p95 TTFT of Chat')
  expect(nameOf(view, { ...guard, metric: 'saturation', workload: undefined, pool: 'b200-chat' })).toBe(
    'saturation of b200-chat',
  )
  expect(nameOf(view, { ...guard, metric: 'goodput', workload: undefined })).toBe('goodput')
  expect([kindOf('e2eP95'), kindOf('kvUse'), kindOf('arrived')]).toEqual(['latency', 'level', null])
})

test('a draft that is ramped leaves the routing as it is, and the screen without a draft', async () => {
  const { draft, control, run, stop } = openDesk()
  draft.move('chat', 'family:hopper', 0.3)
  draft.settle()
  expect(draft.edited).toBe(true)
  await draft.apply('trial', { steps: [{ share: 0.5, approval: true }, { share: 1 }], guards: [] })
  expect(draft.outcome).toEqual({ kind: 'begun' })
  expect(draft.edited).toBe(false)
  expect(control.routing().revision).toBe(1)
  expect(run.routing?.revision).toBe(1)
  stop()
})
