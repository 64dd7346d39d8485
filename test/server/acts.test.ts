import request from 'supertest'
import { afterEach, expect, test } from 'vitest'
import { journalOf } from '../support/journal'
import { connect, next, startTestServer, type TestServer } from '../support/server'

let server: TestServer
afterEach(() => server.stop())

const send = (command: object) => request(server.url).post('/api/v1/commands').send(command)
const lost = { id: 'a chip', kind: 'chip-loss', pool: 'b200-chat', replica: 0 }

async function available(socket: Awaited<ReturnType<typeof connect>>['socket'], wanted: (share: number) => boolean) {
  const { hello, socket: second } = await connect(server.url)
  second.disconnect()
  const pool = hello.fleet.pools.findIndex(({ id }) => id === 'b200-chat')
  return next(socket, 'frame', frame => wanted(frame.pools.available[pool] ?? NaN))
}

test('a fault comes by command, is seen in the frames, and is cleared by its name', async () => {
  server = await startTestServer({ speed: 60 })
  const { socket } = await connect(server.url)
  const { body } = await send({ kind: 'fault', fault: lost, reason: 'drill' }).expect(200)
  expect(body.effectiveAt).toBeGreaterThan(0)
  await available(socket, share => share < 1)
  await send({ kind: 'fault', fault: lost }).expect(400, {
    ok: false,
    error: { field: 'fault.id', value: 'a chip', expected: 'a name that no fault under way has' },
  })
  await send({ kind: 'clear', fault: 'another' }).expect(400, {
    ok: false,
    error: { field: 'fault', value: 'another', expected: 'one of a chip' },
  })
  await send({ kind: 'clear', fault: 'a chip' }).expect(200)
  await available(socket, share => share === 1)
  socket.disconnect()
  const acts = (await journalOf(server.data)).filter(entry => entry.kind === 'command')
  expect(acts.map(({ command, effect }) => [effect?.kind === 'act' && effect.act.kind, command.reason])).toEqual([
    ['fault', 'drill'],
    ['clear', undefined],
  ])
})

test('a fault with the longest name is cleared by it', async () => {
  server = await startTestServer()
  const id = 'x'.repeat(200)
  await send({ kind: 'fault', fault: { ...lost, id } }).expect(200)
  await send({ kind: 'clear', fault: id }).expect(200)
})

test('a replica is drained and takes requests again; the last way of a workload is not', async () => {
  server = await startTestServer()
  await send({ kind: 'resume', pool: 'b200-chat' }).expect(400)
  await send({ kind: 'drain', pool: 'b200-chat', replica: 0 }).expect(200)
  await send({ kind: 'resume', pool: 'b200-chat', replica: 0 }).expect(200)
  const pools: string[] = (await request(server.url).get('/api/v1/fleet')).body.pools
    .filter(({ model }: { model: string }) => model === 'llama-3.1-70b')
    .map(({ id }: { id: string }) => id)
  const answers = []
  for (const pool of pools) answers.push((await send({ kind: 'drain', pool })).body)
  expect(answers.at(-1)).toEqual({
    ok: false,
    error: { field: 'pool', value: pools.at(-1), expected: expect.stringMatching(/another open route/) },
  })
})

test('an entry of a fault says what goes wrong, where, how much and for how long', async () => {
  server = await startTestServer()
  const summaryOf = async (fault: object) =>
    (await send({ kind: 'fault', fault: { id: 'heat', ...fault }, dryRun: true }).expect(200)).body.summary
  const pool = 'h200-chat'
  const words = [
    await summaryOf({ kind: 'throttling', pool, clock: 0.6 }),
    await summaryOf({ kind: 'throttling', pool, replica: 1, duration: 300 }),
    await summaryOf({ kind: 'chip-loss', pool, replica: 0 }),
    await summaryOf({ kind: 'bad-deploy', pool, share: 0.25 }),
    await summaryOf({ kind: 'electricity-price', price: 1e-7 }),
  ]
  expect(words).toEqual([
    'fault heat: throttling of h200-chat to 60 % of its clock',
    'fault heat: throttling of replica 1 of h200-chat, for 300 s',
    'fault heat: loss of a chip of replica 0 of h200-chat',
    'fault heat: bad deploy on h200-chat: 25 % of its requests fail',
    'fault heat: price of electricity 0.36 $/kWh',
  ])
})

test('a pool is stopped, which a dry run tells like a drain', async () => {
  server = await startTestServer()
  const told = await send({ kind: 'stop', pool: 'h200-chat', dryRun: true }).expect(200)
  expect(told.body.summary).toMatch(/^stop h200-chat: Chat: .*Hopper 50 → 0 %/)
  await send({ kind: 'stop', pool: 'h200-chat' }).expect(200)
  await send({ kind: 'resume', pool: 'h200-chat' }).expect(200)
  await send({ kind: 'stop', pool: 'x' }).expect(400)
})

test.each([
  ['a fault of no kind', { kind: 'fault', fault: { id: 'x', kind: 'fire' } }, 'fault.kind'],
  ['a fault without a name', { kind: 'fault', fault: { ...lost, id: undefined } }, 'fault.id'],
  ['a fault in a pool that is not there', { kind: 'fault', fault: { ...lost, pool: 'x' } }, 'fault.pool'],
  ['a replica that is not there', { kind: 'fault', fault: { ...lost, replica: 999 } }, 'fault.replica'],
  ['a fault at a time', { kind: 'fault', fault: { ...lost, at: 5 } }, 'fault.at'],
  ['a drain of a pool that is not there', { kind: 'drain', pool: 'x' }, 'pool'],
  ['a move to nowhere', { kind: 'reprovision', from: 'b200-chat', to: 'x', replicas: 1 }, 'to'],
  ['a move of nothing', { kind: 'reprovision', from: 'b200-chat', to: 'x', replicas: 0 }, 'replicas'],
])('%s is refused', async (_, command, field) => {
  server = await startTestServer({ ready: false })
  const { body } = await send(command).expect(400)
  expect(body.error).toMatchObject({ field, expected: expect.stringMatching(/./) })
})

test('a dry run of a drain tells where the traffic of the pool would go, and one of its end what comes back', async () => {
  server = await startTestServer()
  const { body: routing } = await request(server.url).get('/api/v1/routing')
  const { body } = await send({ kind: 'drain', pool: 'h200-chat', dryRun: true }).expect(200)
  const move = (pool: string, from: number, to: number) => ({ workload: 'chat', prefill: pool, decode: pool, from, to })
  const moves = [move('h200-chat', 1 / 2, 0), move('b200-chat', 1 / 2, 1)]
  expect(body.routes).toHaveLength(2)
  expect(body.routes).toEqual(expect.arrayContaining(moves))
  expect(body.summary).toMatch(/^drain h200-chat: Chat: .*Hopper 50 → 0 %/)
  // the shares that are asked for stay as they are, so that all comes back
  await send({ kind: 'drain', pool: 'h200-chat' }).expect(200)
  expect((await request(server.url).get('/api/v1/routing')).body).toEqual(routing)
  const back = await send({ kind: 'resume', pool: 'h200-chat', dryRun: true }).expect(200)
  expect(back.body.routes).toEqual(expect.arrayContaining([move('h200-chat', 0, 1 / 2), move('b200-chat', 1, 1 / 2)]))
  // one replica of two takes no traffic from the pool
  const one = await send({ kind: 'drain', pool: 'b200-chat', replica: 0, dryRun: true }).expect(200)
  expect(one.body).toMatchObject({ summary: 'drain b200-chat, replica 0', routes: [] })
})
