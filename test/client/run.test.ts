import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Frame } from '../../simulation/index'
import type { FramesAnswer } from '../../server/protocol'
import type { Listener } from '../../client/socket'
import { createRecorder } from '../../client/stores/history'
import { useRun } from '../../client/stores/run'
import { buildFleet, buildFrame, buildHello, buildHistory } from '../support/frames'

const fleet = buildFleet()
const frameAt = (sequence: number): Frame => buildFrame(fleet, sequence)

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
})
afterEach(() => {
  vi.useRealTimers()
})

/** A run whose server is this test. */
function open(frames: (since: number) => FramesAnswer = since => ({ ok: true, from: since + 1, frames: [] })) {
  const run = useRun()
  const asked: number[] = []
  let listener: Listener | undefined
  const stop = run.start(given => {
    listener = given
    return {
      command: async () => ({ ok: true, id: 'a', revision: 1, effectiveAt: 0 }),
      frames: async since => {
        asked.push(since)
        return frames(since)
      },
      range: async () => ({ ok: false, error: { field: 'history', value: null, expected: 'a history' } }),
      moment: async () => ({ ok: false, error: { field: 'history', value: null, expected: 'a history' } }),
      detail: async wish => ({ ok: true, pool: wish?.pool ?? null }),
      look: () => undefined,
      edit: async () => ({ ok: true, mine: false, editing: null }),
      watch: async pools => ({ ok: true, pools }),
      reconnect: () => undefined,
      preview: async () => ({ ok: true, superseded: true }),
      close: () => undefined,
    }
  })
  if (!listener) throw new Error('the run did not connect')
  return { run, server: listener, asked, stop }
}

test('a hello brings the fleet, the routing and a full history', () => {
  const { run, server } = open()
  server.up()
  const history = { ...buildHistory([1, 2, 3]), fleet: { goodput: [5, null, 7] } }
  server.hello(buildHello({ fleet, history, frame: frameAt(16) }))
  expect(run.fleet?.id).toBe('small')
  expect(run.line).toBe('live')
  expect([...run.history.time]).toEqual([1, 2, 3, 4])
  expect([...run.history.fleet('goodput')].slice(0, 3)).toEqual([5, NaN, 7])
})

test('figures are stale after three missed frames, and the banner tells within five seconds', () => {
  const { run, server } = open()
  server.up()
  server.hello(buildHello({ fleet, frame: frameAt(4) }))
  vi.advanceTimersByTime(500)
  expect([run.stale, run.lost]).toEqual([false, false])
  vi.advanceTimersByTime(500)
  expect([run.stale, run.lost]).toEqual([true, false])
  vi.advanceTimersByTime(4000)
  expect(run.lost).toBe(true)
  server.frame(frameAt(5), Date.now())
  expect([run.stale, run.lost, run.age]).toEqual([false, false, 0])
})

test('a closed connection is told soon, and taken back with the next hello', () => {
  const { run, server } = open()
  server.up()
  server.hello(buildHello({ fleet, frame: frameAt(4) }))
  server.down()
  vi.advanceTimersByTime(1250)
  expect([run.line, run.lost, run.stale]).toEqual(['lost', true, true])
  expect(run.frame?.sequence).toBe(4)
  server.up()
  server.hello(buildHello({ fleet, frame: frameAt(5) }))
  expect([run.line, run.lost, run.stale]).toEqual(['live', false, false])
})

test('a paused run is not stale, and its age starts anew when it goes on', () => {
  const { run, server } = open()
  server.up()
  server.hello(buildHello({ fleet, frame: frameAt(4) }))
  server.pace({ speed: 1, paused: true, behind: 0, lost: 0 })
  vi.advanceTimersByTime(60_000)
  expect([run.stale, run.lost]).toEqual([false, false])
  server.pace({ speed: 1, paused: false, behind: 0, lost: 0 })
  expect([run.stale, run.lost, run.age]).toEqual([false, false, 0])
})

test('after a gap the missed frames are asked for and drawn in their place', async () => {
  const missed = [8, 12, 16].map(frameAt)
  const { run, server, asked } = open(since => ({ ok: true, from: since + 1, frames: missed }))
  server.up()
  server.hello(buildHello({ fleet, frame: frameAt(4) }))
  server.frame(frameAt(20), Date.now())
  expect(run.frame?.sequence).toBe(20)
  server.frame(frameAt(24), Date.now())
  await vi.advanceTimersByTimeAsync(0)
  expect(asked).toEqual([4])
  expect([...run.history.time]).toEqual([1, 2, 3, 4, 5, 6])
})

test('what the server no longer keeps stays a gap', async () => {
  const { run, server } = open(() => ({ ok: true, from: 16, frames: [frameAt(16)] }))
  server.up()
  server.hello(buildHello({ fleet, frame: frameAt(4) }))
  server.frame(frameAt(20), Date.now())
  await vi.advanceTimersByTimeAsync(0)
  expect([...run.history.fleet('goodput')].map(Number.isNaN)).toEqual([false, true, false, false])
})

test('a gap also stays when the server does not answer', async () => {
  const { run, server } = open(() => ({
    ok: false,
    error: { field: 'connection', value: null, expected: 'an answer' },
  }))
  server.up()
  server.hello(buildHello({ fleet, frame: frameAt(4) }))
  server.frame(frameAt(20), Date.now())
  await vi.advanceTimersByTimeAsync(0)
  expect([...run.history.fleet('goodput')].map(Number.isNaN)).toEqual([false, true, false])
})

test('another run takes the place of the first, also when its frames count from the start', () => {
  const { run, server } = open()
  server.up()
  server.hello(buildHello({ fleet, frame: frameAt(400) }))
  const other = buildHello({ fleet, frame: frameAt(4) })
  server.hello({ ...other, run: { ...other.run, id: 'run-2' } })
  expect(run.frame?.sequence).toBe(4)
  expect([...run.history.time]).toEqual([1])
})

test('a change of routing is kept with its mark', () => {
  const { run, server } = open()
  server.up()
  server.hello(buildHello({ fleet, frame: frameAt(4) }))
  const change = { revision: 2, time: 1, summary: 'Chat: Hopper 40 → 20 %', reason: null, by: 'local', before: {} }
  server.routing({ revision: 2, routing: {}, mirrors: {}, change })
  expect([run.routing?.revision, run.changes.at(-1)?.summary]).toEqual([2, 'Chat: Hopper 40 → 20 %'])
})

test('a run that ended by itself says why', () => {
  const { run, server } = open()
  server.failure({ message: 'trace: line 7 cannot be read' })
  expect(run.failure).toBe('trace: line 7 cannot be read')
})

test('the history holds one point a second and no more than its capacity, newest last', () => {
  const recorder = createRecorder(50)
  for (let sequence = 1; sequence <= 1000; sequence++) recorder.add(frameAt(sequence))
  const { time, family } = recorder.view()
  expect(time).toHaveLength(50)
  expect([time[0], time.at(-1)]).toEqual([200.25, 249.25])
  expect(family(0, 'power').every(Number.isFinite)).toBe(true)
})
