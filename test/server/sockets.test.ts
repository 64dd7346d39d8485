import { createConnection } from 'node:net'
import request from 'supertest'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { FloodLimits } from '../../server/sockets/flood'
import type { Route } from '../../simulation/index'
import { connect, next, startTestServer, until, type TestServer, type TestSocket } from '../support/server'

let server: TestServer
const open: TestSocket[] = []
beforeAll(async () => {
  server = await startTestServer()
})
afterEach(() => open.splice(0).forEach(socket => socket.disconnect()))
afterAll(() => server.stop())

async function join(options: Parameters<typeof connect>[1] = {}) {
  const client = await connect(server.url, options)
  open.push(client.socket)
  return client
}

const to = (pool: string, share = 1): Route => ({ prefill: pool, decode: pool, share })
const current = async () => (await request(server.url).get('/api/v1/routing').expect(200)).body
/** An event as a careless or hostile client sends it. */
const emit = (socket: TestSocket, ...event: unknown[]) => Reflect.apply(socket.emit, socket, event)
const ask = (socket: TestSocket, ...event: unknown[]): Promise<unknown> =>
  Reflect.apply(socket.emitWithAck, socket, event)

test('a newcomer is greeted with the fleet, the routing, recent history and the newest frame', async () => {
  const { hello } = await join()
  expect(hello.run).toMatchObject({ seed: 1, scenario: 'small', trace: null })
  expect(hello.fleet.pools.map(({ id }) => id)).toContain('b200-chat')
  expect(hello.routing).toEqual(await current())
  expect(hello.pace).toMatchObject({ speed: 1, paused: false })
  const { history, frame, fleet } = hello
  // five minutes of warm-up
  expect((history.time.at(-1) ?? 0) - (history.time[0] ?? 0)).toBeGreaterThan(290)
  expect(history.time).toEqual([...history.time].sort((a, b) => a - b))
  expect(history.families).toHaveLength(fleet.families.length)
  expect(history.workloads).toHaveLength(fleet.workloads.length)
  expect(history.pools).toHaveLength(fleet.pools.length)
  for (const series of [history.fleet, ...history.families, ...history.workloads, ...history.pools]) {
    for (const values of Object.values(series)) expect(values).toHaveLength(history.time.length)
  }
  expect(history.fleet.outputTokens?.at(-1)).toBeGreaterThan(0)
  expect(frame?.time).toBeGreaterThanOrEqual(history.time.at(-1) ?? Infinity)
})

test('frames come whole and numbered, a quarter of a simulated second apart', async () => {
  const { socket } = await join()
  const first = await next(socket, 'frame')
  const second = await next(socket, 'frame')
  expect(second.sequence).toBe(first.sequence + 1)
  expect(second.time).toBeCloseTo(first.time + 0.25, 6)
  expect(second.pools.outputTokens).toHaveLength(first.pools.outputTokens.length)
})

test('a client that missed frames gets those since a sequence number', async () => {
  const { socket } = await join()
  const first = await next(socket, 'frame')
  const last = await next(socket, 'frame', frame => frame.sequence >= first.sequence + 3)
  const answer = await socket.emitWithAck('frames', { since: first.sequence })
  if (!answer.ok) throw new Error(answer.error.expected)
  expect(answer.from).toBe(1)
  expect(answer.frames.slice(0, 3).map(({ sequence }) => sequence)).toEqual(
    [1, 2, 3].map(step => first.sequence + step),
  )
  expect(answer.frames.find(({ sequence }) => sequence === last.sequence)).toEqual(last)
})

test.each([[{ since: -1 }], [{ since: 0.5 }], [{ since: '1' }], [{}], [{ since: 1, more: true }], [null], ['all']])(
  'frames since %j are refused',
  async payload => {
    const { socket } = await join()
    expect(await ask(socket, 'frames', payload)).toMatchObject({ ok: false, error: { expected: expect.any(String) } })
  },
)

test('a change of routing is acknowledged, and everyone is told', async () => {
  const [one, other] = [await join(), await join()]
  const told = next(other.socket, 'routing')
  const before = await current()
  const answer = await one.socket.emitWithAck('command', {
    kind: 'routing',
    baseRevision: before.revision,
    routing: { chat: [to('b200-chat')] },
    reason: 'H200 is due for repair',
  })
  expect(answer).toEqual({
    ok: true,
    id: expect.any(String),
    revision: before.revision + 1,
    effectiveAt: expect.any(Number),
  })
  const state = await told
  expect(state).toMatchObject({
    revision: before.revision + 1,
    routing: { chat: [to('b200-chat')], code: before.routing.code },
  })
  expect(state.change).toEqual({
    revision: before.revision + 1,
    time: 'effectiveAt' in answer && answer.effectiveAt,
    summary: expect.stringMatching(/^Chat: .*Blackwell 50 → 100 %/),
    reason: 'H200 is due for repair',
    by: 'local',
    before: before.routing,
  })
  const frame = await next(other.socket, 'frame', ({ revision }) => revision === state.revision)
  expect(frame.time).toBeGreaterThan(state.change.time)
  expect((await join()).hello.changes.at(-1)).toEqual(state.change)
})

test('new requests follow the routing from the next frame on', async () => {
  const { socket, hello } = await join()
  const { revision } = await current()
  const arrivals = async (pool: string) => {
    await socket.emitWithAck('command', { kind: 'pace', speed: 40 })
    const { time } = await next(socket, 'frame')
    const later = await next(socket, 'frame', frame => frame.time > time + 40)
    const flow = hello.fleet.flows.findIndex(each => hello.fleet.pools[each.pool]?.id === pool)
    return later.flows.requests[flow]
  }
  await socket.emitWithAck('command', { kind: 'routing', baseRevision: revision, routing: { chat: [to('h200-chat')] } })
  expect(await arrivals('b200-chat')).toBe(0)
  expect(await arrivals('h200-chat')).toBeGreaterThan(0)
  await socket.emitWithAck('command', { kind: 'pace', speed: 1 })
})

test('a stale revision is refused with what is in force', async () => {
  const { socket } = await join()
  const now = await current()
  const answer = await socket.emitWithAck('command', {
    kind: 'routing',
    baseRevision: now.revision + 5,
    routing: { chat: [to('b200-chat')] },
  })
  expect(answer).toEqual({ ok: false, conflict: true, current: now, base: null, merge: null })
})

test.each([
  [
    'an unknown pool',
    (revision: number) => ({ kind: 'routing', baseRevision: revision, routing: { chat: [to('nowhere')] } }),
    'routing.chat[0].prefill',
  ],
  [
    'shares that do not add to 1',
    (revision: number) => ({ kind: 'routing', baseRevision: revision, routing: { chat: [to('b200-chat', 0.97)] } }),
    'routing.chat',
  ],
  [
    'not a number',
    (revision: number) => ({ kind: 'routing', baseRevision: revision, routing: { chat: [to('b200-chat', NaN)] } }),
    'routing.chat[0].share',
  ],
  [
    'an extra field',
    (revision: number) => ({
      kind: 'routing',
      baseRevision: revision,
      routing: { chat: [to('b200-chat')] },
      now: true,
    }),
    'now',
  ],
  ['an unknown kind', () => ({ kind: 'reboot' }), 'kind'],
  ['a speed out of range', () => ({ kind: 'pace', speed: 601 }), 'speed'],
  ['a text', () => 'routing', 'command'],
  ['nothing', () => null, 'command'],
])('%s is refused, and changes nothing', async (_, command, field) => {
  const { socket } = await join()
  const now = await current()
  expect(await ask(socket, 'command', command(now.revision))).toMatchObject({ ok: false, error: { field } })
  expect(await current()).toEqual(now)
})

test('events without an acknowledgement, unknown ones and odd ones leave the server up', async () => {
  const { socket } = await join()
  const before = await current()
  emit(socket, 'command')
  emit(socket, 'command', { kind: 'routing', baseRevision: 'x' })
  emit(socket, 'frames')
  emit(socket, 'frames', { since: 0 }, { since: 0 }, 7)
  emit(socket, 'toString', {})
  emit(socket, '__proto__', {})
  expect(await ask(socket, 'reboot', {})).toMatchObject({ ok: false, error: { field: 'event', value: 'reboot' } })
  expect(await ask(socket, 'command', {}, {})).toMatchObject({ ok: false, error: { field: 'command' } })
  emit(socket, 'command', {
    kind: 'routing',
    baseRevision: before.revision,
    routing: { code: [to('h100-code', 0.5), to('b200-code', 0.5)] },
  })
  await next(socket, 'frame')
  expect((await current()).revision).toBe(before.revision)
  const { text } = await request(server.url).get('/metrics').expect(200)
  expect(Number(/^headgate_unanswerable_events_total (\d+)$/m.exec(text)?.[1])).toBeGreaterThanOrEqual(7)
  expect(server.log).toEqual([])
})

test('an oversized payload ends that connection alone', async () => {
  const [careless, other] = [await join(), await join()]
  const gone = new Promise(resolve => careless.socket.once('disconnect', resolve))
  emit(careless.socket, 'command', { reason: 'a'.repeat(70_000) })
  await gone
  await next(other.socket, 'frame')
})

test('a malformed packet ends that connection alone', async () => {
  const [careless, other] = [await join(), await join()]
  const gone = new Promise(resolve => careless.socket.once('disconnect', resolve))
  Reflect.apply(careless.socket.io.engine.write, careless.socket.io.engine, ['2["command",{'])
  await gone
  await next(other.socket, 'frame')
})

test.each([
  ['another site', { Origin: 'http://evil.example' }],
  ['another port of this machine', { Origin: 'http://127.0.0.1:1' }],
  ['a page without origin', { Origin: 'null' }],
  ['a name that was bound to this address', { Host: 'evil.example' }],
])('a connection from %s is refused', async (_, extraHeaders) => {
  await expect(connect(server.url, { extraHeaders })).rejects.toThrow()
})

test('a connection from its own page is taken', async () => {
  const { hello } = await join({ extraHeaders: { Origin: server.url } })
  expect(hello.run.scenario).toBe('small')
})

test('polling is refused', async () => {
  await expect(connect(server.url, { transports: ['polling'] })).rejects.toThrow()
})

test('a flood ends the connection, and its address is refused for a while; others go on', async () => {
  const other = await startTestServer({
    plan: { limits: { soft: 20, hard: 100, refuseMs: 60_000, now: () => performance.now() } },
  })
  const [calm, flood] = [await connect(other.url), await connect(other.url)]
  const answers: unknown[] = []
  const gone = new Promise(resolve => flood.socket.once('disconnect', resolve))
  expect(await flood.socket.emitWithAck('command', { kind: 'pace' })).toMatchObject({ error: { field: 'speed' } })
  for (let i = 0; i < 60; i++) flood.socket.emit('command', { kind: 'pace' }, answer => answers.push(answer))
  await until(() => answers.length === 60)
  expect(answers.at(-1)).toMatchObject({ error: { field: 'connection', expected: 'fewer events a second' } })
  for (let i = 0; i < 1000; i++) emit(flood.socket, 'x')
  await gone
  await expect(connect(other.url)).rejects.toThrow()
  await next(calm.socket, 'frame')
  calm.socket.disconnect()
  await other.stop()
})

test('a client that reads nothing gets one answer at a time, and is ended once too much waits for it', async () => {
  const other = await startTestServer({ plan: { limits: noHurry() } })
  const deaf = await joinDeaf(other)
  expect(await count(other, 'refused')).toBeGreaterThan(0)
  await until(() => {
    for (let i = 0; i < 50; i++) deaf.send('420["frames",{}]')
    return deaf.closed()
  })
  expect(await count(other, 'floods')).toBe(1)
  const { socket } = await connect(other.url)
  await next(socket, 'frame')
  socket.disconnect()
  await other.stop()
})

test('a stop does not wait for a client that reads nothing', async () => {
  const other = await startTestServer({ plan: { limits: noHurry() } })
  const deaf = await joinDeaf(other)
  const started = performance.now()
  await other.stop()
  expect(performance.now() - started).toBeLessThan(10_000)
  deaf.leave()
})

/** Limits on a clock by which any two packets lie a second apart. */
function noHurry(): FloodLimits {
  let time = 0
  return { soft: 50, hard: 500, refuseMs: 10_000, now: () => (time += 1000) }
}

async function count(of: TestServer, what: string): Promise<number> {
  const { text } = await request(of.url).get('/metrics').expect(200)
  return Number(new RegExp(`^headgate_${what}_total (\\d+)$`, 'm').exec(text)?.[1])
}

/** A client that reads its greeting and then nothing more, and asks for all frames until it is refused. */
async function joinDeaf(
  to: TestServer,
): Promise<{ send: (packet: string) => void; closed: () => boolean; leave: () => void }> {
  const socket = createConnection(to.port, '127.0.0.1').on('error', () => {})
  // a short text frame under the mask 0
  const send = (packet: string) =>
    void socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | packet.length, 0, 0, 0, 0]), Buffer.from(packet)]))
  let heard = ''
  socket.on('data', chunk => (heard += String(chunk)))
  socket.write(
    [
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
      `Host: 127.0.0.1:${to.port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n'),
  )
  await until(() => heard.includes('pingInterval'))
  send('40')
  await until(() => heard.includes('"hello"'))
  socket.pause()
  await until(async () => {
    send('420["frames",{"since":0}]')
    return (await count(to, 'refused')) > 0
  })
  return { send, closed: () => socket.destroyed, leave: () => socket.destroy() }
}
