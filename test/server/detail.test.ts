import request from 'supertest'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startShards } from '../../server/live/shards'
import { poolDetail, takeFrame, type Fleet } from '../../simulation/index'
import { connect, next, smallFleet, startTestServer, type TestServer, type TestSocket } from '../support/server'

const patience = 200_000

let server: TestServer
const open: TestSocket[] = []
beforeAll(async () => void (server = await startTestServer()), patience)
afterEach(() => open.splice(0).forEach(socket => socket.disconnect()))
afterAll(() => server.stop())

async function join(): Promise<TestSocket> {
  const { socket } = await connect(server.url)
  open.push(socket)
  return socket
}

const ask = (socket: TestSocket, payload: unknown): Promise<unknown> =>
  Reflect.apply(socket.emitWithAck, socket, ['detail', payload])
const get = (path: string) => request(server.url).get(`/api/v1/pools/${path}`)

test(
  'who looks into a pool is told at once, and then again as the run goes on, until it looks no longer',
  async () => {
    const socket = await join()
    const told = next(socket, 'detail')
    expect(await socket.emitWithAck('detail', { pool: 2, replica: 1 })).toEqual({ ok: true, pool: 2 })
    const first = await told
    expect(first).toMatchObject({ pool: 2, replicas: { total: 2, from: 0, order: 'number', place: 1 } })
    expect(first.replicas.shown.replica).toEqual([0, 1])
    expect(first.replicas.chosen.replica).toEqual([1])
    const second = await next(socket, 'detail')
    expect(second.sequence).toBeGreaterThan(first.sequence)
    expect(second.heat.ends.at(-1)).toBeGreaterThan(first.heat.ends.at(-1) ?? Infinity)

    // what it says is what the frame of that number says
    const answer = await socket.emitWithAck('frames', { since: second.sequence - 1 })
    const frame = answer.ok ? answer.frames[0] : undefined
    expect(frame?.sequence).toBe(second.sequence)
    expect(second.time).toBe(frame?.time)
    for (const metric of ['running', 'waiting', 'outputTokens', 'kvUse'] as const)
      expect(second.figures[metric], metric).toBe(frame?.pools[metric][2])

    expect(await ask(socket, { pool: null })).toEqual({ ok: true, pool: null })
    let heard = 0
    socket.on('detail', () => heard++)
    const { sequence } = await next(socket, 'frame')
    await next(socket, 'frame', later => later.sequence > sequence + 8)
    expect(heard).toBe(0)
  },
  patience,
)

test(
  'two clients look into one pool or into two, and one that goes takes nothing from the other',
  async () => {
    const [one, other] = [await join(), await join()]
    await one.emitWithAck('detail', { pool: 0 })
    await other.emitWithAck('detail', { pool: 0, order: 'kv' })
    const [mine, yours] = await Promise.all([next(one, 'detail'), next(other, 'detail', each => each.sequence > 0)])
    expect([mine.replicas.order, yours.replicas.order]).toEqual(['number', 'kv'])
    await other.emitWithAck('detail', { pool: 1 })
    const moved = await next(other, 'detail', ({ pool }) => pool === 1)
    expect(moved.pool).toBe(1)
    one.disconnect()
    expect((await next(other, 'detail')).pool).toBe(1)
  },
  patience,
)

test.each([
  [{ pool: 4 }, 'detail.pool', 4, 'a pool from 0 to 3'],
  [{ pool: -1 }, 'pool', -1, '0 or more'],
  [{ pool: 0.5 }, 'pool', 0.5, 'a whole number'],
  [{ pool: '0' }, 'pool', '0', 'a number'],
  [{ pool: 0, count: 513 }, 'count', 513, '512 or less'],
  [{ pool: 0, from: -1 }, 'from', -1, '0 or more'],
  [{ pool: 0, order: 'name' }, 'order', 'name', 'one of number, queue, kv, condition'],
  [{ pool: 0, replica: -1 }, 'replica', -1, '0 or more'],
  [{ pool: 0, more: 1 }, 'more', 1, 'no such field'],
  [null, 'detail', null, 'an object'],
])(
  'looking into %j is refused with the field, the value and what was expected',
  async (payload, field, value, expected) => {
    expect(await ask(await join(), payload)).toEqual({ ok: false, error: { field, value, expected } })
  },
  patience,
)

test(
  'so many different wishes are kept at a time; equal ones are one, and one that ends leaves room',
  async () => {
    const clients: TestSocket[] = []
    // one after the other: all at once are too many for a slow machine
    while (clients.length < 32) clients.push(await join())
    const last = await join()
    for (const [index, client] of clients.entries())
      expect(await ask(client, { pool: 0, from: index })).toEqual({ ok: true, pool: 0 })
    expect(await ask(last, { pool: 1 })).toMatchObject({ ok: false, error: { field: 'detail.pool' } })
    expect(await ask(last, { pool: 0, from: 3 })).toEqual({ ok: true, pool: 0 })
    // one's own gives way to the next
    expect(await ask(clients[0] as TestSocket, { pool: 2 })).toEqual({ ok: true, pool: 2 })
    clients[1]?.disconnect()
    await expect.poll(() => ask(last, { pool: 1 }), { timeout: 100_000, interval: 500 }).toEqual({ ok: true, pool: 1 })
  },
  patience,
)

test(
  'a program reads the same under the name of the pool, and is refused what is not there',
  async () => {
    const { body } = await get('b200-chat?order=queue&from=1&count=1&replica=0').expect(200)
    expect(body).toMatchObject({ replicas: { total: 2, from: 1, order: 'queue' }, chip: { perReplica: 4 } })
    expect(body.replicas.shown.replica).toHaveLength(1)
    expect(body.replicas.chosen.replica).toEqual([0])
    expect(body.latency.ttft).toMatchObject({ count: expect.any(Number), p50: expect.any(Number) })
    expect((await get('nowhere').expect(404)).body.error).toEqual({
      field: 'pool',
      value: 'nowhere',
      expected: expect.stringContaining('b200-chat'),
    })
    expect((await get('b200-chat?count=600').expect(400)).body.error).toEqual({
      field: 'count',
      value: 600,
      expected: '512 or less',
    })
    expect((await get('b200-chat?order=name').expect(400)).body.error).toMatchObject({ field: 'order' })
  },
  patience,
)

test(
  'a pool on another thread tells what it tells on one, and the run goes on as if nobody had asked',
  async () => {
    const fleet = twoZones()
    const [alone, spread] = [startShards({ fleet, seed: 5 }, 1), startShards({ fleet, seed: 5 }, 2)]
    expect(spread.count).toBe(2)
    for (const time of [2.25, 4, 6.5]) {
      alone.advance(time)
      spread.advance(time)
      for (const pool of fleet.pools.keys()) {
        const wish = { pool, from: 0, count: 8, order: 'queue' as const, replica: 1 }
        const told = await spread.detail(wish)
        expect(told).toEqual(poolDetail(alone.simulation, wish))
        // two at once, and a snapshot beside them
        const [twice] = await Promise.all([spread.detail(wish), spread.save(), spread.detail(wish)])
        expect(twice).toEqual(told)
      }
    }
    expect(takeFrame(spread.simulation, 1)).toEqual(takeFrame(alone.simulation, 1))
    await alone.stop()
    await spread.stop()
  },
  patience,
)

/** The small fleet, coding in a zone of its own. */
function twoZones(): Fleet {
  const fleet = smallFleet()
  return {
    ...fleet,
    pools: fleet.pools.map(pool => ({ ...pool, zone: pool.id.endsWith('code') ? 'west' : 'east' })),
    workloads: fleet.workloads.map(({ sessions: _, ...workload }) => ({ ...workload, spill: false })),
  }
}
