import type { Socket } from 'socket.io'
import { checkRole, roleOfEvent } from '../access/table'
import type { Role } from '../control/actor'
import type { Counts } from '../live/board'
import type { Refusal } from '../protocol'
import { refuse } from '../refusal'

export interface Refused {
  ok: false
  error: Refusal
}

type Answer = { ok: true } | Refused | { ok: false }
export type Handler = (payload: unknown) => Answer | Promise<Answer>

/** Where nobody waits for an answer. */
const unanswered: readonly string[] = ['seen']

export interface GuardPorts {
  counts: Counts
  /** Whether this connection sends too much at present. */
  over: () => boolean
  onFailure: (cause: unknown) => void
  role: Role
}

/**
 * Takes every event of a socket. Whatever comes is answered or counted, and nothing it does ends the process: a missing
 * acknowledgement is supplied, an unknown event refused and one beyond the role of the sender too, a throw or a rejected promise becomes a refusal.
 */
export function guardSocket(socket: Socket, handlers: Readonly<Record<string, Handler>>, ports: GuardPorts): void {
  const { counts } = ports
  socket.onAny((event: string, ...args: unknown[]) => {
    const last = args.at(-1)
    const acknowledge = isFunction(last) ? last : null
    if (!acknowledge && !unanswered.includes(event)) counts.unanswerable++
    const payloads = acknowledge ? args.slice(0, -1) : args
    void answer(event, payloads).then(result => {
      if (!result.ok) counts.refused++
      acknowledge?.(result)
    })
  })
  // a malformed packet: the connection is closed by the library, which asks for a listener
  socket.on('error', () => counts.refused++)

  async function answer(event: string, payloads: unknown[]): Promise<Answer> {
    if (ports.over()) return refused('connection', 'too many events', 'fewer events a second')
    const handler = Object.hasOwn(handlers, event) ? handlers[event] : undefined
    const least = roleOfEvent(event)
    if (!handler || !least) return refused('event', event, `one of ${Object.keys(handlers).join(', ')}`)
    const refusal = checkRole(ports.role, least)
    if (refusal) {
      counts.denied++
      return { ok: false, error: refusal }
    }
    if (payloads.length !== 1) return refused(event, `${payloads.length} values`, 'one record and an acknowledgement')
    try {
      return await handler(payloads[0])
    } catch (cause) {
      counts.failures++
      ports.onFailure(cause)
      return refused('server', 'failed', 'an answer; the cause is in its log')
    }
  }
}

/** Answers are large: a client is to have one before it asks for the next. */
export function oneAtATime(handle: (payload: unknown) => Promise<Answer>): Handler {
  let answering = false
  return async payload => {
    if (answering) return refused('connection', 'asked again', 'the answer before it first')
    answering = true
    return handle(payload).finally(() => (answering = false))
  }
}

export function refused(field: string, value: unknown, expected: string): Refused {
  return { ok: false, error: refuse(field, value, expected) }
}

function isFunction(value: unknown): value is (answer: unknown) => void {
  return typeof value === 'function'
}
