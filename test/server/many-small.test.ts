import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import request from 'supertest'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Approvals, Command, CommandAnswer } from '../../server/protocol'
import { createHandClock, type HandClock } from '../support/clock'
import { startTestServer, until, type TestServer } from '../support/server'
import { addTokens } from '../support/tokens'

const people = { root: 'admin', lead: 'approver', ops: 'operator' } as const
const limits = { soft: 1000, hard: 5000, refuseMs: 0, now: () => performance.now() }
let data: string
let clock: HandClock
let server: TestServer
let tokens: Record<string, string>
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'headgate-small-'))
  tokens = await addTokens(data, people)
  clock = createHandClock()
  server = await startTestServer({ plan: { data, clock, limits } })
})
afterEach(async () => {
  await server.stop()
  await rm(data, { recursive: true })
})

const as = (name: string) => ({ Authorization: `Bearer ${tokens[name]}` })
async function send(name: string, command: object): Promise<CommandAnswer> {
  return (await request(server.url).post('/api/v1/commands').set(as(name)).send(command)).body
}
const get = async (path: string) => (await request(server.url).get(path).set(as('ops')).expect(200)).body

/** So much of chat from its first route to its second; of the whole fleet about a third of that. */
async function move(part: number): Promise<Extract<Command, { kind: 'routing' }>> {
  const { revision, routing } = await get('/api/v1/routing')
  const [first, second, ...others] = routing.chat
  const chat = [{ ...first, share: first.share - part }, { ...second, share: second.share + part }, ...others]
  return { kind: 'routing', baseRevision: revision, routing: { chat } }
}

/** What a command moves alone. */
async function radiusOf(name: string, command: object): Promise<number> {
  const answer = await send(name, { ...command, dryRun: true })
  if (!('radius' in answer)) throw new Error(JSON.stringify(answer))
  return answer.radius
}

const waits = (answer: CommandAnswer) => 'pending' in answer
const done = { ok: true, effectiveAt: expect.any(Number) }

/** The limit lies between one and two such changes. */
async function limitAround(command: object): Promise<void> {
  await send('root', { kind: 'approval-limit', above: 1.5 * (await radiusOf('root', command)) })
}

test('a window that an admin sets is that in which changes are summed; a limit alone leaves it', async () => {
  await limitAround(await move(0.05))
  const { above }: Approvals = await get('/api/v1/approvals')
  expect(await send('root', { kind: 'approval-limit', above, within: 3600 })).toMatchObject({ ok: true })
  expect(await get('/api/v1/approvals')).toMatchObject({ above, within: 3600 })
  expect(await send('ops', await move(0.05))).toMatchObject(done)
  clock.pass(3_500_000)
  expect(waits(await send('ops', await move(0.05)))).toBe(true)
  await send('root', { kind: 'approval-limit', above })
  expect(await get('/api/v1/approvals')).toMatchObject({ within: 3600 })
  clock.pass(101_000)
  expect(await send('ops', await move(0.05))).toMatchObject(done)
  for (const within of [0, 59, 86_401])
    expect(await send('root', { kind: 'approval-limit', above, within })).toMatchObject({ error: { field: 'within' } })
  const { entries } = await get('/api/v1/changes?text=3600')
  expect(entries).toEqual([])
  expect((await get('/api/v1/changes?text=within%2060%20min')).entries).toHaveLength(1)
})

test('changes of different kinds are one: a routing, a mirror, a drain', async () => {
  await limitAround(await move(0.05))
  const { revision } = await get('/api/v1/routing')
  expect(await send('ops', await move(0.05))).toMatchObject(done)
  const mirror = { kind: 'mirror', workload: 'chat', prefill: 'h200-chat', decode: 'h200-chat', part: 0.05 }
  expect(await send('ops', mirror)).toMatchObject({ pending: true })
  expect(await send('ops', { kind: 'drain', pool: 'h200-chat', replica: 0 })).toMatchObject({ pending: true })
  // the newest change may be taken back alone, and then it has to be asked for anew
  expect(await send('ops', { kind: 'roll-back', to: revision })).toMatchObject(done)
  expect(await send('ops', { kind: 'roll-back', to: revision + 1 })).toMatchObject({ pending: true })
  expect(await send('ops', await move(0.05))).toMatchObject({ pending: true })
})

test('a restart forgets nothing of it', async () => {
  await limitAround(await move(0.05))
  expect(await send('ops', await move(0.05))).toMatchObject(done)
  await server.stop()
  server = await startTestServer({ plan: { data, clock, limits } })
  await until(async () => (await get('/api/v1/routing')).revision === 2)
  expect(await send('ops', await move(0.05))).toMatchObject({ pending: true })
})

test('many tiny changes push none of the earlier ones out', async () => {
  await limitAround(await move(0.05))
  expect(await send('ops', await move(0.05))).toMatchObject(done)
  for (let i = 0; i < 30; i++) {
    clock.pass(100)
    expect(await send('ops', await move(i % 2 === 0 ? 1e-5 : -1e-5))).toMatchObject({ ok: true })
  }
  expect(await send('ops', await move(0.05))).toMatchObject({ pending: true })
})

test('a ramp counts while it waits for its time, as it goes, and as long after as any change', async () => {
  await limitAround(await move(0.05))
  const at = 1e6
  const ramp = { ...(await move(0.05)), kind: 'ramp', id: 'later', at }
  expect(await send('ops', ramp)).toMatchObject(done)
  // it has yet to move anything when the window is over
  clock.pass(3_600_000)
  const drain = { kind: 'drain', pool: 'h200-chat', replica: 0 }
  expect(await send('ops', drain)).toMatchObject({ pending: true })
  expect(await send('lead', await move(0.05))).toMatchObject(done)
  // what was overtaken before its first step moved nothing
  expect(await get('/api/v1/ramp')).toMatchObject({ plan: { id: 'later' }, ended: { how: 'overtaken' } })
  expect(waits(await send('ops', await move(0.05)))).toBe(false)

  clock.pass(700_000)
  const now = { ...(await move(0.05)), kind: 'ramp', id: 'now', steps: [{ share: 0.5, approval: true }, { share: 1 }] }
  expect(await send('ops', now)).toMatchObject(done)
  await until(async () => (await get('/api/v1/ramp')).step === 1)
  clock.pass(3_600_000)
  expect(await send('ops', drain)).toMatchObject({ pending: true })
  expect(await send('lead', { kind: 'approve-step', ramp: 'now' })).toMatchObject({ ok: true })
  await until(async () => (await get('/api/v1/ramp')).ended !== null)
  clock.pass(590_000)
  expect(await send('ops', await move(0.05))).toMatchObject({ pending: true })
  clock.pass(20_000)
  expect(await send('ops', await move(0.05))).toMatchObject(done)
})

test('the steps of a ramp are approved by somebody else than who began it', async () => {
  const steps = [{ share: 0.5, approval: true }, { share: 1 }]
  const ramp = { ...(await move(0.01)), kind: 'ramp', id: 'own', steps }
  expect(await send('lead', ramp)).toMatchObject(done)
  await until(async () => (await get('/api/v1/ramp')).step === 1)
  expect(await send('lead', { kind: 'approve-step', ramp: 'own' })).toMatchObject({
    ok: false,
    error: { field: 'ramp', value: 'own', expected: expect.stringContaining('a second person') },
  })
  expect(await send('root', { kind: 'approve-step', ramp: 'own' })).toMatchObject({ ok: true })
})

test('a new token of the same name is the same person', async () => {
  await limitAround(await move(0.05))
  expect(await send('ops', await move(0.05))).toMatchObject(done)
  const answer = await send('ops', { ...(await move(0.05)), id: 'second' })
  expect(waits(answer)).toBe(true)
  const admin = () => request(server.url)
  await admin().delete('/api/v1/tokens/ops').set(as('root')).expect(200)
  // now with a role that may approve
  const { body } = await admin().post('/api/v1/tokens').set(as('root')).send({ name: 'Ops', role: 'approver' })
  tokens.ops = body.token
  expect(await send('ops', await move(0.05))).toMatchObject({ pending: true })
  expect(await send('ops', { kind: 'approve', proposal: 'second' })).toMatchObject({ error: { field: 'proposal' } })
  expect(await send('lead', { kind: 'approve', proposal: 'second' })).toMatchObject({ ok: true })
})

test('nobody is called as what a ramp does by itself', async () => {
  for (const name of ['ramp', 'Guard']) {
    const asked = request(server.url).post('/api/v1/tokens').set(as('root')).send({ name, role: 'operator' })
    expect((await asked.expect(400)).body.error).toMatchObject({ field: 'name', value: name })
  }
})
