import request from 'supertest'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openBare, type BareClient, type BarePlan } from '../support/bare-client'
import { connect, next, startTestServer, until, type TestServer, type TestSocket } from '../support/server'
import { wideFleet } from '../support/wide-fleet'

const patience = 120_000
let server: TestServer
const open: { leave: () => void }[] = []
beforeAll(async () => {
  server = await startTestServer()
}, patience)
afterEach(() => open.splice(0).forEach(client => client.leave()))
afterAll(() => server.stop())

/** Hears frames by number. */
function listen(plan: Partial<BarePlan> = {}): { client: BareClient; frames: number[] } {
  const frames: number[] = []
  const client = openBare({ port: server.port, frame: sequence => frames.push(sequence), ...plan })
  open.push(client)
  return { client, frames }
}

async function metric(of: TestServer, name: string): Promise<number> {
  const { text } = await request(of.url).get('/metrics').expect(200)
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1])
}

async function join(to: TestServer): Promise<TestSocket> {
  const { socket } = await connect(to.url)
  open.push({ leave: () => socket.disconnect() })
  return socket
}

test(
  'a client that never says what it has gets eight frames, and more when it says so or asks for those it missed',
  async () => {
    const { client, frames } = listen({ says: false })
    const answers: string[] = []
    const other = listen({ says: false, hear: packet => void answers.push(packet.toString('latin1', 0, 200)) })
    const honest = listen()
    await until(() => honest.frames.length > 12, patience)
    expect(frames).toHaveLength(8)
    const newest = honest.frames.at(-1) ?? 0
    client.send(`42["seen",{"sequence":${frames.at(-1)}}]`)
    await until(() => frames.length > 8, patience)
    expect(frames[8]).toBeGreaterThanOrEqual(newest)
    expect(other.frames).toHaveLength(8)
    other.client.send(`420["frames",{"since":${other.frames.at(-1)}}]`)
    await until(() => other.frames.length > 8, patience)
    expect(answers.some(text => text.startsWith('430[{"ok":true'))).toBe(true)
  },
  patience,
)

test(
  'who says it has a frame is told the time of the server, and how many frames it was not sent',
  async () => {
    const { client, frames } = listen({ says: false })
    const answers: string[] = []
    const asker = listen({ says: false, hear: packet => void answers.push(packet.toString('latin1')) })
    await until(() => frames.length === 8 && asker.frames.length === 8, patience)
    const clear = await metric(server, 'headgate_frames_skipped_total')
    await until(async () => (await metric(server, 'headgate_frames_skipped_total')) > clear + 4, patience)
    expect(await metric(server, 'headgate_lagging_clients')).toBe(2)
    const before = performance.timeOrigin + performance.now()
    asker.client.send('421["seen",{"sequence":0}]')
    await until(() => answers.some(text => text.startsWith('431')), patience)
    const [answer] = JSON.parse(answers.find(text => text.startsWith('431'))?.slice(3) ?? '[]')
    expect(answer).toEqual({ ok: true, now: expect.any(Number), skipped: expect.any(Number) })
    expect(answer.skipped).toBeGreaterThan(0)
    expect(Math.abs(answer.now - before)).toBeLessThan(60_000)
    client.leave()
  },
  patience,
)

test(
  'only a number says which frame is there: all else is refused, and earns none',
  async () => {
    const { client, frames } = listen({ says: false })
    await until(() => frames.length === 8, patience)
    const newest = frames.at(-1) ?? 0
    const refused = await metric(server, 'headgate_refused_total')
    const wrong = ['-1', '1.5', '1e30', '"9"', 'null', '[9]', `${newest},"more":1`]
    for (const value of wrong) client.send(`42["seen",{"sequence":${value}}]`)
    await until(async () => (await metric(server, 'headgate_refused_total')) >= refused + wrong.length, patience)
    expect(frames).toHaveLength(8)
    // a number as JSON may write it
    client.send(`42["seen", { "sequence": ${newest} }]`)
    await until(() => frames.length > 8, patience)
    expect(await metric(server, 'headgate_refused_total')).toBe(refused + wrong.length)
  },
  patience,
)

test(
  'of sixty clients, frozen ones are left out and heal when they thaw, hostile ones are cut off, and memory is bounded',
  async () => {
    const healthy = Array.from({ length: 53 }, () => listen())
    const frozen = Array.from({ length: 5 }, () => listen())
    await until(() => [...healthy, ...frozen].every(({ frames }) => frames.length > 4), patience)
    frozen.forEach(({ client }) => client.freeze())
    const hostile = ['127.0.0.2', '127.0.0.3'].map(from => {
      const { client } = listen({ from, greeted: () => flood(client) })
      return client
    })
    await until(() => hostile.every(client => client.closed()), patience)
    expect(await metric(server, 'headgate_floods_total')).toBe(2)
    const began = healthy[0]?.frames.at(-1) ?? 0
    const resident = process.memoryUsage().rss
    await until(() => healthy.every(({ frames }) => (frames.at(-1) ?? 0) > began + 24), patience)
    expect(await metric(server, 'headgate_lagging_clients')).toBe(5)
    expect(process.memoryUsage().rss - resident).toBeLessThan(200e6)
    // whoever says what it has misses nothing
    for (const { frames } of healthy) expect(frames).toEqual(frames.map((_, index) => (frames[0] ?? 0) + index))
    const heard = frozen.map(({ frames }) => frames.length)
    frozen.forEach(({ client }) => client.thaw())
    await until(() => frozen.every(({ frames }, index) => frames.length > (heard[index] ?? 0) + 16), patience)
    expect(await metric(server, 'headgate_lagging_clients')).toBe(0)
    for (const [index, { frames }] of frozen.entries()) {
      const stale = frames.slice(heard[index]).findIndex(sequence => sequence > began + 20)
      // what lay in the buffers of the connection
      expect(stale).toBeLessThanOrEqual(8)
    }
  },
  patience,
)

test('a frame says when it was taken, and comes soon after', async () => {
  const times: number[] = []
  listen({ frame: (_, taken) => void times.push(performance.timeOrigin + performance.now() - taken) })
  await until(() => times.length > 3, patience)
  for (const time of times) {
    expect(time).toBeGreaterThan(-1000)
    expect(time).toBeLessThan(20_000)
  }
})

test.each([
  [{ pools: [4] }],
  [{ pools: [-1] }],
  [{ pools: [0.5] }],
  [{ pools: Array.from({ length: 65 }, () => 0) }],
  [{}],
])(
  'watching %j is refused',
  async payload => {
    const socket = await join(server)
    const answer: unknown = await Reflect.apply(socket.emitWithAck, socket, ['watch', payload])
    expect(answer).toMatchObject({ ok: false, error: { field: expect.stringMatching(/^watch|^pools/) } })
  },
  patience,
)

test(
  'pools that are watched come with each frame, until they are not',
  async () => {
    const [one, other] = [await join(server), await join(server)]
    expect(await one.emitWithAck('watch', { pools: [3, 1, 3] })).toEqual({ ok: true, pools: [1, 3] })
    await other.emitWithAck('watch', { pools: [1, 3] })
    const frame = next(one, 'frame')
    const [first, same] = await Promise.all([next(one, 'pools'), next(other, 'pools')])
    expect(first.pools).toEqual([1, 3])
    expect(first.sequence).toBeGreaterThan(0)
    expect(same.pools).toEqual(first.pools)
    expect((await frame).pools.outputTokens).toHaveLength(4)
    // the same figures as those of the frame of that number
    const figures = await next(one, 'pools')
    const answer = await one.emitWithAck('frames', { since: figures.sequence - 1 })
    if (!answer.ok) throw new Error(answer.error.expected)
    const [told] = answer.frames
    expect(figures.sequence).toBe(told?.sequence)
    for (const metric of ['outputTokens', 'running', 'power', 'kvUse'] as const)
      expect(figures.columns[metric]).toEqual([1, 3].map(index => told?.pools[metric][index]))
    await one.emitWithAck('watch', { pools: [] })
    let heard = false
    one.on('pools', () => (heard = true))
    const { sequence } = await next(one, 'frame')
    await next(one, 'frame', later => later.sequence > sequence + 1)
    expect(heard).toBe(false)
  },
  patience,
)

test(
  'a fleet of many pools tells of the first in the frame and of others to those who watch them, within bounds',
  async () => {
    const wide = await startTestServer({ fleet: { ...wideFleet(400), warmUp: 2 } })
    const { socket, hello } = await connect(wide.url)
    expect(hello.fleet.pools).toHaveLength(400)
    const frame = await next(socket, 'frame')
    expect(frame.pools.running).toHaveLength(64)
    expect(frame.flows.requests).toHaveLength(hello.fleet.flows.filter(({ pool }) => pool < 64).length)
    await socket.emitWithAck('watch', { pools: [399, 100] })
    const figures = await next(socket, 'pools')
    expect(figures.pools).toEqual([100, 399])
    expect(figures.columns.replicas).toEqual([1, 1])
    // five sets of 64 are more than all together may watch
    const others = await Promise.all([1, 2, 3, 4].map(() => connect(wide.url)))
    const answers = await Promise.all(
      others.map(({ socket: each }, index) =>
        each.emitWithAck('watch', { pools: Array.from({ length: 64 }, (_, pool) => 110 + 64 * index + pool) }),
      ),
    )
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, false])
    const { text } = await request(wide.url).get('/metrics').expect(200)
    expect(text.match(/^vllm:num_requests_running\{/gm)).toHaveLength(400)
    for (const client of [socket, ...others.map(other => other.socket)]) client.disconnect()
    await wide.stop()
  },
  patience,
)

/** As fast as it can, until it is cut off. */
function flood(client: BareClient): void {
  if (client.closed()) return
  for (let count = 0; count < 200; count++) client.send('42["x"]')
  setImmediate(() => flood(client))
}
