import { z } from 'zod'
import request from 'supertest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accepted, conflict, foreseen, refused } from '../../server/control/answer'
import type { Route } from '../../simulation/index'
import { connect, next, startTestServer, type TestServer } from '../support/server'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

const to = (pool: string, share = 1): Route => ({ prefill: pool, decode: pool, share })
const answersBy: Partial<Record<number, z.ZodType>> = {
  200: z.union([accepted, foreseen]),
  400: refused,
  409: conflict,
  503: refused,
}

/** Every answer is held against the schema that is documented for it. */
const send = (command: object) =>
  request(server.url)
    .post('/api/v1/commands')
    .send(command)
    .expect(({ body, status }) => void answersBy[status]?.parse(body))
const routing = async () => (await request(server.url).get('/api/v1/routing').expect(200)).body
const under = async (revision: number) =>
  (await request(server.url).get(`/api/v1/routing/${revision}`).expect(200)).body

test('a command says the same and is answered the same by REST and by socket', async () => {
  const { socket } = await connect(server.url)
  const { revision } = await routing()
  const commands = [
    { kind: 'routing', baseRevision: revision + 7, routing: { chat: [to('b200-chat')] } },
    { kind: 'drain', pool: 'nowhere' },
    { kind: 'routing', baseRevision: revision, routing: { chat: [to('b200-chat')] }, dryRun: true },
    { kind: 'fire' },
  ] as const
  for (const command of commands) {
    const { body } = await send(command)
    const answer = await socket.emitWithAck('command', command as never)
    // time goes on between the two
    const timeless = { effectiveAt: 0, radius: null }
    expect('effectiveAt' in answer ? { ...answer, ...timeless } : answer).toEqual(
      'effectiveAt' in body ? { ...body, ...timeless } : body,
    )
  }
  socket.disconnect()
})

test('a dry run tells what would come, and nothing changes', async () => {
  const before = await routing()
  const command = { kind: 'routing', baseRevision: before.revision, routing: { chat: [to('h200-chat')] }, dryRun: true }
  const { body } = await send({ ...command, id: 'rehearsal' }).expect(200)
  expect(body).toMatchObject({ ok: true, dryRun: true, revision: before.revision + 1 })
  expect(body.summary).toMatch(/^Chat: .*Hopper .* → 100 %/)
  expect(body.routes).toContainEqual({
    workload: 'chat',
    prefill: 'h200-chat',
    decode: 'h200-chat',
    from: expect.any(Number),
    to: 1,
  })
  expect(await routing()).toEqual(before)
  // what the run itself would refuse is refused
  await send({ kind: 'clear', fault: 'none', dryRun: true }).expect(400)
  const fault = { kind: 'fault', fault: { id: 'dry', kind: 'chip-loss', pool: 'b200-chat', replica: 0 } }
  await send({ ...fault, dryRun: true }).expect(200)
  await send(fault).expect(200)
  await send({ ...fault, dryRun: true }).expect(400)
  await send({ kind: 'clear', fault: 'dry' }).expect(200)
  // its key is still free
  await send({ ...command, id: 'rehearsal', dryRun: false }).expect(200)
})

test('a command that comes again under its key is carried out once and answered the same', async () => {
  const { revision } = await routing()
  const command = { kind: 'routing', baseRevision: revision, routing: { code: [to('b200-code')] }, id: 'once' }
  const first = await send(command).expect(200)
  const { socket } = await connect(server.url)
  expect(await socket.emitWithAck('command', command as never)).toEqual(first.body)
  socket.disconnect()
  const { id: _, ...unkeyed } = command
  const again = await send(unkeyed).set('Idempotency-Key', 'once').expect(200)
  expect(again.body).toEqual(first.body)
  expect((await routing()).revision).toBe(revision + 1)
  const other = await send({ ...command, reason: 'another' }).expect(400)
  expect(other.body.error).toMatchObject({ field: 'id', value: 'once' })
  const mixed = await send(command).set('Idempotency-Key', 'twice').expect(400)
  expect(mixed.body.error).toMatchObject({ field: 'idempotency-key', value: 'twice' })
  expect((await routing()).revision).toBe(revision + 1)
})

test('a command that was refused has not used its key', async () => {
  const { revision } = await routing()
  const command = { kind: 'routing', id: 'second try', routing: { chat: [to('h200-chat', 0.5), to('b200-chat', 0.5)] } }
  await send({ ...command, baseRevision: revision + 1 }).expect(409)
  await send({ ...command, baseRevision: revision }).expect(200)
  await send({ ...command, baseRevision: revision + 1 }).expect(400)
})

test('the short form takes a key too', async () => {
  const { revision, routing: before } = await routing()
  const put = () =>
    request(server.url)
      .put('/api/v1/routing')
      .set('Idempotency-Key', 'short')
      .send({ revision, routing: { ...before, chat: [to('b200-chat')] } })
  const { body } = await put().expect(200)
  expect((await put().expect(200)).body).toEqual(body)
})

test('the same command at once by many hands of one operator is carried out once', async () => {
  const { revision } = await routing()
  const command = { kind: 'routing', baseRevision: revision, routing: { code: [to('h100-code')] }, id: 'impatient' }
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(command)))
  for (const { body } of answers) expect(body).toEqual(answers[0]?.body)
  expect((await routing()).revision).toBe(revision + 1)
})

test('a stale base is refused with what is in force and what it was based on', async () => {
  const base = await routing()
  const share = base.routing.chat[0]?.decode === 'h200-chat' ? 'b200-chat' : 'h200-chat'
  await send({ kind: 'routing', baseRevision: base.revision, routing: { chat: [to(share)] } }).expect(200)
  const current = await routing()
  const stale = await send({ kind: 'roll-back', baseRevision: base.revision, to: 1 }).expect(409)
  expect(stale.body).toMatchObject({ ok: false, conflict: true, current, base })
  const unknown = await send({ kind: 'pace', baseRevision: 999, speed: 1 }).expect(409)
  expect(unknown.body).toEqual({ ok: false, conflict: true, current, base: null, merge: null })
})

test('a stale edit is answered with a three-way merge, share by share', async () => {
  await send({ kind: 'roll-back', to: 1 }).expect(200)
  const base = await routing()
  await send({ kind: 'routing', baseRevision: base.revision, routing: { code: [to('b200-code')] } }).expect(200)
  const mine = [to('b200-chat', 0.9), to('h200-chat', 0.1)]
  const edit = { kind: 'routing', baseRevision: base.revision, routing: { chat: mine } }
  const { body } = await send(edit).expect(409)
  expect(body.merge.conflicts).toEqual([])
  expect(body.merge.unbalanced).toEqual([])
  expect(body.merge.routing.code).toEqual([to('b200-code')])
  expect(body.merge.routing.chat).toEqual(expect.arrayContaining(mine))
  // what is merged without a conflict can be sent as it is
  await send({ ...edit, baseRevision: body.current.revision, routing: body.merge.routing }).expect(200)
  const both = await send({ ...edit, routing: { code: [to('h100-code')] } }).expect(409)
  expect(both.body.merge.conflicts).toContainEqual({
    workload: 'code',
    prefill: 'h100-code',
    decode: 'h100-code',
    base: expect.any(Number),
    mine: 1,
    theirs: 0,
  })
})

test('an edit that could never be applied is refused as such, stale or not', async () => {
  const { revision } = await routing()
  const { body } = await send({ kind: 'routing', baseRevision: revision + 5, routing: { chat: [to('b200-code')] } })
  expect(body.error).toMatchObject({ field: 'routing.chat[0].prefill' })
})

test.each(['routing', 'ramp'])('a %s that cannot be is refused with the nearest that could', async kind => {
  const { revision } = await routing()
  const wanted = [to('b200-chat', 0.7), to('h200-chat', 0.5), to('h100-code', 0.2)]
  const { body } = await send({ kind, baseRevision: revision, routing: { chat: wanted } }).expect(400)
  expect(body.error.field).toBe('routing.chat[2].prefill')
  expect(body.nearest).toEqual({ chat: [to('b200-chat', 0.6), to('h200-chat', 0.4)] })
  await send({ kind, baseRevision: revision, routing: body.nearest, dryRun: true }).expect(200)
  const { body: none } = await send({ kind, baseRevision: revision, routing: { chat: [to('h100-code')] } }).expect(400)
  expect(none).not.toHaveProperty('nearest')
})

test('a roll back takes effect within a second of the run, in the next frame', async () => {
  const { revision } = await routing()
  const share = (await routing()).routing.chat[0]?.decode === 'h200-chat' ? 'b200-chat' : 'h200-chat'
  await send({ kind: 'routing', baseRevision: revision, routing: { chat: [to(share)] } }).expect(200)
  const { socket } = await connect(server.url)
  const asked = await next(socket, 'frame')
  const inForce = next(socket, 'frame', ({ revision: shown }) => shown > revision + 1)
  const { body } = await send({ kind: 'roll-back', to: revision }).expect(200)
  const { revision: shown, time } = await inForce
  expect(shown).toBe(body.revision)
  expect(time - body.effectiveAt).toBeLessThanOrEqual(0.25)
  expect(body.effectiveAt - asked.time).toBeLessThanOrEqual(1)
  socket.disconnect()
})

test('many fields change together or not at all', async () => {
  const before = await routing()
  const change = { chat: [to('b200-chat')], code: [to('nowhere')] }
  await send({ kind: 'routing', baseRevision: before.revision, routing: change }).expect(400)
  expect(await routing()).toEqual(before)
})

test('any revision can be rolled back to, as a new one', async () => {
  const { revision } = await routing()
  const first = await under(1)
  const { body } = await send({ kind: 'roll-back', to: 1, reason: 'enough' }).expect(200)
  expect(body.revision).toBe(revision + 1)
  expect(await routing()).toEqual({ ...first, revision: revision + 1 })
  await send({ kind: 'roll-back', to: revision }).expect(200)
  expect((await routing()).routing).toEqual((await under(revision)).routing)
  const { body: refused } = await send({ kind: 'roll-back', to: 99 }).expect(400)
  expect(refused.error).toMatchObject({ field: 'to', value: 99, expected: `a revision from 1 to ${revision + 2}` })
  for (const name of ['0', '99', 'x', '1e0']) await request(server.url).get(`/api/v1/routing/${name}`).expect(404)
})
