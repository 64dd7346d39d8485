import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Command, CommandAnswer, RoutingState } from '../../server/protocol'
import { journalOf } from '../support/journal'
import { connect, startTestServer, until, type TestServer, type TestSocket } from '../support/server'

/** What one operator saw and tried: between these times [ms] it took effect, if it did. */
interface Attempt {
  seen: RoutingState
  command: Extract<Command, { kind: 'routing' }> & { id: string }
  begun: number
  ended: number
  answer: CommandAnswer
}

const operators = 50
const attemptsEach = 6

test('fifty operators at once, who lose their connection and repeat themselves, are carried out one after the other', async () => {
  const server = await startTestServer({ speed: 4 })
  const onlookers = await Promise.all([1, 2, 3].map(() => connect(server.url)))
  const first = onlookers[0]?.hello.routing
  if (!first) throw new Error('nobody looks on')
  const told = onlookers.map(({ socket, hello }) => {
    const states = [hello.routing]
    socket.on('routing', ({ revision, routing, mirrors }) => states.push({ revision, routing, mirrors }))
    return states
  })
  const hands = Array.from({ length: operators }, (_, index) =>
    operate(server, `operator ${index}`, index % 2 === 0 ? socketHand : restHand),
  )
  const history = (await Promise.all(hands)).flat()
  const journal = (await journalOf(server.data)).filter(entry => entry.kind === 'command')
  const accepted = new Map(history.flatMap(attempt => (attempt.answer.ok ? [[attempt.command.id, attempt]] : [])))
  expect(accepted.size).toBeGreaterThan(operators / 5)

  // what was accepted is there once, under the revision after its base; what was refused is not there
  expect(journal.map(({ id }) => id).sort()).toEqual([...accepted.keys()].sort())
  expect(journal.map(({ revision }) => revision)).toEqual(journal.map((_, index) => index + 2))
  // what one operator after the other would have brought about, in the order of the journal
  const states = [first]
  const begun = [-Infinity]
  for (const entry of journal) {
    const attempt = accepted.get(entry.id)
    if (!attempt) throw new Error(`nobody sent ${entry.id}`)
    const { command, answer } = attempt
    expect(command.baseRevision).toBe(entry.revision - 1)
    expect(answer).toEqual({ ok: true, id: entry.id, revision: entry.revision, effectiveAt: entry.time })
    states.push({ revision: entry.revision, routing: { ...states.at(-1)?.routing, ...command.routing }, mirrors: {} })
    begun.push(attempt.begun)
  }
  const stateOf = (revision: number) => states[revision - 1]

  for (const { seen, command, begun: asked, ended, answer } of history) {
    // all that anybody was shown is such a state
    expect(seen).toEqual(stateOf(seen.revision))
    const newest = Math.max(1, ...history.filter(other => other.ended < asked).map(other => revisionIn(other.answer)))
    if ('error' in answer) {
      expect(answer.error.field).toBe('routing.chat')
      continue
    }
    // neither from before what had been answered when it was asked, nor from what was asked later
    const revision = revisionIn(answer)
    expect(revision).toBeGreaterThanOrEqual(newest + (answer.ok ? 1 : 0))
    expect(begun[revision - 1]).toBeLessThan(ended)
    if ('conflict' in answer) {
      expect(revision).not.toBe(command.baseRevision)
      expect(answer.current).toEqual(stateOf(revision))
      expect(answer.base).toEqual(stateOf(command.baseRevision))
    }
  }

  // all end with the same, having been told of every step
  const final: RoutingState = await (await fetch(`${server.url}/api/v1/routing`)).json()
  expect(final).toEqual(states.at(-1))
  await until(() => told.every(heard => heard.at(-1)?.revision === final.revision))
  for (const heard of told) expect(heard).toEqual(states)
  for (const { socket } of onlookers) socket.disconnect()
  await server.stop()
}, 400_000)

type Hand = (server: TestServer) => { send: (command: object) => Promise<CommandAnswer>; leave: () => void }

async function operate(server: TestServer, name: string, hand: Hand): Promise<Attempt[]> {
  const { send, leave } = hand(server)
  const attempts: Attempt[] = []
  for (let count = 0; count < attemptsEach; count++) {
    await wait(80 * Math.random())
    const seen: RoutingState = await (await fetch(`${server.url}/api/v1/routing`)).json()
    const { revision, routing } = seen
    await wait(40 * Math.random())
    const [first, second, ...rest] = routing.chat ?? []
    if (!first || !second) throw new Error('chat has no two routes')
    const both = first.share + second.share
    const part = Math.random()
    // one in ten forgets a part of the traffic
    const lost = Math.random() < 0.1 ? 0.5 : 1
    const chat = [{ ...first, share: both * part * lost }, { ...second, share: both * (1 - part) * lost }, ...rest]
    const id = `${name} ${count}`
    const command = { kind: 'routing' as const, id, baseRevision: revision, routing: { chat } }
    const begun = performance.now()
    const answer = await send(command)
    attempts.push({ seen, command, begun, ended: performance.now(), answer })
  }
  leave()
  return attempts
}

/** By socket; now and then the connection is gone before the answer. */
const socketHand: Hand = server => {
  let socket: TestSocket | null = null
  return { send, leave: () => socket?.disconnect() }

  async function send(command: object): Promise<CommandAnswer> {
    for (;;) {
      socket ??= (await connect(server.url)).socket
      const answer = socket.timeout(2000).emitWithAck('command', command as Command)
      if (Math.random() < 0.3) {
        void wait(10 * Math.random()).then(() => socket?.disconnect())
      }
      const received = await answer.catch(() => null)
      if (received) return received
      socket.disconnect()
      socket = null
    }
  }
}

/** By REST; now and then the request is given up before the answer. */
const restHand: Hand = server => {
  return { send, leave: () => {} }

  async function send(command: object): Promise<CommandAnswer> {
    for (;;) {
      const signal = Math.random() < 0.3 ? AbortSignal.timeout(Math.ceil(10 * Math.random())) : null
      const response = await fetch(`${server.url}/api/v1/commands`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(command),
        signal,
      }).catch(() => null)
      const answer: CommandAnswer | null = (await response?.json().catch(() => null)) ?? null
      if (answer) return answer
    }
  }
}

function revisionIn(answer: CommandAnswer): number {
  if (answer.ok) return answer.revision
  return 'conflict' in answer ? answer.current.revision : 1
}
