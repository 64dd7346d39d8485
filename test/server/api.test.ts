import request from 'supertest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Access } from '../../server/access/access'
import { routesOf } from '../../server/access/listed'
import { createApp } from '../../server/http/app'
import type { ApiDocument } from '../../server/http/document'
import type { Board } from '../../server/live/board'
import { connect, startTestServer, type TestServer, type TestSocket } from '../support/server'

let server: TestServer
let document: ApiDocument
beforeAll(async () => {
  server = await startTestServer()
  document = (await request(server.url).get('/api/openapi.json').expect(200)).body
})
afterAll(() => server.stop())

const documented = () =>
  Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map(method => `${method} ${path}`))

test('every documented route is there', async () => {
  expect(documented()).toContain('post /api/v1/commands')
  for (const route of documented()) {
    const [method, path = ''] = route.split(' ')
    const url = path.replace('{revision}', '1').replace('{pool}', 'b200-chat')
    const response = method === 'get' ? await request(server.url).get(url) : await request(server.url).put(url).send({})
    expect(response.status, route).not.toBe(404)
    if (method === 'get')
      expect(Object.keys(document.paths[path]?.get?.responses ?? {})).toContain(`${response.status}`)
  }
})

test('every route that is there is documented', () => {
  const access = { open: () => true } as Access
  const app = createApp({ control: {}, counts: {} } as Board, {
    dev: false,
    access,
    page: (_, __, next) => next(),
    onFailure: () => {},
  })
  expect(routesOf(app.router).sort()).toEqual(documented().sort())
})

test('every event that is taken or sent is documented', async () => {
  const { client, server: sent } = document['x-socket-events']
  const { socket } = await connect(server.url)
  const heard = new Set(['hello'])
  socket.onAny(event => heard.add(String(event)))
  const unknown = await Reflect.apply<TestSocket, unknown[], Promise<{ error: { expected: string } }>>(
    socket.emitWithAck as never,
    socket,
    ['no such event', {}],
  )
  expect(unknown.error.expected).toBe(`one of ${Object.keys(client).join(', ')}`)
  await socket.emitWithAck('command', { kind: 'pace', speed: 2 })
  await socket.emitWithAck('command', { kind: 'roll-back', to: 1 })
  await expect.poll(() => [...heard]).toContain('frame')
  expect(Object.keys(sent)).toEqual(expect.arrayContaining([...heard]))
  socket.disconnect()
})

test('the command of the document is the one that is taken, kind by kind', async () => {
  const body = document.paths['/api/v1/commands']?.post?.requestBody?.content['application/json']?.schema
  const kinds = body?.oneOf?.map(option => option.properties?.kind) ?? []
  const { body: answer } = await request(server.url).post('/api/v1/commands').send({ kind: 'fire' }).expect(400)
  expect(answer.error.expected).toBe(
    `one of ${kinds.map(kind => (typeof kind === 'object' ? String(kind.const) : '')).join(', ')}`,
  )
})

test('people read it as a page, under the content security policy of all pages', async () => {
  const { text, headers } = await request(server.url).get('/api').expect(200).expect('Content-Type', /html/)
  for (const route of documented()) {
    const [method = '', path = ''] = route.split(' ')
    expect(text).toContain(`<h3>${method.toUpperCase()} ${path}</h3>`)
  }
  expect(text).not.toMatch(/<style|<script|style=|https?:/)
  expect(headers['content-security-policy']).toContain(`style-src 'self'`)
  await request(server.url).get('/api/style.css').expect(200).expect('Content-Type', /css/)
})
