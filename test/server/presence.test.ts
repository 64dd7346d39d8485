import request from 'supertest'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Presence } from '../../server/protocol'
import { createHandClock } from '../support/clock'
import { connect, next, startTestServer, until, type TestServer, type TestSocket } from '../support/server'
import { addTokens } from '../support/tokens'

const people = { root: 'admin', anna: 'operator', ben: 'operator', eye: 'viewer' } as const
const clock = createHandClock()
let server: TestServer
let tokens: Record<keyof typeof people, string>
const open: TestSocket[] = []
beforeAll(async () => {
  server = await startTestServer({
    ready: false,
    prepare: async data => (tokens = await addTokens(data, people)),
    plan: { clock },
  })
})
afterEach(async () => {
  open.splice(0).forEach(socket => socket.disconnect())
  await until(async () => (await present()).people.length === 0)
  clock.pass(1000)
})
afterAll(() => server.stop())

async function join(name: keyof typeof people) {
  const client = await connect(server.url, { auth: { token: tokens[name] } })
  open.push(client.socket)
  return client
}

async function present(): Promise<Presence> {
  const asked = request(server.url).get('/api/v1/presence').set('Authorization', `Bearer ${tokens.root}`)
  return (await asked.expect(200)).body
}

/** What everybody is told next, once what happened has been gathered. */
async function told(socket: TestSocket): Promise<Presence> {
  const message = next(socket, 'presence')
  clock.pass(1000)
  return message
}

test('who comes, looks elsewhere and leaves is told to all, and only then', async () => {
  const { socket: anna, hello } = await join('anna')
  expect(hello.presence.people).toEqual([{ name: 'anna', role: 'operator', screens: 1, places: [] }])
  await told(anna)
  const heard: Presence[] = []
  anna.on('presence', presence => heard.push(presence))
  const { socket: eye } = await join('eye')
  await eye.emitWithAck('look', { place: '/route' })
  expect((await told(anna)).people).toEqual([
    { name: 'anna', role: 'operator', screens: 1, places: [] },
    { name: 'eye', role: 'viewer', screens: 1, places: ['/route'] },
  ])
  // nothing that changed: nothing to tell
  await eye.emitWithAck('look', { place: '/route' })
  clock.pass(1000)
  await anna.emitWithAck('look', { place: '/' })
  expect((await told(anna)).people[0]?.places).toEqual(['/'])
  expect(heard).toHaveLength(2)
  eye.disconnect()
  await until(async () => (await present()).people.length === 1)
  expect((await told(anna)).people.map(({ name }) => name)).toEqual(['anna'])
})

test('one person with two screens is one person', async () => {
  const { socket: first } = await join('anna')
  const { socket: second } = await join('anna')
  await first.emitWithAck('look', { place: '/' })
  await second.emitWithAck('look', { place: '/route' })
  expect((await present()).people).toEqual([{ name: 'anna', role: 'operator', screens: 2, places: ['/', '/route'] }])
})

test('who begins to edit holds the lease, and the others see who', async () => {
  const { socket: anna, hello } = await join('anna')
  const { socket: ben } = await join('ben')
  await told(ben)
  const lease = { name: 'anna', session: hello.you.session, left: 300 }
  expect(await anna.emitWithAck('edit', { on: true })).toEqual({ ok: true, mine: true, editing: lease })
  expect((await told(ben)).editing).toMatchObject({ name: 'anna' })
  expect((await join('eye')).hello.presence.editing?.name).toBe('anna')
  // it tells, and does not bar
  expect(await ben.emitWithAck('edit', { on: true })).toMatchObject({
    ok: true,
    mine: false,
    editing: { name: 'anna' },
  })
  expect(await ben.emitWithAck('edit', { on: true, take: true })).toMatchObject({
    mine: true,
    editing: { name: 'ben' },
  })
  expect((await told(anna)).editing?.name).toBe('ben')
  // who does not hold it cannot give it back
  expect(await anna.emitWithAck('edit', { on: false })).toMatchObject({ mine: false, editing: { name: 'ben' } })
  expect(await ben.emitWithAck('edit', { on: false })).toMatchObject({ mine: false, editing: null })
  expect((await told(anna)).editing).toBeNull()
})

test('a lease expires five minutes after the last edit, and not before', async () => {
  const { socket: anna } = await join('anna')
  const { socket: ben } = await join('ben')
  await anna.emitWithAck('edit', { on: true })
  clock.pass(290_000)
  expect(await anna.emitWithAck('edit', { on: true })).toMatchObject({ editing: { left: 300 } })
  clock.pass(299_000)
  expect((await present()).editing).toMatchObject({ name: 'anna', left: 1 })
  const message = next(ben, 'presence', ({ editing }) => editing === null)
  clock.pass(2000)
  await message
  expect((await present()).editing).toBeNull()
  expect(await ben.emitWithAck('edit', { on: true })).toMatchObject({ mine: true })
})

test('a lease ends with the connection that held it', async () => {
  const { socket: anna } = await join('anna')
  const { socket: ben } = await join('ben')
  await anna.emitWithAck('edit', { on: true })
  anna.disconnect()
  await until(async () => (await present()).editing === null)
  expect(await ben.emitWithAck('edit', { on: true })).toMatchObject({ mine: true })
})

test('a command needs no lease: base revisions keep edits apart', async () => {
  await until(async () => (await fetch(`${server.url}/readyz`)).ok)
  const { socket: anna } = await join('anna')
  const { socket: ben, hello } = await join('ben')
  await anna.emitWithAck('edit', { on: true })
  const { socket: root } = await join('root')
  await root.emitWithAck('command', { kind: 'approval-limit', above: null })
  const routing = { chat: [{ prefill: 'b200-chat', decode: 'b200-chat', share: 1 }] }
  const command = { kind: 'routing', baseRevision: hello.routing.revision, routing } as const
  expect(await ben.emitWithAck('command', command)).toMatchObject({ ok: true })
  expect(await anna.emitWithAck('command', command)).toMatchObject({ ok: false, conflict: true })
})

test.each([
  ['look', { place: 'route' }, 'place'],
  ['look', { place: `/${'x'.repeat(80)}` }, 'place'],
  ['look', {}, 'place'],
  ['edit', { on: 'yes' }, 'on'],
  ['edit', { on: true, name: 'ben' }, 'name'],
])('%s %j is refused', async (event, payload, field) => {
  const { socket } = await join('anna')
  const answer = await Reflect.apply(socket.emitWithAck as never, socket, [event, payload])
  expect(answer).toMatchObject({ ok: false, error: { field } })
})

test('of a crowd the first fifty are listed and the rest counted', async () => {
  const local = await startTestServer({ ready: false })
  const { body } = await request(local.url).post('/api/v1/tokens').send({ name: 'boss', role: 'admin' }).expect(200)
  const boss = { Authorization: `Bearer ${body.token}` }
  const crowd = []
  for (let i = 0; i < 52; i++) {
    const wanted = { name: `guest ${i}`, role: 'viewer' }
    const added = await request(local.url).post('/api/v1/tokens').set(boss).send(wanted).expect(200)
    crowd.push((await connect(local.url, { auth: { token: added.body.token } })).socket)
  }
  const seen = await request(local.url).get('/api/v1/presence').set(boss).expect(200)
  expect([seen.body.people.length, seen.body.more]).toEqual([50, 2])
  crowd.forEach(socket => socket.disconnect())
  await local.stop()
})
