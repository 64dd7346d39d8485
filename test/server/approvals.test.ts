import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import request from 'supertest'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { answerSchema } from '../../server/control/answer'
import type { Approvals, Command, CommandAnswer } from '../../server/protocol'
import type { Routing } from '../../simulation/index'
import { createHandClock } from '../support/clock'
import { connect, next, smallFleet, startTestServer, type TestServer, type TestSocket } from '../support/server'
import { addTokens } from '../support/tokens'

const people = { root: 'admin', lead: 'approver', ops: 'operator', eye: 'viewer' } as const
type Name = keyof typeof people
const clock = createHandClock()
const limits = { soft: 1000, hard: 5000, refuseMs: 0, now: () => performance.now() }
let data: string
let server: TestServer
let tokens: Record<Name, string>
let sockets: Record<Name, TestSocket>
beforeAll(async () => {
  data = await mkdtemp(joinPath(tmpdir(), 'headgate-approvals-'))
  tokens = await addTokens(data, people)
  await start()
})
afterEach(async () => {
  // as it was, and no great change is the one before the newest
  for (const { id } of (await approvals()).waiting) await send('root', { kind: 'decline', proposal: id })
  await send('root', { kind: 'approval-limit', above: null })
  const { revision } = await routing()
  await send('root', { kind: 'routing', baseRevision: revision, routing: smallFleet().routing })
  await send('root', await small())
  await send('root', { kind: 'approval-limit', above: 0.1 })
})
afterAll(async () => {
  await server.stop()
  await rm(data, { recursive: true, force: true })
})

async function start() {
  server = await startTestServer({ plan: { data, clock, limits } })
  const names = Object.keys(people) as Name[]
  const joined = await Promise.all(names.map(name => connect(server.url, { auth: { token: tokens[name] } })))
  sockets = Object.fromEntries(names.map((name, index) => [name, joined[index]?.socket])) as typeof sockets
}

async function send(name: Name, command: Command): Promise<CommandAnswer> {
  const answer = await sockets[name].emitWithAck('command', command)
  answerSchema.parse(answer)
  return answer
}

const rest = (path: string) => request(server.url).get(path).set('Authorization', `Bearer ${tokens.eye}`)
const approvals = async (): Promise<Approvals> => (await rest('/api/v1/approvals').expect(200)).body
const routing = async () => (await rest('/api/v1/routing').expect(200)).body
const all = (workload: string, pool: string): Routing => ({ [workload]: [{ prefill: pool, decode: pool, share: 1 }] })

/** All of chat to one pool: a third of the fleet's traffic or so. */
async function great(more: object = {}): Promise<Command> {
  const { revision } = await routing()
  return { kind: 'routing', baseRevision: revision, routing: all('chat', 'b200-chat'), ...more }
}

/** A part of chat: a few per cent. */
async function small(): Promise<Command> {
  const { revision, routing: now } = await routing()
  const [first, second, ...others] = now.chat
  const chat = [{ ...first, share: first.share - 0.1 }, { ...second, share: second.share + 0.1 }, ...others]
  return { kind: 'routing', baseRevision: revision, routing: { chat } }
}

async function propose(name: Name, more: object = {}): Promise<string> {
  const answer = await send(name, await great(more))
  if (!('pending' in answer)) throw new Error(`not pending: ${JSON.stringify(answer)}`)
  return answer.id
}

test('a small change takes effect at once, a great one waits, changes nothing, and everyone is told', async () => {
  expect(await send('ops', await small())).toMatchObject({ ok: true, effectiveAt: expect.any(Number) })
  const before = await routing()
  const told = next(sockets.eye, 'approvals')
  const answer = await send('ops', await great({ reason: 'B200 is cheaper' }))
  expect(answer).toEqual({
    ok: true,
    pending: true,
    id: expect.any(String),
    revision: before.revision,
    radius: expect.any(Number),
    above: 0.1,
    expires: new Date(clock.date() + 3_600_000).toISOString(),
  })
  expect('radius' in answer && answer.radius).toBeGreaterThan(0.2)
  expect(await told).toEqual({
    above: 0.1,
    within: 600,
    waiting: [
      {
        id: 'id' in answer && answer.id,
        by: 'ops',
        at: new Date(clock.date()).toISOString(),
        kind: 'routing',
        summary: expect.stringMatching(/^Chat: .*Blackwell .* → 100 %/),
        reason: 'B200 is cheaper',
        base: before.revision,
        radius: 'radius' in answer && answer.radius,
        expires: 'expires' in answer && answer.expires,
      },
    ],
  })
  expect(await routing()).toEqual(before)
})

test('a second person approves it, and it is in force as the change of who proposed it', async () => {
  const { revision } = await routing()
  const id = await propose('ops', { id: 'mine', reason: 'B200 is cheaper' })
  const told = next(sockets.eye, 'routing')
  expect(await send('lead', { kind: 'approve', proposal: id })).toMatchObject({ ok: true, revision: revision + 1 })
  expect(await told).toMatchObject({
    revision: revision + 1,
    routing: all('chat', 'b200-chat'),
    change: { by: 'ops', approvedBy: 'lead', reason: 'B200 is cheaper' },
  })
  expect((await approvals()).waiting).toEqual([])
  const { entries } = (await rest('/api/v1/changes?limit=2').expect(200)).body
  expect(entries).toMatchObject([
    { kind: 'approve', by: 'lead', revision: revision + 1, summary: expect.stringMatching(/^approves ops: Chat: /) },
    { kind: 'routing', by: 'ops', routes: [], summary: expect.stringMatching(/^waits for approval: Chat: /) },
  ])
  // its sender asks again under the same key
  const again = await send('ops', {
    ...(await great({ id: 'mine', reason: 'B200 is cheaper' })),
    baseRevision: revision,
  })
  expect(again).toMatchObject({ ok: true, id: 'mine', revision: revision + 1, effectiveAt: expect.any(Number) })
  expect(await send('root', { kind: 'approve', proposal: id })).toMatchObject({
    error: { field: 'proposal', expected: expect.stringMatching(/approved by lead$/) },
  })
})

test('nobody approves what is their own, whatever the role', async () => {
  for (const name of ['ops', 'lead', 'root'] as const) {
    const before = await routing()
    const id = await propose(name)
    const own = { ok: false, error: { field: name === 'ops' ? 'role' : 'proposal' } }
    expect(await send(name, { kind: 'approve', proposal: id })).toMatchObject(own)
    expect(await send(name, { kind: 'approve', proposal: id, dryRun: true })).toMatchObject(own)
    expect(await routing()).toEqual(before)
    // but may withdraw it
    expect(await send(name, { kind: 'decline', proposal: id })).toMatchObject({ ok: true, revision: before.revision })
    expect((await approvals()).waiting).toEqual([])
  }
})

test('a declined change never takes effect, and its sender is told who declined it', async () => {
  const before = await routing()
  const command = await great({ id: 'bold' })
  await send('ops', command)
  expect(await send('eye', { kind: 'decline', proposal: 'bold' })).toMatchObject({ error: { field: 'role' } })
  expect(await send('lead', { kind: 'decline', proposal: 'bold', reason: 'not today' })).toMatchObject({ ok: true })
  expect(await send('ops', command)).toMatchObject({
    ok: false,
    error: { field: 'id', value: 'bold', expected: expect.stringMatching(/declined by lead$/) },
  })
  expect(await send('root', { kind: 'approve', proposal: 'bold' })).toMatchObject({ error: { field: 'proposal' } })
  // an operator declines only what is his own
  const id = await propose('lead')
  expect(await send('ops', { kind: 'decline', proposal: id })).toMatchObject({
    error: { field: 'role', value: 'operator', expected: 'approver or admin' },
  })
  expect(await routing()).toEqual(before)
})

test('a proposal is void when another change takes effect first', async () => {
  const id = await propose('ops')
  const gone = next(sockets.eye, 'approvals', ({ waiting }) => waiting.length === 0)
  await send('lead', await small())
  await gone
  const { revision } = await routing()
  const answer = await send('root', { kind: 'approve', proposal: id })
  expect(answer).toMatchObject({ ok: false, conflict: true, current: { revision }, base: { revision: revision - 1 } })
  expect('merge' in answer && answer.merge?.routing.chat).toBeDefined()
  expect((await routing()).revision).toBe(revision)
})

test('a proposal expires after an hour', async () => {
  const id = await propose('ops')
  clock.pass(3_599_000)
  expect((await approvals()).waiting).toHaveLength(1)
  const gone = next(sockets.eye, 'approvals')
  clock.pass(1000)
  expect((await gone).waiting).toEqual([])
  expect(await send('lead', { kind: 'approve', proposal: id })).toMatchObject({
    error: { field: 'proposal', expected: expect.stringContaining('this one expired') },
  })
})

test('an admin says what waits; nobody else does', async () => {
  for (const name of ['ops', 'lead'] as const)
    expect(await send(name, { kind: 'approval-limit', above: null })).toMatchObject({ error: { field: 'role' } })
  const told = next(sockets.eye, 'approvals')
  expect(await send('root', { kind: 'approval-limit', above: 0.01 })).toMatchObject({ ok: true })
  expect((await told).above).toBe(0.01)
  expect(await send('ops', await small())).toMatchObject({ pending: true, above: 0.01 })
  await send('root', { kind: 'approval-limit', above: null })
  expect(await send('ops', await great())).toMatchObject({ ok: true, effectiveAt: expect.any(Number) })
  expect(await send('root', { kind: 'approval-limit', above: 1.5 })).toMatchObject({ error: { field: 'above' } })
})

test('many small changes of one person are one great one, whatever token they come by; ten minutes later they are not', async () => {
  // what was done before this test is long over
  clock.pass(11 * 60_000)
  const before = await routing()
  let sent = 0
  for (;;) {
    const answer = await send('ops', await small())
    if (!('pending' in answer)) {
      sent++
      expect(sent).toBeLessThan(10)
      continue
    }
    expect(answer.radius).toBeGreaterThan(0.1)
    break
  }
  expect(sent).toBeGreaterThan(0)
  expect((await routing()).revision).toBe(before.revision + sent)
  // somebody else has moved nothing yet
  const other = await send('lead', await small())
  expect(other).not.toHaveProperty('pending')
  clock.pass(11 * 60_000)
  expect(await send('ops', await small())).not.toHaveProperty('pending')
})

test('bringing back what was before the newest change does not wait; going back further does', async () => {
  const { revision } = await routing()
  await send('lead', { kind: 'approve', proposal: await propose('ops') })
  // two changes that are undone by one key each
  const undo: Command = { kind: 'roll-back', to: revision }
  expect(await send('ops', undo)).toMatchObject({ ok: true, revision: revision + 2 })
  await send('ops', await small())
  expect(await send('ops', { kind: 'roll-back', to: revision + 1 })).toMatchObject({ pending: true })
})

test('what was approved and then taken back does not come again without a second person', async () => {
  const { revision } = await routing()
  await send('lead', { kind: 'approve', proposal: await propose('ops') })
  expect(await send('lead', { kind: 'roll-back', to: revision })).toMatchObject({ ok: true, revision: revision + 2 })
  expect(await send('ops', { kind: 'roll-back', to: revision + 1 })).toMatchObject({ pending: true })
  expect(await send('ops', await great())).toMatchObject({ pending: true })
  expect((await routing()).revision).toBe(revision + 2)
})

test('a drain of what carries much waits too, and a dry run says so', async () => {
  const drain: Command = { kind: 'drain', pool: 'b200-code' }
  const whole = await send('ops', { ...drain, dryRun: true })
  expect(whole).toMatchObject({ dryRun: true, waits: true })
  const half = await send('ops', { ...drain, replica: 0, dryRun: true })
  if (!('radius' in whole && 'radius' in half)) throw new Error('no radius')
  expect(whole.radius).toBeGreaterThan(0.1)
  expect(half.radius).toBeCloseTo(whole.radius / 2, 1)
  const answer = await send('ops', drain)
  if (!('pending' in answer)) throw new Error('it does not wait')
  expect((await approvals()).waiting[0]).toMatchObject({ kind: 'drain', summary: 'drain b200-code' })
  expect(await send('lead', { kind: 'approve', proposal: answer.id })).toMatchObject({ ok: true })
  expect(await send('root', { kind: 'resume', pool: 'b200-code' })).toMatchObject({ ok: true })
})

test('what is not possible is refused, and does not wait', async () => {
  const { revision } = await routing()
  const nowhere: Command = { kind: 'routing', baseRevision: revision, routing: all('chat', 'nowhere') }
  expect(await send('ops', nowhere)).toMatchObject({ ok: false, error: { field: 'routing.chat[0].prefill' } })
  expect(await send('ops', { kind: 'drain', pool: 'nowhere' })).toMatchObject({ ok: false })
  expect(await send('lead', { kind: 'approve', proposal: 'none' })).toMatchObject({ error: { field: 'proposal' } })
  expect((await approvals()).waiting).toEqual([])
})

test('by REST it is the same: 202, and then approved', async () => {
  const as = (name: Name, body: object) =>
    request(server.url).post('/api/v1/commands').set('Authorization', `Bearer ${tokens[name]}`).send(body)
  const { body } = await as('ops', await great()).expect(202)
  expect(body).toMatchObject({ ok: true, pending: true })
  await as('ops', { kind: 'approve', proposal: body.id }).expect(403)
  await as('lead', { kind: 'approve', proposal: body.id }).expect(200)
  const { revision } = await routing()
  const short = { revision, routing: all('chat', 'h200-chat') }
  const asked = request(server.url).put('/api/v1/routing').set('Authorization', `Bearer ${tokens.ops}`).send(short)
  expect((await asked.expect(202)).body).toMatchObject({ pending: true })
})

test('no more than fifty wait', async () => {
  const command = await great()
  for (let i = 0; i < 50; i++)
    expect(await send('ops', { ...command, id: `${i}-of-50` })).toMatchObject({ pending: true })
  expect(await send('ops', command)).toMatchObject({
    error: { field: 'proposals', expected: 'fewer than 50 that wait' },
  })
})

test('proposals, verdicts and the limit are there again after a restart', async () => {
  await send('root', { kind: 'approval-limit', above: 0.2 })
  const id = await propose('ops', { reason: 'after the restart' })
  await propose('lead', { id: 'declined' })
  await send('root', { kind: 'decline', proposal: 'declined' })
  const before = await approvals()
  await server.stop()
  await start()
  expect(await approvals()).toEqual(before)
  const { revision } = await routing()
  expect(await send('ops', { kind: 'approve', proposal: id })).toMatchObject({ error: { field: 'role' } })
  expect(await send('lead', { kind: 'approve', proposal: id })).toMatchObject({ ok: true, revision: revision + 1 })
  await server.stop()
  await start()
  expect((await routing()).routing.chat).toEqual(all('chat', 'b200-chat').chat)
  expect((await approvals()).waiting).toEqual([])
})

test('without tokens nothing waits, and nothing can be made to: there is nobody to ask', async () => {
  const local = await startTestServer()
  const { socket, hello } = await connect(local.url)
  expect(hello.approvals).toEqual({ above: null, within: 600, waiting: [] })
  const command: Command = { kind: 'routing', baseRevision: 1, routing: all('chat', 'b200-chat') }
  expect(await socket.emitWithAck('command', command)).toMatchObject({ ok: true, revision: 2 })
  expect(await socket.emitWithAck('command', { kind: 'approval-limit', above: 0.1 })).toMatchObject({
    error: { field: 'above', value: 0.1 },
  })
  socket.disconnect()
  await local.stop()
})

test('a ramp that ends far away waits as well; approved, it goes in the name of who sent it, and asks no more', async () => {
  const { revision } = await routing()
  const steps = [{ share: 0.5, approval: true as const }, { share: 1 }]
  const wanted = { kind: 'ramp', id: 'far', baseRevision: revision, routing: all('chat', 'h200-chat') } as const
  expect(await send('ops', { ...wanted, steps, guards: [] })).toMatchObject({ ok: true, pending: true })
  expect((await rest('/api/v1/ramp')).body?.plan.id).not.toBe('far')
  const half = next(sockets.eye, 'ramp', ({ plan, step }) => plan.id === 'far' && step === 1)
  expect(await send('lead', { kind: 'approve', proposal: 'far' })).toMatchObject({ ok: true })
  expect(await half).toMatchObject({ plan: { by: 'ops' }, ended: null })
  // approval of a step is for approvers
  expect(await send('ops', { kind: 'approve-step', ramp: 'far' })).toMatchObject({
    ok: false,
    error: { field: 'role' },
  })
  const done = next(sockets.eye, 'ramp', ({ ended }) => ended !== null)
  expect(await send('lead', { kind: 'approve-step', ramp: 'far' })).toMatchObject({ ok: true })
  expect(await done).toMatchObject({ ended: { how: 'done' } })
  expect((await routing()).routing.chat).toEqual(all('chat', 'h200-chat').chat)
})
