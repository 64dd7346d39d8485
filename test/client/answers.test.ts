import request from 'supertest'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { connect, type Connection, type Listener } from '../../client/socket'
import type { AuditEntry } from '../../server/protocol'
import { openDeafProxy, type DeafProxy } from '../support/deaf-proxy'
import { startTestServer, until, type TestServer } from '../support/server'

let server: TestServer
let proxy: DeafProxy
let connection: Connection | null = null
beforeAll(async () => void (server = await startTestServer()))
afterAll(() => server.stop())
beforeEach(async () => void (proxy = await openDeafProxy(server.port)))
afterEach(async () => {
  connection?.close()
  await proxy.close()
})

/** A page that came in. */
async function open(patienceMs?: number): Promise<Connection> {
  let greeted = false
  const deaf = new Proxy({} as Listener, {
    get: (_, name) => () => void (greeted ||= name === 'hello'),
  })
  const opened = (connection = connect(deaf, { url: proxy.url, patienceMs }))
  await until(() => greeted)
  return opened
}

const carriedOut = async (reason: string): Promise<AuditEntry[]> =>
  (await request(server.url).get(`/api/v1/changes?text=${reason}`).expect(200)).body.entries

test('an answer that is lost with the connection is had with the next one, and the command was carried out once', async () => {
  const page = await open()
  proxy.swallow()
  const answer = page.command({ kind: 'drain', pool: 'b200-chat', replica: 0, reason: 'lost-once' })
  await until(async () => (await carriedOut('lost-once')).length > 0)
  proxy.cut()
  const [entry] = await carriedOut('lost-once')
  expect(await answer).toMatchObject({ ok: true, id: entry?.id, effectiveAt: entry?.time })
  expect(await carriedOut('lost-once')).toHaveLength(1)
})

test('of what was sent and never answered it says that it may have been carried out; of what was not sent, that it was not', async () => {
  const page = await open(100)
  proxy.swallow()
  const answer = page.command({ kind: 'resume', pool: 'b200-chat', replica: 0, reason: 'lost-for-good' })
  await until(async () => (await carriedOut('lost-for-good')).length > 0)
  await proxy.close()
  expect(await answer).toMatchObject({
    ok: false,
    error: { field: 'answer', expected: expect.stringContaining('Changes') },
  })
  expect(await page.command({ kind: 'pace', speed: 2 })).toMatchObject({ ok: false, error: { field: 'connection' } })
})
