import request from 'supertest'
import { afterEach, expect, test } from 'vitest'
import type { CommandEntry } from '../../server/journal/entry'
import type { RampView } from '../../server/protocol'
import { blendRouting, type Fleet } from '../../simulation/index'
import { fleet, poisson, pool, workload } from '../support/fleets'
import { journalOf } from '../support/journal'
import { connect, next, startTestServer, type TestServer } from '../support/server'

let server: TestServer | null = null
afterEach(async () => {
  await server?.stop()
  server = null
})

/** A pool that has room to spare, and one that has too little for half of the traffic. */
function unequal(): Fleet {
  const small = { replicas: 1, maxSequences: 4, queueLimit: 4096 }
  return {
    ...fleet([pool('large', { replicas: 4 }), pool('small', small)], [workload('chat', { arrivals: poisson(40) })], {
      chat: [{ prefill: 'large', decode: 'large', share: 1 }],
    }),
    warmUp: 30,
  }
}

const onto = (id: string, share = 1) => ({ prefill: id, decode: id, share })
const begin = async (plan: Parameters<typeof startTestServer>[0] = {}) => {
  server = await startTestServer({ fleet: unequal(), ...plan })
  const { socket } = await connect(server.url)
  const send = async (command: object) =>
    (
      await request(server?.url ?? '')
        .post('/api/v1/commands')
        .send(command)
    ).body
  const ramp = (more: object = {}) =>
    send({ kind: 'ramp', id: 'move', baseRevision: 1, routing: { chat: [onto('small')] }, ...more })
  return { server, socket, send, ramp }
}
const acts = async (data: string) =>
  (await journalOf(data)).filter((entry): entry is CommandEntry => entry.kind === 'command')
const over = (ramp: RampView) => ramp.ended !== null

test('a guard on p95 TTFT stops a bad ramp within 5 s of simulated time at 1×, and rolls back', async () => {
  const { server, socket, ramp } = await begin()
  const guards = [{ action: 'roll-back', workload: 'chat', metric: 'ttftP95', above: 0.5 }]
  const answer = await ramp({ steps: [{ share: 0.01, seconds: 1 }, { share: 0.9, seconds: 60 }, { share: 1 }], guards })
  expect(answer).toMatchObject({ ok: true, id: 'move', revision: 1 })
  const { ended } = await next(socket, 'ramp', over)
  socket.disconnect()
  const journal = await acts(server.data)
  const [begun, first, harm, rescue] = journal
  expect(begun).toMatchObject({ id: 'move', actor: { name: 'local' }, command: { kind: 'ramp' } })
  expect(first).toMatchObject({ actor: { name: 'ramp' }, via: 'ramp move of local', revision: 2 })
  expect(harm).toMatchObject({ actor: { name: 'ramp' }, revision: 3, effect: { ramp: { kind: 'step', step: 2 } } })
  expect(rescue).toMatchObject({ actor: { name: 'guard' }, via: 'ramp move of local', revision: 4 })
  expect(rescue?.command).toMatchObject({ kind: 'roll-back', to: 1, reason: expect.stringMatching(/^ttftP95 of chat/) })
  expect((rescue?.time ?? 0) - (harm?.time ?? 0)).toBeLessThanOrEqual(5)
  expect(ended).toMatchObject({ how: 'rolled back', by: 'guard', time: rescue?.time })
  const { body } = await request(server.url).get('/api/v1/routing')
  expect(body).toEqual({ revision: 4, routing: { chat: [onto('large')] }, mirrors: {} })
})

test('a ramp takes its steps in simulated time, at frames, and ends at the shares that were asked for', async () => {
  const { server, socket, ramp } = await begin({ speed: 4 })
  const steps = [
    { share: 0.02, seconds: 2 },
    { share: 0.04, requests: 1 },
    { share: 1, seconds: 1 },
  ]
  await ramp({ routing: { chat: [onto('large', 0.98), onto('small', 0.02)] }, steps, reason: 'trial' })
  const { ended } = await next(socket, 'ramp', over)
  socket.disconnect()
  expect(ended).toMatchObject({ how: 'done', by: 'ramp', why: 'all 3 steps taken' })
  const journal = await acts(server.data)
  expect(journal.map(({ command }) => command.reason)).toEqual([
    'trial',
    'step 1 of 3, 2 %: trial',
    'step 2 of 3, 4 %: trial',
    'step 3 of 3, 100 %: trial',
    'all 3 steps taken',
  ])
  const [, first, second, third, last] = journal
  expect((second?.time ?? 0) - (first?.time ?? 0)).toBeCloseTo(2)
  expect((last?.time ?? 0) - (third?.time ?? 0)).toBeCloseTo(1)
  const { body } = await request(server.url).get('/api/v1/routing')
  expect(body.routing.chat).toEqual([onto('large', 0.98), onto('small', 0.02)])
})

test('too little traffic to judge by holds a ramp, which says so, until somebody says to go on', async () => {
  const { server, socket, send, ramp } = await begin()
  const guards = [{ action: 'roll-back', pool: 'small', metric: 'ttftP95', above: 5 }]
  await ramp({
    steps: [{ share: 0.001 }, { share: 1, approval: true }],
    guards,
    routing: { chat: [onto('large', 0.9), onto('small', 0.1)] },
  })
  const { held } = await next(socket, 'ramp', ramp => ramp.held !== null)
  expect(held).toMatchObject({
    cause: 'traffic',
    why: expect.stringMatching(/^too little traffic: \d+ of 20 requests/),
  })
  expect((await acts(server.data)).at(-1)).toMatchObject({ actor: { name: 'ramp' }, command: { kind: 'hold' } })
  expect(await send({ kind: 'approve-step', ramp: 'move' })).toMatchObject({ ok: false, error: { field: 'ramp' } })
  expect(await send({ kind: 'continue', ramp: 'another' })).toMatchObject({ ok: false, error: { value: 'another' } })
  expect(await send({ kind: 'continue', ramp: 'move' })).toMatchObject({ ok: true })
  await next(socket, 'ramp', ramp => ramp.step === 2)
  // more traffic there, and it can be judged; the last step waits for approval
  expect(await send({ kind: 'approve-step', ramp: 'move' })).toMatchObject({ ok: true })
  expect(await next(socket, 'ramp', over)).toMatchObject({ ended: { how: 'done' } })
  socket.disconnect()
})

test('a guard that holds keeps a ramp from its first step where its limit is passed already', async () => {
  const { server, socket, ramp } = await begin({ speed: 4 })
  const guards = [{ action: 'hold', metric: 'arrived', below: 1.5, against: 'before' }]
  await ramp({ steps: [{ share: 0.01 }, { share: 1 }], guards })
  const { held, step } = await next(socket, 'ramp', ramp => ramp.held !== null)
  expect(held?.why).toMatch(/^before any step: arrived of the fleet/)
  expect(step).toBe(0)
  expect((await acts(server.data)).at(-1)).toMatchObject({ actor: { name: 'guard' }, command: { kind: 'hold' } })
  socket.disconnect()
})

test('another change of the routing takes the way from under a ramp, and the journal says so', async () => {
  const { server, send, ramp } = await begin()
  await ramp({ at: 1000 })
  expect(await ramp({ id: 'second' })).toMatchObject({
    ok: false,
    error: { expected: expect.stringMatching(/^no other ramp under way: move/) },
  })
  const answer = await send({
    kind: 'routing',
    baseRevision: 1,
    routing: { chat: [onto('large', 0.9), onto('small', 0.1)] },
  })
  expect(answer).toMatchObject({ ok: true, revision: 2 })
  const { body } = await request(server.url).get('/api/v1/ramp')
  expect(body).toMatchObject({ step: 0, ended: { how: 'overtaken', by: 'local' } })
  const changes = (await request(server.url).get('/api/v1/changes')).body
  expect(changes.entries[0].summary).toMatch(/; ramp overtaken$/)
  expect(changes.entries[1].summary).toBe('change all at once at 13:16:40')
})

test('a ramp that is cancelled stays where it stands, or goes back', async () => {
  const { server, socket, send, ramp } = await begin()
  const routing = { chat: [onto('large', 0.8), onto('small', 0.2)] }
  await ramp({ routing, steps: [{ share: 0.5, approval: true }, { share: 1 }] })
  await next(socket, 'ramp', ({ step }) => step === 1)
  expect(await send({ kind: 'cancel', ramp: 'move' })).toMatchObject({ ok: true, revision: 2 })
  const half = { chat: [onto('large', 0.9), onto('small', 0.1)] }
  expect((await request(server.url).get('/api/v1/routing')).body).toEqual({ revision: 2, routing: half, mirrors: {} })
  await ramp({ id: 'again', baseRevision: 2, routing, steps: [{ share: 0.5, approval: true }, { share: 1 }] })
  await next(socket, 'ramp', ({ plan, step }) => plan.id === 'again' && step === 1)
  expect(await send({ kind: 'cancel', ramp: 'again', back: true })).toMatchObject({ ok: true, revision: 4 })
  expect((await request(server.url).get('/api/v1/routing')).body).toEqual({ revision: 4, routing: half, mirrors: {} })
  expect((await request(server.url).get('/api/v1/ramp')).body.ended).toMatchObject({ how: 'cancelled' })
  socket.disconnect()
})

test('what cannot be a ramp is refused with the field, the value and what was expected', async () => {
  const { ramp } = await begin()
  const guard = { action: 'hold', metric: 'power', above: 1 }
  const bad: [object, string, unknown][] = [
    [{ steps: [{ share: 0.5 }, { share: 0.5 }] }, 'steps[1].share', 0.5],
    [{ steps: [{ share: 0.5 }] }, 'steps[0].share', 0.5],
    [{ at: 1 }, 'at', 1],
    [{ guards: [{ ...guard, metric: 'speed' }] }, 'guards[0].metric', 'speed'],
    [{ guards: [{ ...guard, workload: 'talk' }] }, 'guards[0].workload', 'talk'],
    [{ guards: [{ ...guard, below: 1 }] }, 'guards[0].above', 1],
    [{ guards: [{ ...guard, workload: 'chat', pool: 'large' }] }, 'guards[0].pool', 'large'],
  ]
  for (const [more, field, value] of bad) expect(await ramp(more)).toMatchObject({ ok: false, error: { field, value } })
  expect(await ramp({ baseRevision: 3 })).toMatchObject({ ok: false, conflict: true })
  expect(await ramp({ dryRun: true, guards: [guard] })).toMatchObject({
    ok: true,
    dryRun: true,
    revision: 1,
    summary: expect.stringMatching(/^ramp in steps of 1, 5, 25, 50 and 100 %, watched by 1 guard: chat: /),
  })
})

test('a part of the way between two routings adds to 1, and leads from the one to the other', () => {
  const [from, to] = [{ chat: [onto('a', 0.7), onto('b', 0.3)] }, { chat: [onto('b', 0.2), onto('c', 0.8)] }]
  expect(blendRouting(from, to, 0)).toEqual(from)
  expect(blendRouting(from, to, 1)).toEqual(to)
  const half = blendRouting(from, to, 0.5).chat ?? []
  expect(half.map(({ decode }) => decode)).toEqual(['a', 'b', 'c'])
  expect(half.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12)
})
