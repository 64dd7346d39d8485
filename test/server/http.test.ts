import request from 'supertest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../support/server'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

const ask = () => request(server.url)
const refusal = { field: expect.any(String), value: expect.anything(), expected: expect.any(String) }

test('the fleet tells what does not change while it runs', async () => {
  const { body } = await ask().get('/api/v1/fleet').expect(200)
  expect(body.workloads.map(({ id }: { id: string }) => id)).toEqual(['chat', 'code'])
})

test('it is healthy, and ready once warmed up', async () => {
  await ask().get('/healthz').expect(200)
  await ask().get('/readyz').expect(200, { ready: true })
})

test('it is not ready while it warms up', async () => {
  const young = await startTestServer({ ready: false })
  await request(young.url).get('/readyz').expect(503, { ready: false })
  await request(young.url).get('/healthz').expect(200)
  await young.stop()
})

test.each([
  ['a path that is not there', () => ask().get('/api/v1/nothing'), 404, 'path'],
  ['a page that is not there', () => ask().get('/nothing'), 404, 'path'],
  ['a path out of the folder', () => ask().get('/..%2f..%2fpackage.json'), 404, 'path'],
  ['a method that the path has not', () => ask().delete('/api/v1/routing'), 405, 'method'],
  ['a write to the fleet', () => ask().post('/api/v1/fleet').send({}), 405, 'method'],
  [
    'malformed JSON',
    () => ask().put('/api/v1/routing').set('Content-Type', 'application/json').send('{"revision":'),
    400,
    'body',
  ],
  [
    'JSON that is no object',
    () => ask().put('/api/v1/routing').set('Content-Type', 'application/json').send('7'),
    400,
    'body',
  ],
  ...['routing', 'reason', 'kind', 'more'].map((field): [string, () => request.Test, number, string] => [
    `${field} nested 30,000 deep`,
    () =>
      ask()
        .post('/api/v1/commands')
        .set('Content-Type', 'application/json')
        .send(
          `{"kind":"routing","baseRevision":1,"routing":{"chat":[]},"${field}":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
        ),
    400,
    field,
  ]),
  [
    'a body that is not packed as it says',
    () => ask().put('/api/v1/routing').set('Content-Encoding', 'gzip').send({ revision: 1 }),
    400,
    'body',
  ],
  [
    'a body over 64 KiB',
    () =>
      ask()
        .put('/api/v1/routing')
        .send({ reason: 'a'.repeat(70_000) }),
    413,
    'body',
  ],
  ['a form', () => ask().put('/api/v1/routing').type('form').send('revision=1'), 415, 'content-type'],
  ['plain text', () => ask().post('/api/v1/commands').type('text/plain').send('{}'), 415, 'content-type'],
  [
    'a write from another site',
    () => ask().put('/api/v1/routing').set('Origin', 'http://evil.example').send({}),
    403,
    'origin',
  ],
  [
    'a write from a page without origin',
    () => ask().put('/api/v1/routing').set('Origin', 'null').send({}),
    403,
    'origin',
  ],
  [
    'a write across sites',
    () => ask().post('/api/v1/commands').set('Sec-Fetch-Site', 'cross-site').send({}),
    403,
    'sec-fetch-site',
  ],
  ['the name of another site', () => ask().get('/api/v1/routing').set('Host', 'evil.example'), 403, 'host'],
  ['another port', () => ask().get('/').set('Host', '127.0.0.1:1'), 403, 'host'],
])('%s is refused by naming field, value and what was expected', async (_, send, status, field) => {
  const response = await send().expect(status).expect('Content-Type', /json/)
  expect(response.body).toMatchObject({ error: { ...refusal, field } })
  expect(Object.keys(response.body.error)).toEqual(['field', 'value', 'expected'])
})

test('a path that is not there is named whole', async () => {
  const { body } = await ask().get('/api/v1/nothing').expect(404)
  expect(body.error.value).toBe('/api/v1/nothing')
})

test('more commands at once than can wait are refused for now, and the rest carried out', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => ask().post('/api/v1/commands').send({ kind: 'pace', speed: 1 })),
  )
  const late = answers.filter(({ status }) => status !== 200)
  expect(late.length).toBeGreaterThan(0)
  expect(late.length).toBeLessThan(40)
  for (const { status, body } of late) expect([status, body.error.field]).toEqual([503, 'queue'])
})

test('a write from its own page is taken', async () => {
  const { body: now } = await ask().get('/api/v1/routing')
  await ask()
    .put('/api/v1/routing')
    .set('Origin', server.url)
    .set('Sec-Fetch-Site', 'same-origin')
    .send(now)
    .expect(200)
})

test('pages come under a strict content security policy', async () => {
  for (const path of ['/', '/route']) {
    const { headers, text } = await ask().get(path).expect(200).expect('Content-Type', /html/)
    expect(text).toContain('<title>Headgate</title>')
    expect(headers['cache-control']).toBe('no-cache')
    const policy = new Map(
      String(headers['content-security-policy'])
        .split(';')
        .map(directive => [directive.split(' ')[0], directive.split(' ').slice(1).join(' ')]),
    )
    expect(policy.get('default-src')).toBe(`'none'`)
    expect(policy.get('script-src')).toBe(`'self'`)
    expect(policy.get('style-src')).toBe(`'self'`)
    expect(policy.get('style-src-attr')).toBe(`'unsafe-inline'`)
    expect(policy.get('connect-src')).toBe(`'self' ws://127.0.0.1:${server.port}`)
    expect(policy.get('frame-ancestors')).toBe(`'none'`)
    expect(headers['content-security-policy']).not.toContain('unsafe-eval')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['x-powered-by']).toBeUndefined()
  }
})

test('what carries a hash in its name may be kept for good', async () => {
  await ask().get('/assets/index-1a2b3c.js').expect(200).expect('Cache-Control', 'public, max-age=31536000, immutable')
  await ask().get('/assets/gone.js').expect(404)
})
