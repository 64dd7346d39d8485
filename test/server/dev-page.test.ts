import { fileURLToPath } from 'node:url'
import request from 'supertest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokenFile } from '../../server/access/token-file'
import { devPage } from '../../server/http/dev-page'
import { startTestServer, type TestServer } from '../support/server'
import { addTokens } from '../support/tokens'

const root = fileURLToPath(new URL('../..', import.meta.url))
let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    ready: false,
    prepare: data => addTokens(data, { root: 'admin' }),
    plan: { dev: true, page: devPage },
  })
})
afterAll(() => server.stop())

const ask = (path: string) => request(server.url).get(path)

test('the page is served from its sources, and what it is made of', async () => {
  expect((await ask('/route').set('Accept', 'text/html').expect(200)).text).toContain('main.ts')
  await ask('/main.ts').expect(200)
  await ask(`/@fs${root}simulation/index.ts`).expect(200)
  await ask('/api/v1/fleet').expect(401)
})

test.each(['', '?raw', '?import', '?import&raw', '?url'])(
  'nothing beside those sources is, without a token: as %j',
  async query => {
    for (const file of [tokenFile(server.data), `${root}package.json`, `${root}server/main.ts`]) {
      const { status, text } = await ask(`/@fs${file}${query}`)
      expect([status, text], file).toEqual([403, expect.stringContaining('Restricted')])
    }
  },
)
