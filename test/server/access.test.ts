import { readFile, stat, writeFile } from 'node:fs/promises'
import request from 'supertest'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Access } from '../../server/access/access'
import { routesOf } from '../../server/access/listed'
import { commandRoles, eventRoles, roleOfRoute } from '../../server/access/table'
import { tokenFile } from '../../server/access/token-file'
import { commandSchema } from '../../server/control/command'
import { createApp } from '../../server/http/app'
import { routerOf } from '../../server/http/operation'
import { pages } from '../../server/http/pages'
import type { Board } from '../../server/live/board'
import { connect, next, startTestServer, until, type TestServer, type TestSocket } from '../support/server'
import { addTokens, takeToken } from '../support/tokens'

const people = { root: 'admin', lead: 'approver', ops: 'operator', eye: 'viewer' } as const
let server: TestServer
let tokens: Record<keyof typeof people, string>
const open: TestSocket[] = []
beforeAll(async () => {
  server = await startTestServer({
    prepare: async data => (tokens = await addTokens(data, people)),
    plan: { attempts: { most: 1000, withinMs: 60_000, now: () => 0 } },
  })
})
afterEach(() => open.splice(0).forEach(socket => socket.disconnect()))
afterAll(() => server.stop())

async function join(token: string, url = server.url) {
  const client = await connect(url, { auth: { token } })
  open.push(client.socket)
  return client
}

const ask = (socket: TestSocket, event: string, payload: unknown): Promise<unknown> =>
  Reflect.apply(socket.emitWithAck as never, socket, [event, payload])

/** A request as a route lists itself: "put /api/v1/routing". */
function send(route: string, token?: string, body: object = {}) {
  const [method = '', path = ''] = route.split(' ')
  const url = path.replace('{revision}', '1').replace('{name}', 'ops')
  const agent = request(server.url)
  const sent = { get: agent.get(url), put: agent.put(url), post: agent.post(url), delete: agent.delete(url) }
  const asked = sent[method as keyof typeof sent]
  if (token !== undefined) void asked.set('Authorization', `Bearer ${token}`)
  return method === 'get' ? asked : asked.send(body)
}

/** All that a viewer could change. */
async function everything() {
  const as = (path: string) => send(`get ${path}`, tokens.root)
  const [routing, health, known] = [await as('/api/v1/routing'), await as('/healthz'), await as('/api/v1/tokens')]
  const { hello } = await join(tokens.eye)
  const { behind: _, lost: __, ...pace } = hello.pace
  return { routing: routing.body, entries: health.body.entries, tokens: known.body, pace, changes: hello.changes }
}

const app = createApp({ control: {}, counts: {} } as Board, {
  dev: false,
  access: { open: () => true } as Access,
  page: pages('.'),
  onFailure: () => {},
})
const routes = routesOf(app.router).map(route => ({ route, least: roleOfRoute(...parts(route)) }))
const events = Object.entries(eventRoles)
const kinds = commandSchema.options.map(({ shape }) => shape.kind.value)

function parts(route: string): [string, string] {
  const [method = '', path = ''] = route.split(' ')
  return [method, path]
}

test('a viewer can do nothing but look: every route that there is', async () => {
  expect(routes.length).toBeGreaterThan(15)
  const before = await everything()
  for (const { route, least } of routes) {
    const { status, body } = await send(route, tokens.eye, { token: tokens.eye })
    if (least === 'anyone' || least === 'viewer') {
      // to sign in and out is to look
      if (!route.endsWith('/session')) expect(route).toMatch(/^get /)
      expect([401, 403], route).not.toContain(status)
    } else {
      expect(status, route).toBe(403)
      expect(body).toEqual({ error: { field: 'role', value: 'viewer', expected: expect.stringContaining(least) } })
    }
  }
  expect(await everything()).toEqual(before)
})

test('a viewer can do nothing but look: every event that there is', async () => {
  const { socket } = await join(tokens.eye)
  const unknown = await ask(socket, 'no such event', {})
  const taken = /^one of (.*)$/.exec(Reflect.get(Reflect.get(Object(unknown), 'error'), 'expected'))?.[1]?.split(', ')
  expect(taken?.sort()).toEqual(events.map(([event]) => event).sort())
  const before = await everything()
  const looks: Record<string, object> = {
    frames: { since: 1e9 },
    seen: { sequence: 0 },
    watch: { pools: [] },
    detail: { pool: null },
    range: { from: 0 },
    moment: { time: 1 },
    look: { place: '/' },
  }
  for (const [event, least] of events) {
    const answer = await ask(socket, event, looks[event] ?? {})
    if (least === 'viewer') expect([event, answer]).toMatchObject([event, { ok: true }])
    else expect(answer).toEqual({ ok: false, error: { field: 'role', value: 'viewer', expected: expect.any(String) } })
  }
  expect(events.filter(([, least]) => least === 'viewer').map(([event]) => event)).toEqual(Object.keys(looks))
  expect(await everything()).toEqual(before)
})

test('a viewer can do nothing but look: every kind of command', async () => {
  expect(kinds.sort()).toEqual(Object.keys(commandRoles).sort())
  const { socket } = await join(tokens.eye)
  const before = await everything()
  for (const kind of kinds) {
    for (const dryRun of [false, true]) {
      const denied = { error: { field: 'role', value: 'viewer' } }
      expect(await ask(socket, 'command', { kind, dryRun })).toMatchObject({ ok: false, ...denied })
      const { body } = await send('post /api/v1/commands', tokens.eye, { kind, dryRun }).expect(403)
      expect(body).toMatchObject(denied)
    }
  }
  expect(await everything()).toEqual(before)
})

test('without a token, or with a wrong one, every route but those for anyone answers 401', async () => {
  for (const { route, least } of routes) {
    const { status, body, headers } = await send(route)
    if (least === 'anyone') expect([401, 403], route).not.toContain(status)
    else {
      expect(status, route).toBe(401)
      expect(headers['www-authenticate']).toBe('Bearer')
      expect(body).toEqual({ error: { field: 'token', value: null, expected: expect.stringContaining('Bearer') } })
    }
  }
  const { body } = await send('get /api/v1/fleet', 'hg_guess').expect(401)
  expect(body.error).toMatchObject({ field: 'token', value: 'unknown' })
  expect((await send('get /healthz').expect(200)).body).toEqual({ ok: true })
})

test('without a token, or with a wrong one, no socket is let in', async () => {
  for (const auth of [{}, { token: 'hg_guess' }, { token: 7 }, { token: '' }]) {
    const failure = await connect(server.url, { auth }).then(
      () => null,
      (cause: Error & { data?: unknown }) => cause,
    )
    expect(failure?.message).toMatch(/^token: got (null|unknown), expected a token/)
    expect(failure?.data).toMatchObject({ status: 401, error: { field: 'token' } })
  }
})

test('each role may do what those before it may, and the journal says who did', async () => {
  const fault = (id: string) => ({ kind: 'fault', fault: { id, kind: 'chip-loss', pool: 'b200-chat', replica: 0 } })
  for (const name of ['ops', 'lead', 'root'] as const) {
    const { socket, hello } = await join(tokens[name])
    expect(hello.you).toMatchObject({ name, role: people[name] })
    expect(await ask(socket, 'command', fault(name))).toMatchObject({ ok: true })
    expect((await send('get /api/v1/tokens', tokens[name])).status).toBe(name === 'root' ? 200 : 403)
  }
  await send('post /api/v1/commands', tokens.root, { kind: 'approval-limit', above: null }).expect(200)
  const { revision } = (await send('get /api/v1/routing', tokens.eye)).body
  const route = { prefill: 'b200-chat', decode: 'b200-chat', share: 1 }
  await send('put /api/v1/routing', tokens.ops, { revision, routing: { chat: [route] } }).expect(200)
  const { hello } = await join(tokens.eye)
  expect(hello.changes.at(-1)).toMatchObject({ revision: revision + 1, by: 'ops' })
})

test('what is in no row of the table cannot be served', () => {
  const door = { access: {} as Access, denied: () => {} }
  const secret = { method: 'get', path: '/api/v1/secret', summary: '', answers: {}, handle: () => {} } as const
  expect(() => routerOf([secret], door)).toThrow('get /api/v1/secret has no row in the table of roles')
  const page = pages('.').get('/secret', () => {})
  const options = { dev: false, access: {} as Access, onFailure: () => {} }
  expect(() => createApp({ control: {}, counts: {} } as Board, { ...options, page })).toThrow('get /secret has no row')
  const whatever = pages('.').all('/secret', () => {})
  expect(() => createApp({ control: {}, counts: {} } as Board, { ...options, page: whatever })).toThrow(
    'all /secret has no row',
  )
})

test('a token is told once and kept as a hash, in a file for the server alone', async () => {
  const { body } = await send('post /api/v1/tokens', tokens.root, { name: 'Zoë K', role: 'viewer' }).expect(200)
  expect(body).toEqual({ ok: true, name: 'Zoë K', role: 'viewer', token: expect.stringMatching(/^hg_[\w-]{43}$/) })
  const text = await readFile(tokenFile(server.data), 'utf8')
  expect((await stat(tokenFile(server.data))).mode & 0o777).toBe(0o600)
  for (const token of [...Object.values(tokens), body.token]) expect(text).not.toContain(token.slice(3))
  const { body: listed } = await send('get /api/v1/tokens', tokens.root).expect(200)
  expect(listed.tokens.at(-1)).toEqual({
    name: 'Zoë K',
    role: 'viewer',
    created: expect.any(String),
    by: 'root',
    revoked: null,
  })
  expect(JSON.stringify(listed)).not.toMatch(/hash|hg_/)
  await send('get /api/v1/fleet', body.token).expect(200)
})

test.each([
  [{ name: 'ops', role: 'viewer' }, 'name'],
  [{ name: 'OPS', role: 'viewer' }, 'name'],
  [{ name: 'local', role: 'viewer' }, 'name'],
  [{ name: '<b>', role: 'viewer' }, 'name'],
  [{ name: 'x'.repeat(41), role: 'viewer' }, 'name'],
  [{ name: 'new', role: 'owner' }, 'role'],
  [{ name: 'new' }, 'role'],
  [{ name: 'new', role: 'viewer', token: 'hg_mine' }, 'token'],
])('the token %j is refused, by REST and by socket alike', async (wanted, field) => {
  const { body } = await send('post /api/v1/tokens', tokens.root, wanted).expect(400)
  expect(body).toMatchObject({ ok: false, error: { field, expected: expect.any(String) } })
  const { socket } = await join(tokens.root)
  expect(await ask(socket, 'add-token', wanted)).toEqual(body)
})

test('a token that is revoked loses its sockets at once, and others keep theirs', async () => {
  const { socket: root } = await join(tokens.root)
  const added = await root.emitWithAck('add-token', { name: 'guest', role: 'operator' })
  if (!added.ok) throw new Error(added.error.expected)
  const guests = [(await join(added.token)).socket, (await join(added.token)).socket]
  const gone = guests.map(guest => new Promise(resolve => guest.once('disconnect', resolve)))
  const frame = next(root, 'frame')
  expect(await root.emitWithAck('revoke-token', { name: 'guest' })).toMatchObject({
    ok: true,
    token: { name: 'guest', revoked: { by: 'root' } },
  })
  expect(await Promise.all(gone)).toEqual(['io server disconnect', 'io server disconnect'])
  await frame
  await send('get /api/v1/fleet', added.token).expect(401)
  await expect(connect(server.url, { auth: { token: added.token } })).rejects.toThrow(/that is not revoked/)
  expect(await root.emitWithAck('revoke-token', { name: 'guest' })).toMatchObject({ error: { field: 'name' } })
  // the name is free again, with another token
  const again = await root.emitWithAck('add-token', { name: 'guest', role: 'viewer' })
  expect(again).toMatchObject({ ok: true, role: 'viewer' })
  expect(again.ok && again.token).not.toBe(added.token)
  expect((await send('delete /api/v1/tokens/guest', tokens.root).expect(200)).body.ok).toBe(true)
})

test('a token revoked on the command line loses its sockets too', async () => {
  const { temp } = await addTokens(server.data, { temp: 'operator' })
  await until(async () => (await send('get /api/v1/fleet', temp)).status === 200)
  const { socket } = await join(temp)
  const gone = new Promise(resolve => socket.once('disconnect', resolve))
  await takeToken(server.data, 'temp')
  expect(await gone).toBe('io server disconnect')
  await send('get /api/v1/fleet', temp).expect(401)
})

test('a file of tokens that is damaged while the server runs puts nobody out and lets nobody in', async () => {
  const text = await readFile(tokenFile(server.data), 'utf8')
  await writeFile(tokenFile(server.data), text.slice(0, 50))
  await until(() => server.log.some(line => line.startsWith('the tokens cannot be read')))
  await send('get /api/v1/fleet', tokens.eye).expect(200)
  await send('get /api/v1/fleet').expect(401)
  const { body } = await send('post /api/v1/tokens', tokens.root, { name: 'late', role: 'viewer' }).expect(503)
  expect(body.error.field).toBe('disk')
  await writeFile(tokenFile(server.data), text)
})

test('the last admin stays as long as there are others', async () => {
  const { body } = await send('delete /api/v1/tokens/root', tokens.root).expect(400)
  expect(body.error).toEqual({ field: 'name', value: 'root', expected: expect.stringContaining('last admin') })
})

test('a browser signs in for a cookie that scripts cannot read, and its socket comes with it', async () => {
  const signedIn = await send('post /api/v1/session', undefined, { token: tokens.ops }).set('Origin', server.url)
  expect(signedIn.body).toEqual({ actor: { name: 'ops', role: 'operator' } })
  const [cookie = ''] = signedIn.get('Set-Cookie') ?? []
  expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/)
  const [pair = ''] = cookie.split(';')
  const mine = { Cookie: `theme=dark; ${pair}` }
  expect((await send('get /api/v1/session').set(mine)).body.actor.name).toBe('ops')
  await send('get /api/v1/fleet').set(mine).expect(200)
  const { socket, hello } = await connect(server.url, { extraHeaders: mine })
  open.push(socket)
  expect(hello.you.name).toBe('ops')
  // over TLS that something in front of the server ends
  const host = server.url.replace('http:', 'https:')
  const safe = await send('post /api/v1/session', undefined, { token: tokens.ops }).set('Origin', host)
  expect(safe.get('Set-Cookie')?.[0]).toContain('; Secure')
  const out = await send('delete /api/v1/session').set(mine)
  expect(out.get('Set-Cookie')?.[0]).toMatch(/^headgate-\d+=; .*Max-Age=0/)
  await send('post /api/v1/session', undefined, { token: 'hg_guess' }).expect(401)
  await send('post /api/v1/session', undefined, {}).expect(400)
})

test('a cookie is of no use to the page of another site', async () => {
  const mine = { Cookie: `headgate-${server.port}=${tokens.ops}` }
  await send('post /api/v1/commands', undefined, { kind: 'pace', speed: 1 })
    .set({ ...mine, Origin: 'http://evil.example' })
    .expect(403)
  await expect(connect(server.url, { extraHeaders: { ...mine, Origin: 'http://evil.example' } })).rejects.toThrow()
  await send('post /api/v1/session', undefined, { token: tokens.ops }).set('Origin', 'http://evil.example').expect(403)
})

test('an address with too many wrong tokens is told to wait; a right one passes all the same', async () => {
  let time = 0
  const attempts = { most: 3, withinMs: 60_000, now: () => time }
  const strict = await startTestServer({
    ready: false,
    prepare: async data => (tokens = { ...tokens, ...(await addTokens(data, { root: 'admin' })) }),
    plan: { attempts },
  })
  const guess = (token: string) => request(strict.url).get('/api/v1/fleet').set('Authorization', `Bearer ${token}`)
  for (let i = 0; i < 3; i++) await guess(`hg_${i}`).expect(401)
  time = 20_000
  const { body } = await guess('hg_4').expect(429).expect('Retry-After', '40')
  expect(body.error).toMatchObject({ field: 'token', expected: 'no more wrong tokens for 40 s' })
  await expect(connect(strict.url, { auth: { token: 'hg_5' } })).rejects.toThrow(/no more wrong tokens/)
  await guess(tokens.root).expect(200)
  time = 60_000
  await guess('hg_6').expect(401)
  await strict.stop()
})

test('on loopback without tokens one admin needs none, until there is one; the first is an admin’s', async () => {
  const local = await startTestServer({ ready: false })
  const { socket, hello } = await connect(local.url)
  open.push(socket)
  expect(hello.you).toMatchObject({ name: 'local', role: 'admin' })
  expect(await socket.emitWithAck('add-token', { name: 'eye', role: 'viewer' })).toMatchObject({
    error: { field: 'role', value: 'viewer', expected: expect.stringMatching(/^admin: the first/) },
  })
  const gone = new Promise(resolve => socket.once('disconnect', resolve))
  const { body } = await request(local.url).post('/api/v1/tokens').send({ name: 'boss', role: 'admin' }).expect(200)
  expect(await gone).toBe('io server disconnect')
  await request(local.url).get('/api/v1/fleet').expect(401)
  const boss = { Authorization: `Bearer ${body.token}` }
  // the last of all may go: then it is as it was
  await request(local.url).delete('/api/v1/tokens/boss').set(boss).expect(200)
  await request(local.url).get('/api/v1/fleet').expect(200)
  await local.stop()
})

test('an address that others reach needs a token before it listens, and keeps its last one', async () => {
  const everywhere = { host: '0.0.0.0' }
  await expect(startTestServer({ ready: false, plan: everywhere })).rejects.toThrow(/there is no token/)
  let root = ''
  const prepare = async (data: string) => ({ root } = await addTokens(data, { root: 'admin' }))
  const far = await startTestServer({ ready: false, prepare, plan: everywhere })
  const url = `http://127.0.0.1:${far.port}`
  await request(url).get('/api/v1/fleet').expect(401)
  // by whatever name it is known there
  const asked = () => request(url).get('/api/v1/fleet').set('Host', 'fleet.example:80')
  await asked().expect(401)
  await asked().set('Authorization', `Bearer ${root}`).expect(200)
  await asked().set('Host', 'fleet example').expect(403)
  const { body } = await request(url).delete('/api/v1/tokens/root').set('Authorization', `Bearer ${root}`).expect(400)
  expect(body.error.expected).toMatch(/^not the last token/)
  await far.stop()
})

test('a file of tokens that is none stops the start and is named', async () => {
  const prepare = async (data: string) => {
    await addTokens(data, { root: 'admin' })
    await writeFile(tokenFile(data), '{"version":1,"tokens":[{"name":"root"}]}')
  }
  await expect(startTestServer({ ready: false, prepare })).rejects.toThrow(/tokens\.json: tokens\[0\]\.role: expected/)
})
