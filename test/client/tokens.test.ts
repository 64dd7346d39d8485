// @vitest-environment happy-dom
import request from 'supertest'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createApp, type App } from 'vue'
import TokenSheet from '../../client/panels/TokenSheet.vue'
import { startTestServer, type TestServer } from '../support/server'
import { addTokens } from '../support/tokens'

let server: TestServer
let admin: string
let page: App

beforeAll(async () => {
  server = await startTestServer({
    // the fetch of a page asks no other server
    ready: false,
    prepare: async data => {
      admin = (await addTokens(data, { ada: 'admin', omar: 'operator' } as const)).ada
    },
  })
})
afterAll(() => server.stop())

beforeEach(() => {
  vi.stubGlobal(
    'fetch',
    async (path: string, { method, body }: { method: 'GET' | 'POST' | 'DELETE'; body?: string }) => {
      const name = method.toLowerCase() as 'get' | 'post' | 'delete'
      const asked = request(server.url)[name](path).set('Authorization', `Bearer ${admin}`)
      const answer = await (body ? asked.set('Content-Type', 'application/json').send(body) : asked)
      return Response.json(answer.body, { status: answer.status })
    },
  )
  document.body.innerHTML = '<main></main>'
  page = createApp(TokenSheet)
  page.mount('main')
})
afterEach(() => {
  page.unmount()
  vi.unstubAllGlobals()
})

const lets = async (token: string) =>
  (await request(server.url).get('/api/v1/routing').set('Authorization', `Bearer ${token}`)).status === 200

test('an admin gives a token, which is shown this once and lets in, and revokes it, which puts out', async () => {
  await expect.poll(() => document.body.textContent).toContain('omar')
  const field = document.querySelector('input') ?? expect.fail()
  field.value = 'lena'
  field.dispatchEvent(new Event('input'))
  await expect.poll(() => button('Add a token').disabled).toBe(false)
  document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
  await expect.poll(() => document.querySelector('code')?.textContent ?? '').not.toBe('')
  const token = document.querySelector('code')?.textContent ?? ''
  expect(await lets(token)).toBe(true)

  button('Revoke lena').click()
  await expect.poll(() => document.body.textContent).toContain('Really revoke')
  expect(await lets(token)).toBe(true)
  button('Really revoke lena').click()
  await expect.poll(() => document.body.textContent).toContain('Revoked: lena')
  expect(await lets(token)).toBe(false)
  expect(document.querySelector('code')).toBeNull()
})

test('what the server refuses is said', async () => {
  await expect.poll(() => document.body.textContent).toContain('ada')
  button('Revoke ada').click()
  await expect.poll(() => document.body.textContent).toContain('Really revoke')
  button('Really revoke ada').click()
  await expect.poll(() => document.querySelector('[role=alert]')?.textContent).toMatch(/^Not done: name ada: expected/)
})

function button(name: string): HTMLButtonElement {
  const named = [...document.querySelectorAll('button')].find(
    element => (element.getAttribute('aria-label') ?? element.textContent?.trim()) === name,
  )
  return named ?? expect.fail(`no button named ${name}`)
}
