import request from 'supertest'
import { expect, test } from 'vitest'
import { localAdmin } from '../../server/control/actor'
import { createBook } from '../../server/control/book'
import { createControl } from '../../server/control/control'
import { journalOf } from '../support/journal'
import { smallFleet, startTestServer } from '../support/server'
import { noApprovals } from '../support/approvals'

test('the journal holds the run and every accepted command when it is acknowledged, and no refused one', async () => {
  const server = await startTestServer({ seed: 11, speed: 2 })
  const send = (body: object) => request(server.url).post('/api/v1/commands').send(body)
  const chat = [{ prefill: 'h200-chat', decode: 'h200-chat', share: 1 }]
  expect(await journalOf(server.data)).toEqual([
    expect.objectContaining({ kind: 'run', seed: 11, speed: 2, scenario: 'small', trace: null }),
  ])
  await send({ kind: 'routing', baseRevision: 1, routing: { chat: [] } }).expect(400)
  const change = { kind: 'routing', baseRevision: 1, routing: { chat } }
  const { body } = await send({ ...change, reason: 'cheaper', id: 'a-1' }).expect(200)
  await send(change).expect(409)
  await send({ kind: 'pace', speed: 30, paused: true }).expect(200)
  const [, routing, pace, ...more] = await journalOf(server.data)
  expect(routing).toMatchObject({
    kind: 'command',
    id: 'a-1',
    actor: { name: 'local', role: 'admin' },
    command: { ...change, reason: 'cheaper' },
    time: body.effectiveAt,
    revision: 2,
    effect: { kind: 'routing', routing: { chat }, revision: 2 },
  })
  expect(routing).toHaveProperty('via', expect.stringMatching(/^rest .*127\.0\.0\.1$/))
  expect(pace).toMatchObject({ kind: 'command', effect: { kind: 'pace', speed: 30, paused: true }, revision: 2 })
  expect(more).toEqual([])
  await server.stop()
})

interface Desk {
  append: (line: object) => Promise<void>
  commit: () => Promise<boolean>
}

/** A control whose disk or run does what the test says. */
function desk({ append = async () => {}, commit = async () => true }: Partial<Desk>) {
  const lines: object[] = []
  const told: unknown[] = []
  let held = 0
  const fleet = smallFleet()
  const reserve = async () => {
    held++
    return {
      sequence: 29,
      time: 7.25,
      refusal: null,
      due: null,
      diversion: null,
      commit: async () => (held--, commit()),
      release: () => void held--,
    }
  }
  const control = createControl({
    fleet,
    book: createBook(fleet, 1),
    ...noApprovals,
    thread: { reserve, reserveOwn: reserve },
    back: Promise.resolve(),
    journal: { append: async line => (await append(line), lines.push(line)), takeBack: async () => void lines.pop() },
    entered: () => {},
    changed: state => told.push(state),
    paced: pace => told.push(pace),
  })
  return { control, lines, told, held: () => held }
}

const from = (name: string) => ({ actor: { ...localAdmin, name }, via: 'test' })
const change = (revision = 1) => ({
  kind: 'routing',
  baseRevision: revision,
  routing: { chat: [{ prefill: 'h200-chat', decode: 'h200-chat', share: 1 }] },
})

test('a disk that fails refuses the command with its cause, and the run goes on as it was', async () => {
  const { control, told, held } = desk({
    append: () => Promise.reject(new Error('ENOSPC: no space left on device, write')),
  })
  expect(await control.submit(change(), from('test'))).toEqual({
    ok: false,
    error: { field: 'journal', value: 'ENOSPC: no space left on device, write', expected: expect.any(String) },
  })
  expect(control.routing().revision).toBe(1)
  expect(told).toEqual([])
  expect(held()).toBe(0)
})

test('a command that the run did not wait for is refused, and not in the journal', async () => {
  const { control, lines, told } = desk({ commit: async () => false })
  expect(await control.submit(change(), from('test'))).toMatchObject({ ok: false, error: { field: 'journal' } })
  expect(lines).toEqual([])
  expect(control.routing().revision).toBe(1)
  expect(told).toEqual([])
})

test('commands are carried out one after the other', async () => {
  const { control, lines } = desk({})
  const answers = await Promise.all([
    control.submit(change(), from('a')),
    control.submit({ kind: 'pace', speed: 5 }, from('b')),
    control.submit(change(), from('c')),
  ])
  expect(answers).toMatchObject([
    { ok: true, revision: 2 },
    { ok: true, revision: 2 },
    { ok: false, conflict: true },
  ])
  expect(lines).toMatchObject([{ actor: { name: 'a' } }, { actor: { name: 'b' } }])
})

test('a closed control finishes what is under way and takes nothing new', async () => {
  let finish = () => {}
  let write = () => {}
  const writing = new Promise<void>(resolve => (write = resolve))
  const { control, lines } = desk({
    append: () => {
      write()
      return new Promise(resolve => (finish = resolve))
    },
  })
  const answer = control.submit(change(), from('test'))
  const closed = control.close()
  expect(await control.submit(change(), from('late'))).toMatchObject({ ok: false, error: { field: 'queue' } })
  await writing
  finish()
  await closed
  expect(await answer).toMatchObject({ ok: true })
  expect(lines).toHaveLength(1)
})
