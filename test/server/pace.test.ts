import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Arrivals } from '../../simulation/catalog/workloads'
import { advance, createSimulation, takeFrame } from '../../simulation/index'
import type { FromRun } from '../../server/live/messages'
import { createRun } from '../../server/live/run'
import { startShards } from '../../server/live/shards'
import { connect, next, smallFleet, startTestServer, type TestServer } from '../support/server'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

test('the speed is simulated seconds per second, told to everyone, and steps of a frame follow it', async () => {
  const [one, other] = [await connect(server.url), await connect(server.url)]
  const told = next(other.socket, 'pace', ({ speed }) => speed === 20)
  const answer = await one.socket.emitWithAck('command', { kind: 'pace', speed: 20 })
  expect(answer).toMatchObject({ ok: true })
  const from = 'effectiveAt' in answer ? answer.effectiveAt : NaN
  expect(await told).toMatchObject({ speed: 20, paused: false })
  const first = await next(other.socket, 'frame', ({ time }) => time > from)
  const second = await next(other.socket, 'frame')
  expect(first.time).toBe(from + 5)
  expect(second.time).toBe(first.time + 5)
  await one.socket.emitWithAck('command', { kind: 'pace', speed: 1 })
  one.socket.disconnect()
  other.socket.disconnect()
})

test('a paused run stands still and still takes commands at once', async () => {
  const { socket } = await connect(server.url)
  const paused = await socket.emitWithAck('command', { kind: 'pace', paused: true })
  const { hello } = await connect(server.url)
  expect(hello.pace.paused).toBe(true)
  const { revision, routing } = hello.routing
  const change = [...(routing.chat ?? [])].map((route, index) => ({ ...route, share: index === 0 ? 1 : 0 }))
  const changed = await socket.emitWithAck('command', {
    kind: 'routing',
    baseRevision: revision,
    routing: { chat: change },
  })
  expect(changed).toMatchObject({
    ok: true,
    revision: revision + 1,
    effectiveAt: 'effectiveAt' in paused && paused.effectiveAt,
  })
  expect((await connect(server.url)).hello.frame?.sequence).toBe(hello.frame?.sequence)
  const resumed = next(socket, 'frame')
  await socket.emitWithAck('command', { kind: 'pace', paused: false })
  expect(await resumed).toMatchObject({
    sequence: (hello.frame?.sequence ?? NaN) + 1,
    time: (hello.frame?.time ?? NaN) + 0.25,
    revision: revision + 1,
  })
  socket.disconnect()
})

test('a run that cannot keep up says by how much', async () => {
  const small = smallFleet()
  const arrivals: Arrivals = { kind: 'poisson', stages: [{ duration: Infinity, rate: 4000 }] }
  const fleet = { ...small, workloads: small.workloads.map(workload => ({ ...workload, arrivals })) }
  const busy = await startTestServer({ fleet, speed: 600 })
  const { socket } = await connect(busy.url)
  const pace = await next(socket, 'pace', ({ behind }) => behind > 0)
  expect(pace.behind).toBeLessThanOrEqual(5)
  const first = await next(socket, 'frame')
  const second = await next(socket, 'frame')
  // late, and neither skipped nor stretched
  expect(second).toMatchObject({ sequence: first.sequence + 1, time: first.time + 150 })
  socket.disconnect()
  await busy.stop()
})

/** A run on a clock of its own, whose trace takes `slow` ms of it before each frame. */
async function drive(frames: number, slow: (frame: number) => number) {
  let clock = 0
  let count = 0
  let fedTo = 0
  const posted: Extract<FromRun, { kind: 'frame' }>[] = []
  const run = createRun(startShards({ fleet: smallFleet(), seed: 3 }, 1), 1, {
    warmUp: 0,
    clock: {
      now: () => clock,
      after: (ms, call) => {
        clock += ms
        queueMicrotask(call)
        return () => {}
      },
    },
    feed: time => {
      if (fedTo >= time) return null
      fedTo = time
      clock += slow(++count)
      return Promise.resolve()
    },
    post: message => {
      if (message.kind !== 'frame') return
      posted.push(message)
      if (posted.length === frames) run.stop()
    },
  })
  await run.drive()
  return posted
}

test('lateness is counted from a fixed schedule and caught up, never compressed', async () => {
  const posted = await drive(8, frame => (frame === 1 ? 1000 : 0))
  expect(posted.map(({ beside }) => beside.behind)).toEqual([1, 0.8, 0.5, 0.3, 0, 0, 0, 0])
  expect(posted.map(({ frame }) => frame.time)).toEqual([0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2])
})

test('beyond five seconds the schedule moves, and what was lost is counted', async () => {
  const posted = await drive(20, () => 750)
  expect(Math.max(...posted.map(({ beside }) => beside.behind))).toBe(5)
  // each frame takes half a second more than there is: 10.25 s in all
  expect(posted.at(-1)?.beside).toMatchObject({ behind: 5, lost: 5.3 })
  expect(posted.map(({ frame }) => frame.sequence)).toEqual(posted.map((_, index) => index + 1))
})

test('a run gives the frames of its simulation, however it is paced', async () => {
  const posted = await drive(8, frame => (frame % 2) * 400 + 250)
  const simulation = createSimulation({ fleet: smallFleet(), seed: 3 })
  advance(simulation, 2)
  expect(posted.at(-1)?.frame).toEqual(takeFrame(simulation, 8))
})
