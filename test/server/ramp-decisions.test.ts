import { expect, test } from 'vitest'
import type { Sight } from '../../server/rollout/guard'
import { guardSchema, type RampPlan } from '../../server/rollout/plan'
import { beginRamp, look, turn, type Ramp } from '../../server/rollout/ramp'
import { buildFleet, buildFrame } from '../support/frames'

const view = buildFleet()
const places = { workloads: view.workloads.map(({ id }) => id), pools: view.pools.map(({ id }) => id) }
const watch = (guard: object) => guardSchema.parse({ action: 'hold', workload: 'chat', metric: 'ttftP95', ...guard })

/** What is seen of chat: its p95 TTFT, out of so many samples in the newest seconds and in the window. */
function sight(time: number, ttft: number, { newest = 100, window = 500, waiting = 0, finished = 0 } = {}): Sight {
  const frame = (count: number) => {
    const built = buildFrame(view)
    return {
      ...built,
      window: 15,
      workloads: { ...built.workloads, ttftP95: [ttft, null], ttftCount: [count, 0] },
    }
  }
  return { time, newest: frame(newest), window: frame(window), overdue: () => waiting, finished }
}

function plan(more: Partial<RampPlan> = {}): RampPlan {
  const steps = [{ share: 0.5, seconds: 10 }, { share: 1 }]
  return { id: 'r', by: 'ann', reason: null, base: 1, from: {}, to: {}, at: null, steps, guards: [], ...more }
}

/** A ramp of which each due act is done at once; what it did and when. */
function follow(ramp: Ramp, sights: Sight[]) {
  let now: Ramp | null = ramp
  const done: string[] = []
  for (const seen of sights) {
    if (!now) break
    now = look(now, seen, places)
    const { due } = now
    if (!due) continue
    done.push(`${seen.time} ${due.kind}`)
    if (due.kind === 'step') now = turn(now, { kind: 'step', id: 'r', step: due.step }, seen)
    else if (due.kind === 'hold') now = turn(now, { kind: 'hold', id: 'r', cause: due.cause, why: due.why }, seen)
    else now = null
  }
  return { done, ramp: now }
}

const seconds = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

test('a ramp waits for its time, takes each step when the one before is over, and is done after the last', () => {
  const { done } = follow(
    beginRamp(plan({ at: 5 }), 0),
    seconds(0, 30).map(time => sight(time, 0.1)),
  )
  expect(done).toEqual(['5 step', '15 step', '16 finish'])
})

test('a step that is held by requests and by approval is over when it has both', () => {
  const steps = [{ share: 0.5, requests: 50, approval: true as const }, { share: 1 }]
  let { ramp, done } = follow(beginRamp(plan({ steps }), 0), [sight(1, 0.1, { finished: 1000 })])
  expect(done).toEqual(['1 step'])
  ;({ ramp, done } = follow(ramp ?? beginRamp(plan(), 0), [sight(2, 0.1, { finished: 1050 })]))
  expect(done).toEqual([])
  const approved = ramp && turn(ramp, { kind: 'approve', id: 'r' }, sight(2, 0.1))
  expect(follow(approved ?? beginRamp(plan(), 0), [sight(3, 0.1, { finished: 1049 })]).done).toEqual([])
  expect(follow(approved ?? beginRamp(plan(), 0), [sight(3, 0.1, { finished: 1050 })]).done).toEqual(['3 step'])
})

test('a breach of a guard rolls back at once, also while the ramp is held', () => {
  const guards = [watch({ action: 'roll-back', above: 0.5 }), watch({ above: 0.3 })]
  const sights = [sight(1, 0.1), sight(2, 0.4), sight(3, 0.6)]
  expect(follow(beginRamp(plan({ guards }), 0), sights).done).toEqual(['1 step', '2 hold', '3 roll-back'])
})

test('requests that wait too long for a first token are a breach before any percentile knows of them', () => {
  const guards = [watch({ action: 'roll-back', above: 0.5 })]
  const sights = [sight(1, 0.1), sight(2, 0.1, { waiting: 5 }), sight(3, 0.1, { waiting: 6 })]
  expect(follow(beginRamp(plan({ guards }), 0), sights).done).toEqual(['1 step', '3 roll-back'])
})

test('a ramp held by a guard goes on by itself when the figure was within its limit for 15 s', () => {
  const guards = [watch({ above: 0.5 })]
  const sights = seconds(0, 40).map(time => sight(time, time >= 3 && time < 12 ? 0.6 : 0.1))
  expect(follow(beginRamp(plan({ guards }), 0), sights).done).toEqual(['0 step', '3 hold', '26 step', '27 finish'])
})

test('what is past its limit before any step holds a ramp that would roll back later', () => {
  const guards = [watch({ action: 'roll-back', above: 0.5 })]
  const { done, ramp } = follow(beginRamp(plan({ guards }), 0), [sight(1, 0.6)])
  expect(done).toEqual(['1 hold'])
  expect(ramp?.held).toEqual({ cause: 'guard', why: 'before any step: ttftP95 of chat 0.6 s, limit 0.5 s', since: 1 })
})

test('why a ramp is held is told with the unit of the figure, shares in per cent', () => {
  const saturated = { metric: 'saturation', workload: undefined, pool: 'h100-chat', samples: 0 }
  const { ramp } = follow(beginRamp(plan({ guards: [watch({ ...saturated, above: 0.005 })] }), 0), [sight(1, 0.1)])
  expect(ramp?.held?.why).toMatch(/^before any step: saturation of h100-chat \d+(\.\d+)? %, limit 0\.5 %$/)
})

test('a limit may be a factor of the figure before the first step', () => {
  const guards = [watch({ action: 'roll-back', above: 1.5, against: 'before' })]
  const sights = [sight(1, 0.2), sight(2, 0.29), sight(3, 0.31)]
  expect(follow(beginRamp(plan({ guards }), 0), sights).done).toEqual(['1 step', '3 roll-back'])
})

test('where few requests leave in the newest seconds, the whole window tells; where few do in that, the ramp holds', () => {
  const guards = [watch({ action: 'roll-back', above: 0.5, samples: 50 })]
  const at = (time: number, newest: number, window: number, ttft = 0.1) => sight(time, ttft, { newest, window })
  const first = at(1, 100, 500)
  expect(follow(beginRamp(plan({ guards }), 0), [first, at(2, 5, 60, 0.6)]).done).toEqual(['1 step', '2 roll-back'])
  const { done, ramp } = follow(beginRamp(plan({ guards }), 0), [
    first,
    at(2, 5, 49, 0.6),
    at(11, 5, 49),
    at(12, 5, 49),
  ])
  expect(done).toEqual(['1 step', '11 hold'])
  expect(ramp?.held?.why).toBe('too little traffic: 49 of 50 requests to judge ttftP95 of chat by')
  // somebody says to go on, or enough comes
  const goOn = ramp && turn(ramp, { kind: 'continue', id: 'r' }, first)
  expect(follow(goOn ?? beginRamp(plan(), 0), [at(13, 5, 49)]).done).toEqual(['13 step'])
  expect(follow(ramp ?? beginRamp(plan(), 0), [at(13, 5, 50)]).done).toEqual(['13 step'])
})
