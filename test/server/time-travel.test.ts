import request from 'supertest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, next, startTestServer, type TestServer } from '../support/server'

let server: TestServer
beforeAll(async () => void (server = await startTestServer()), 120_000)
afterAll(() => server.stop())

test('a range and a moment are the same by REST and by socket', async () => {
  const { socket } = await connect(server.url)
  const { body: range } = await request(server.url)
    .get('/api/v1/history?from=10&to=200&points=50&series=fleet.goodput,pools.kvUse')
    .expect(200)
  expect(range.time.length).toBeLessThanOrEqual(50)
  expect([range.time.at(-1), range.oldest]).toEqual([200, 1])
  expect(Object.keys(range.pools[0])).toEqual(['kvUse'])
  const asked = { from: 10, to: 200, points: 50, series: ['fleet.goodput', 'pools.kvUse'] }
  const { newest: _, ...same } = (await socket.emitWithAck('range', asked)) as typeof range
  const { newest: __, ...told } = range
  expect(same).toEqual({ ok: true, ...told })

  const { body: moment } = await request(server.url).get('/api/v1/frames/77.7').expect(200)
  expect([moment.frame.time, moment.resolution, moment.routing.revision]).toEqual([77, 1, 1])
  expect(await socket.emitWithAck('moment', { time: 77.7 })).toEqual({ ok: true, ...moment })
  socket.disconnect()
})

test('a moment has the routing that was in force then', async () => {
  const { socket, hello } = await connect(server.url)
  const [first, ...others] = hello.routing.routing.chat ?? []
  if (!first) throw new Error('chat has no route')
  const chat = [{ ...first, share: 1 }, ...others.map(route => ({ ...route, share: 0 }))]
  await socket.emitWithAck('command', { kind: 'routing', baseRevision: 1, routing: { chat } })
  const after = await next(socket, 'frame', ({ revision }) => revision === 2)
  await next(socket, 'frame', ({ time }) => time > after.time + 2)
  const [then, now] = [
    await socket.emitWithAck('moment', { time: 100 }),
    await socket.emitWithAck('moment', { time: after.time + 2 }),
  ]
  expect(then).toMatchObject({ ok: true, routing: hello.routing })
  expect(now).toMatchObject({ ok: true, routing: { revision: 2, routing: { chat } } })
  socket.disconnect()
})

test.for([
  ['history?points=1', 'points', 1, '2 or more'],
  ['history?points=3000', 'points', 3000, '2000 or less'],
  ['history?from=-1', 'from', -1, '0 or more'],
  ['history?from=soon', 'from', 'soon', 'a number'],
  ['history?from=20&to=10', 'to', 10, 'from or later'],
  ['history?series=fleet.beauty', 'series[0]', 'fleet.beauty', 'figures of a frame, such as fleet.goodput'],
  ['history?until=3', 'until', 3, 'no such field'],
  ['frames/noon', 'time', 'noon', 'a number'],
] as const)('%s is refused with what was expected', async ([path, field, value, expected]) => {
  const { body } = await request(server.url).get(`/api/v1/${path}`).expect(400)
  expect(body.error).toMatchObject({ field, value })
  expect(body.error.expected).toContain(expected)
})

test('a moment before the history is not there, and says what is', async () => {
  const { body } = await request(server.url).get('/api/v1/frames/0.5').expect(404)
  expect(body.error.expected).toMatch(/^a time from 1 to \d/)
})
