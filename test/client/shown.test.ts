import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { reactive, nextTick } from 'vue'
import type { MomentAnswer, RangeAnswer } from '../../server/protocol'
import type { Listener } from '../../client/socket'
import { useRun } from '../../client/stores/run'
import type { Followed } from '../../client/stores/shown'
import { buildFleet, buildFrame, buildHello, buildHistory } from '../support/frames'

const fleet = buildFleet()
const frameAt = (time: number, revision = 1) => buildFrame(fleet, time * 4, { revision })
const refusal = { ok: false as const, error: { field: 'time', value: 0, expected: 'a time from 100 to 400 s' } }

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
})
afterEach(() => {
  vi.useRealTimers()
})

interface Answers {
  moment?: (time: number) => Promise<MomentAnswer>
  range?: (asked: { from: number; to?: number }) => Promise<RangeAnswer>
}

const thenOf = (time: number, revision = 1): MomentAnswer => ({
  ok: true,
  resolution: 1,
  frame: frameAt(time, revision),
  routing: { revision, routing: {}, mirrors: {} },
})

/** A run at 400 s whose routing is r2, of which this screen has recorded from 300 s on. */
function open({ moment = async time => thenOf(time), range = async () => refusal }: Answers = {}) {
  const run = useRun()
  const view = reactive<Followed>({ at: null, span: null })
  const asked: number[] = []
  let server: Listener | undefined
  run.start(listener => {
    server = listener
    return {
      command: async () => ({ ok: true, id: 'a', revision: 1, effectiveAt: 0 }),
      frames: async since => ({ ok: true, from: since + 1, frames: [] }),
      watch: async pools => ({ ok: true, pools }),
      range,
      moment: async time => {
        asked.push(time)
        return moment(time)
      },
      detail: async wish => ({ ok: true, pool: wish?.pool ?? null }),
      look: () => undefined,
      edit: async () => ({ ok: true, mine: false, editing: null }),
      reconnect: () => undefined,
      preview: async () => ({ ok: true, superseded: true }),
      close: () => undefined,
    }
  })
  if (!server) throw new Error('the run did not connect')
  run.follow(() => ({ at: view.at, span: view.span }))
  server.up()
  const time = Array.from({ length: 100 }, (_, index) => 300 + index)
  server.hello(
    buildHello({
      fleet,
      routing: { revision: 2, routing: {}, mirrors: {} },
      history: { ...buildHistory(time), fleet: { goodput: time } },
      frame: frameAt(400, 2),
    }),
  )
  const go = async (at: number | null) => {
    view.at = at
    await vi.advanceTimersByTimeAsync(0)
    await nextTick()
  }
  return { run, view, server, asked, go }
}

test('the screen shows the frame, the routing and the history of the moment, and now again afterwards', async () => {
  const { run, go } = open()
  expect([run.live, run.frame?.time, run.routing?.revision]).toEqual([true, 400, 2])
  await go(350.5)
  expect([run.live, run.frame?.time, run.routing?.revision]).toEqual([false, 350.5, 1])
  expect([run.history.time.at(-1), run.history.fleet('goodput').at(-1)]).toEqual([350, 350])
  expect([run.newest?.time, run.inForce?.revision, run.mayAct]).toEqual([400, 2, false])
  await go(null)
  expect([run.live, run.frame?.time, run.routing?.revision, run.mayAct]).toEqual([true, 400, 2, true])
  expect(run.history.time.at(-1)).toBe(400)
})

test('a screen that stands still keeps what comes meanwhile, and plays it without asking', async () => {
  const { run, server, asked, go } = open()
  await go(400)
  for (let time = 400.25; time <= 412; time += 0.25) server.frame(frameAt(time, 2), Date.now())
  expect([run.frame?.time, run.newest?.time]).toEqual([400, 412])
  for (const at of [400.25, 405.1, 411.9]) {
    await go(at)
    expect(run.frame?.time).toBe(Math.floor(at * 4) / 4)
  }
  expect(asked).toEqual([])
})

test('while a hand drags, one question is asked at a time, and the latest place is what is shown', async () => {
  const answers: (() => void)[] = []
  const { run, asked, go } = open({
    moment: time => new Promise(resolve => answers.push(() => resolve(thenOf(time)))),
  })
  for (const at of [310, 320, 330, 340]) await go(at)
  expect(asked).toEqual([310])
  answers.shift()?.()
  await vi.advanceTimersByTimeAsync(0)
  expect(asked).toEqual([310, 340])
  answers.shift()?.()
  await vi.advanceTimersByTimeAsync(0)
  expect(run.frame?.time).toBe(340)
})

test('of a moment of which nothing is kept nothing is shown, and why', async () => {
  const { run, go } = open({ moment: async () => refusal })
  await go(50)
  expect([run.frame, run.routing]).toEqual([null, null])
  expect(run.missing).toBe('expected a time from 100 to 400 s')
  await go(null)
  expect([run.frame?.time, run.missing]).toEqual([400, null])
})

test('what this screen has not recorded is asked for once, and joined without a gap of its own making', async () => {
  const ranges: { from: number; to?: number }[] = []
  const time = Array.from({ length: 400 }, (_, index) => index + 1)
  const { run, go } = open({
    range: async asked => {
      ranges.push(asked)
      return { ok: true, resolution: 1, oldest: 1, newest: 400, ...buildHistory(time), fleet: { goodput: time } }
    },
  })
  await go(320)
  await vi.advanceTimersByTimeAsync(0)
  expect([...run.history.time]).toEqual(time.slice(0, 320))
  expect([...run.history.fleet('goodput')]).toEqual(time.slice(0, 320))
  await go(315)
  expect(run.history.time.at(-1)).toBe(315)
  expect(ranges).toHaveLength(1)
})
