import request from 'supertest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Route, Routing } from '../../simulation/index'
import { startTestServer, type TestServer } from '../support/server'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

const get = () => request(server.url).get('/api/v1/routing')
const put = (body: unknown) =>
  request(server.url)
    .put('/api/v1/routing')
    .send(body as object)

async function inForce(): Promise<{ revision: number; routing: Routing }> {
  return (await get().expect(200)).body
}

const to = (pool: string, share = 1): Route => ({ prefill: pool, decode: pool, share })

test('the routing is its revision, its routes and its mirrors, and nothing that changes with time', async () => {
  const first = await get().expect(200).expect('Content-Type', /json/)
  expect(Object.keys(first.body)).toEqual(['revision', 'routing', 'mirrors'])
  expect(Object.keys(first.body.routing)).toEqual(['chat', 'code'])
  expect((await get()).text).toBe(first.text)
})

test('a change is in force under the next revision, and a workload left out keeps its shares', async () => {
  const before = await inForce()
  const { body } = await put({
    revision: before.revision,
    routing: { chat: [to('b200-chat', 0.25), to('h200-chat', 0.75)] },
  }).expect(200)
  expect(body).toEqual({ revision: before.revision + 1, effectiveAt: expect.any(Number) })
  expect(body.effectiveAt % 0.25).toBe(0)
  expect(await inForce()).toEqual({
    revision: before.revision + 1,
    routing: { chat: [to('b200-chat', 0.25), to('h200-chat', 0.75)], code: before.routing.code },
    mirrors: {},
  })
})

test('a stale revision is refused with what is in force', async () => {
  const now = await inForce()
  const { body } = await put({ revision: now.revision + 1, routing: { chat: [to('b200-chat')] } }).expect(409)
  expect(body).toEqual(now)
  expect(await inForce()).toEqual(now)
})

test('of two changes of the same revision one is refused', async () => {
  const now = await inForce()
  const [one, other] = await Promise.all([
    put({ revision: now.revision, routing: { code: [to('b200-code')] } }),
    put({ revision: now.revision, routing: { code: [to('h100-code')] } }),
  ])
  expect([one.status, other.status].sort()).toEqual([200, 409])
  expect((await inForce()).revision).toBe(now.revision + 1)
})

test('what is in force already needs no new revision', async () => {
  const now = await inForce()
  const chat = [...(now.routing.chat ?? [])].reverse()
  const { body } = await put({ revision: now.revision, routing: { chat } }).expect(200)
  expect(body.revision).toBe(now.revision)
  expect((await inForce()).revision).toBe(now.revision)
})

test('shares that cannot be are refused with the nearest that could', async () => {
  const now = await inForce()
  const chat = [to('b200-chat', 0.5), to('h200-chat', 0.25)]
  const { body } = await put({ revision: now.revision, routing: { chat } }).expect(400)
  expect(body).toEqual({
    error: { field: 'routing.chat', value: expect.anything(), expected: expect.any(String) },
    nearest: {
      chat: [expect.objectContaining(to('b200-chat', 0.625)), expect.objectContaining(to('h200-chat', 0.375))],
    },
  })
})

const bad: [what: string, change: (revision: number) => unknown, field: string, expected: RegExp][] = [
  [
    'a workload called __proto__ beside a good one',
    revision =>
      JSON.parse(`{"revision":${revision},"routing":{"chat":[${JSON.stringify(to('b200-chat'))}],"__proto__":[]}}`),
    'routing',
    /workloads of the fleet/,
  ],
  [
    'an unknown pool',
    revision => ({ revision, routing: { chat: [to('nowhere')] } }),
    'routing.chat[0].prefill',
    /a pool of the fleet/,
  ],
  [
    'a model that the pool does not serve',
    revision => ({ revision, routing: { chat: [to('b200-code')] } }),
    'routing.chat[0].prefill',
    /a pool for Chat/,
  ],
  [
    'an unknown workload',
    revision => ({ revision, routing: { mail: [to('b200-chat')] } }),
    'routing',
    /one of chat, code/,
  ],
  [
    'a negative share',
    revision => ({ revision, routing: { chat: [to('b200-chat', -0.5), to('h200-chat', 1.5)] } }),
    'routing.chat[0].share',
    /from 0 to 1/,
  ],
  [
    'shares that do not add to 1',
    revision => ({ revision, routing: { chat: [to('b200-chat', 0.5), to('h200-chat', 0.4)] } }),
    'routing.chat',
    /add to 1/,
  ],
  [
    'a share that is no number',
    revision => ({ revision, routing: { chat: [to('b200-chat', NaN)] } }),
    'routing.chat[0].share',
    /a number/,
  ],
  [
    'a share in words',
    revision => ({ revision, routing: { chat: [{ ...to('b200-chat'), share: '1' }] } }),
    'routing.chat[0].share',
    /a number/,
  ],
  [
    'the same route twice',
    revision => ({ revision, routing: { chat: [to('b200-chat', 0.5), to('b200-chat', 0.5)] } }),
    'routing.chat[1]',
    /once/,
  ],
  ['no route', revision => ({ revision, routing: { chat: [] } }), 'routing.chat', /at least one/],
  ['no workload', revision => ({ revision, routing: {} }), 'routing', /at least one/],
  ['a routing that is a list', revision => ({ revision, routing: [] }), 'routing', /an object/],
  [
    'an extra field of a route',
    revision => ({ revision, routing: { chat: [{ ...to('b200-chat'), weight: 1 }] } }),
    'routing.chat[0].weight',
    /no such field/,
  ],
  [
    'an extra field',
    revision => ({ revision, routing: { chat: [to('b200-chat')] }, force: true }),
    'force',
    /no such field/,
  ],
  ['a kind', revision => ({ revision, kind: 'pace', routing: {} }), 'kind', /no such field/],
  ['no revision', () => ({ routing: { chat: [to('b200-chat')] } }), 'revision', /a whole number|a number/],
  [
    'a revision in words',
    () => ({ revision: 'newest', routing: { chat: [to('b200-chat')] } }),
    'revision',
    /a number|a whole number/,
  ],
  [
    'a reason without end',
    revision => ({ revision, routing: { chat: [to('b200-chat')] }, reason: 'a'.repeat(501) }),
    'reason',
    /at most 500 characters/,
  ],
  ['a list', () => [], 'body', /an object/],
]

test.each(bad)('%s is refused, and changes nothing', async (_, change, field, expected) => {
  const now = await inForce()
  const { body } = await put(change(now.revision)).expect(400)
  expect(body).toMatchObject({ error: { field, value: body.error.value, expected: expect.stringMatching(expected) } })
  expect(body.error).toHaveProperty('value')
  expect(await inForce()).toEqual(now)
})

test('an infinite share is refused', async () => {
  const { body } = await request(server.url)
    .put('/api/v1/routing')
    .set('Content-Type', 'application/json')
    .send('{"revision":1,"routing":{"chat":[{"prefill":"b200-chat","decode":"b200-chat","share":1e999}]}}')
    .expect(400)
  expect(body.error).toEqual({ field: 'routing.chat[0].share', value: 'Infinity', expected: 'a number' })
})

test('a long value comes back cut', async () => {
  const { body } = await put({
    revision: (await inForce()).revision,
    routing: { chat: [to('x'.repeat(90))] },
    reason: 5,
  }).expect(400)
  expect(JSON.stringify(body).length).toBeLessThan(400)
})

test('any command goes through the one door', async () => {
  const send = (body: object) => request(server.url).post('/api/v1/commands').send(body)
  const now = await inForce()
  const { body } = await send({
    kind: 'routing',
    baseRevision: now.revision,
    routing: { code: [to('b200-code', 0.5), to('h100-code', 0.5)] },
  }).expect(200)
  expect(body.revision).toBe(now.revision + 1)
  await send({ kind: 'pace', speed: 4 }).expect(200)
  expect((await send({ kind: 'pace', speed: 0 }).expect(400)).body.error).toMatchObject({ field: 'speed', value: 0 })
  expect((await send({ kind: 'pace', speed: 1.5 }).expect(400)).body.error).toMatchObject({ field: 'speed' })
  expect((await send({ kind: 'pace' }).expect(400)).body.error).toMatchObject({ field: 'speed' })
  expect((await send({ kind: 'fire' }).expect(400)).body.error).toEqual({
    field: 'kind',
    value: 'fire',
    expected:
      'one of routing, roll-back, mirror, pace, fault, clear, drain, stop, resume, reprovision, approve, decline, approval-limit, ramp, cancel, continue, approve-step, objective, alert-rule, remove-rule, acknowledge, silence, unsilence',
  })
})
