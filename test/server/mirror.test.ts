import { expect, test } from 'vitest'
import request from 'supertest'
import type { Fleet, Frame } from '../../simulation/index'
import { connect, next, smallFleet, startTestServer, type TestServer } from '../support/server'

/** Coding on two of its pools, the third one idle. */
function standby(): Fleet {
  const fleet = smallFleet()
  const code = fleet.routing.code?.filter(({ decode }) => decode !== 'b200-code') ?? []
  return { ...fleet, routing: { ...fleet.routing, code: code.map(route => ({ ...route, share: 1 / code.length })) } }
}

async function open(): Promise<TestServer & { send: (command: object) => request.Test }> {
  const server = await startTestServer({ fleet: standby(), speed: 8 })
  return { ...server, send: command => request(server.url).post('/api/v1/commands').send(command) }
}

const idle = { prefill: 'b200-code', decode: 'b200-code' }
const mirror = { kind: 'mirror', workload: 'code', ...idle, part: 0.5 }

test('a mirror is a revision with words and marks, its copies come with the frames, and roll back takes it back', async () => {
  const { url, send, stop } = await open()
  const { socket, hello } = await connect(url)
  expect(hello.routing.mirrors).toEqual({})
  const told = next(socket, 'routing')
  const { body } = await send({ ...mirror, baseRevision: 1, reason: 'try it' }).expect(200)
  expect(body).toMatchObject({ ok: true, revision: 2 })
  const pool = hello.fleet.pools.findIndex(({ id }) => id === 'b200-code')
  expect(await told).toMatchObject({
    revision: 2,
    routing: hello.routing.routing,
    mirrors: { code: [{ ...idle, part: 0.5 }] },
    change: { summary: 'Coding assistant: mirror 0 → 50 % to b200-code', reason: 'try it' },
  })
  const busy = (frame: Frame) => (frame.mirrors?.ttftCount[0] ?? 0) > 5
  const frame = await next(socket, 'frame', busy)
  expect(frame.mirrors).toMatchObject({ prefill: [pool], decode: [pool], part: [0.5] })
  expect(frame.pools.outputTokens[pool]).toBe(0)
  expect(frame.pools.busy[pool]).toBeGreaterThan(0)

  const { body: page } = await request(url).get('/api/v1/changes').query({ workload: 'code' }).expect(200)
  expect(page).toMatchObject({ entries: [{ kind: 'mirror', routes: [], mirrors: [{ ...idle, from: 0, to: 0.5 }] }] })

  await send({ kind: 'mirror', workload: 'code', ...idle, part: 0.2 }).expect(200)
  await send({ kind: 'roll-back', to: 2 }).expect(200)
  expect((await request(url).get('/api/v1/routing')).body).toMatchObject({
    revision: 4,
    mirrors: { code: [{ ...idle, part: 0.5 }] },
  })
  await send({ ...mirror, part: 0 }).expect(200)
  expect((await request(url).get('/api/v1/routing')).body).toMatchObject({ revision: 5, mirrors: {} })
  expect((await next(socket, 'frame', ({ revision }) => revision === 5)).mirrors).toBeUndefined()
  // nothing is left to end
  expect((await send({ ...mirror, part: 0 }).expect(200)).body).toMatchObject({ revision: 5 })
  socket.disconnect()
  await stop()
})

test('a dry run of a mirror tells what it adds to the pool, and does nothing; to an idle pool it touches nobody', async () => {
  const { url, send, stop } = await open()
  const { body } = await send({ ...mirror, dryRun: true }).expect(200)
  expect(body).toMatchObject({
    dryRun: true,
    revision: 2,
    radius: 0,
    routes: [],
    mirrors: [{ workload: 'code', ...idle, from: 0, to: 0.5 }],
    adds: [{ pool: 'b200-code' }],
  })
  expect(body.adds[0].requests).toBeGreaterThan(1)
  expect(body.adds[0].requests).toBeLessThan(3)
  const { body: shared } = await send({ ...mirror, prefill: 'h100-code', decode: 'h100-code', dryRun: true })
  expect(shared.radius).toBeGreaterThan(0.1)
  expect((await request(url).get('/api/v1/routing')).body).toMatchObject({ revision: 1, mirrors: {} })
  await stop()
})

test('a mirror with bad input is refused with field, value and what was expected, and changes nothing', async () => {
  const { url, send, stop } = await open()
  for (const [change, field, value] of [
    [{ workload: 'nobody' }, 'workload', 'nobody'],
    [{ prefill: 'nowhere' }, 'prefill', 'nowhere'],
    [{ decode: 'b200-chat' }, 'decode', 'b200-chat'],
    [{ part: 1.5 }, 'part', 1.5],
    [{ part: 'half' }, 'part', 'half'],
    [{ pool: 'b200-code' }, 'pool', 'b200-code'],
  ] as const) {
    const { body } = await send({ ...mirror, ...change }).expect(400)
    expect(body).toMatchObject({ ok: false, error: { field, value, expected: expect.stringMatching(/./) as string } })
  }
  const mirrors = { code: [{ ...idle, part: 0.5 }] }
  const { routing } = (await request(url).get('/api/v1/routing')).body as { routing: object }
  const put = await request(url).put('/api/v1/routing').send({ revision: 1, routing, mirrors }).expect(400)
  expect(put.body.error).toMatchObject({ field: 'mirrors', value: mirrors })
  const { body } = await send({ ...mirror, baseRevision: 7 }).expect(409)
  expect(body).toMatchObject({ ok: false, conflict: true, current: { revision: 1, mirrors: {} } })
  expect((await request(url).get('/api/v1/routing')).body).toMatchObject({ revision: 1, mirrors: {} })
  await stop()
})
