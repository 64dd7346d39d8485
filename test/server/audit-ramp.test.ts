import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditEntry, Command } from '../../server/protocol'
import { connect, next, startTestServer, type TestServer, type TestSocket } from '../support/server'

let server: TestServer
let socket: TestSocket
beforeAll(async () => {
  server = await startTestServer()
  socket = (await connect(server.url)).socket
})
afterAll(async () => {
  socket.disconnect()
  await server.stop()
})

const list = async (query: string): Promise<AuditEntry[]> =>
  (await (await fetch(`${server.url}/api/v1/changes?${query}`)).json()).entries

async function chat() {
  const { revision, routing } = await (await fetch(`${server.url}/api/v1/routing`)).json()
  return { baseRevision: revision, routes: routing.chat }
}

/** From one pool to another, a part of chat. */
async function moved(part: number) {
  const { baseRevision, routes } = await chat()
  const [first, second, ...others] = routes
  const moved = [{ ...first, share: first.share - part }, { ...second, share: second.share + part }, ...others]
  return { baseRevision, routing: { chat: moved } }
}

/** A ramp of a tenth of chat in two steps, to its end; what belongs to it, oldest first. */
async function ramp(id: string, more: object = {}): Promise<AuditEntry[]> {
  const steps = [{ share: 0.5, seconds: 1 }, { share: 1 }]
  const over = next(socket, 'ramp', ({ plan, ended }) => plan.id === id && ended !== null)
  const command = { kind: 'ramp', id, ...(await moved(0.1)), steps, guards: [], ...more } as Command
  expect(await socket.emitWithAck('command', command)).toMatchObject({ ok: true })
  await over
  const [begun] = (await list('kind=ramp')).filter(entry => entry.id === id)
  return (await list(`of=${begun?.number}`)).reverse()
}

test('what a ramp does by itself is automatic, and leads to the command that began it', async () => {
  const [begun, ...acts] = await ramp('quiet')
  expect(begun).toMatchObject({ kind: 'ramp', by: 'local', automatic: false, of: null })
  expect(acts.map(({ kind, by, automatic, of }) => [kind, by, automatic, of])).toEqual([
    ['routing', 'ramp', true, begun?.number],
    ['routing', 'ramp', true, begun?.number],
    ['finish', 'ramp', true, begun?.number],
  ])
  // each step is a change of its own, found by its revision
  for (const step of acts.slice(0, 2)) expect(await list(`revision=${step.revision}`)).toEqual([step])
})

test('so does a roll back by a guard, which says what broke', async () => {
  // once the pool is empty, nothing but the ramp fills it
  const { routes } = await chat()
  await socket.emitWithAck('command', { kind: 'routing', ...(await moved(-routes[1].share)) })
  await socket.emitWithAck('command', { kind: 'pace', speed: 30 })
  const guards = [{ action: 'roll-back', metric: 'running', pool: routes[1].decode, above: 0, samples: 0 }]
  const acts = await ramp('harmful', { guards, steps: [{ share: 0.5, seconds: 600 }, { share: 1 }] })
  expect(acts.at(-1)).toMatchObject({
    kind: 'roll-back',
    by: 'guard',
    automatic: true,
    of: acts[0]?.number,
    reason: expect.stringMatching(/^running of .*, limit 0$/),
  })
})

test('what a person does to a ramp belongs to it, and is not automatic', async () => {
  const guards = [{ action: 'hold', metric: 'power', above: 1, against: 'limit', samples: 0 }] as const
  const held = next(socket, 'entry', ({ kind }) => kind === 'hold')
  const command = { kind: 'ramp', id: 'held', ...(await moved(0.1)), guards: [...guards] } satisfies Command
  await socket.emitWithAck('command', command)
  const { of } = await held
  await socket.emitWithAck('command', { kind: 'cancel', ramp: 'held' })
  expect((await list(`of=${of}`)).map(({ kind, by, automatic }) => [kind, by, automatic])).toEqual([
    ['cancel', 'local', false],
    ['hold', 'guard', true],
    ['ramp', 'local', false],
  ])
})
