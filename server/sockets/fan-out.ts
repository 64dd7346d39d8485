import type { Frame } from '../../simulation/index'
import type { Counts } from '../live/board'
import type { Beside } from '../live/messages'
import type { SeenAnswer, ServerEvents } from '../protocol'
import { refusalOf } from '../refusal'
import { createCredit, type Credit } from './credit'
import { seenRequest } from './events'
import { everyone, type Client } from './live'
import { packetOf, parcelOf, post, type Connection, type Packet } from './packet'
import type { Watching } from './watch'

/** So many clients are sent a frame in one go; of more, as many as a slice holds, and what else waits comes in between. */
const undivided = 500
const slice = 250
/** What goes with a frame waits no longer than this for one [ms]. */
const patienceMs = 300
/** `seen` as nearly every client says it, and no other way to write it. */
const plainSeen = /^2\["seen",\{"sequence":(0|[1-9]\d{0,14})\}\]$/

/** Frames to all clients, each encoded once, and what each of them has of them. */
export interface FanOut {
  join(socket: Client): void
  leave(socket: Client): void
  send(frame: Frame, beside: Beside): void
  /** To all, with the next frame or, where none comes, soon: so it costs no write of its own. */
  beside<Event extends 'alerts' | 'objectives' | 'presence'>(
    event: Event,
    ...values: Parameters<ServerEvents[Event]>
  ): void
  /** Answers `seen`. */
  seen(socket: Client, payload: unknown): SeenAnswer
  /** Takes a message that is a plain `seen` and asks for no answer: once a second from each client, it is worth a way of its own. */
  hear(connection: Connection, message: string): boolean
  /** The client says which frame it has by asking for those after it. */
  asked(socket: Client, since: number): void
}

export interface FanOutPorts {
  counts: Counts
  watching: Pick<Watching, 'send'>
  /** By the same clock as frames are taken [ms since 1970]. */
  now: () => number
}

interface Member {
  socket: Client
  credit: Credit
}

export function createFanOut({ counts, watching, now }: FanOutPorts): FanOut {
  const members = new Map<Connection, Member>()
  let newest: { sequence: number; packet: Packet } | null = null
  let waiting: Packet[] = []
  let patience: NodeJS.Timeout | undefined
  const turns: (() => void)[] = []

  return {
    join,
    leave,
    send,
    beside,
    seen,
    hear,
    asked: ({ conn }, since) => void members.get(conn)?.credit.earn(since),
  }

  function join(socket: Client): void {
    members.set(socket.conn, { socket, credit: createCredit() })
    void socket.join(everyone)
  }

  function leave(socket: Client): void {
    members.delete(socket.conn)
  }

  function send(frame: Frame, { taken, watched }: Beside): void {
    const { sequence } = frame
    newest = { sequence, packet: packetOf('frame', frame, taken) }
    const fresh: Connection[] = []
    const lagging: Client[] = []
    for (const [connection, { socket, credit }] of members) {
      if (credit.spend(sequence, connection.transport.writable)) fresh.push(connection)
      else lagging.push(socket)
    }
    counts.lagging = lagging.length
    counts.skippedFrames += lagging.length
    const late = lagging.map(({ id }) => id)
    const others = takeWaiting()
    const all = parcelOf([...others, newest.packet])
    const beside = others.length > 0 ? parcelOf(others) : null
    inTurn([
      ...slices(fresh).map(some => () => some.forEach(connection => post(all, connection))),
      ...(beside ? [() => lagging.forEach(({ conn }) => post(beside, conn))] : []),
      ...(watched ? watching.send(sequence, watched, late) : []),
    ])
  }

  function beside<Event extends 'alerts' | 'objectives' | 'presence'>(
    event: Event,
    ...values: Parameters<ServerEvents[Event]>
  ): void {
    if (members.size === 0) return
    waiting.push(packetOf(event, ...values))
    patience ??= setTimeout(() => {
      const parcel = parcelOf(takeWaiting())
      inTurn([() => [...members.keys()].forEach(connection => post(parcel, connection))])
    }, patienceMs)
  }

  function takeWaiting(): Packet[] {
    clearTimeout(patience)
    patience = undefined
    const taken = waiting
    waiting = []
    return taken
  }

  function seen({ conn }: Client, payload: unknown): SeenAnswer {
    const { success, data, error } = seenRequest.safeParse(payload)
    if (!success) return { ok: false, error: refusalOf(error, payload, 'seen') }
    const credit = members.get(conn)?.credit
    if (credit) earn(conn, credit, data.sequence)
    return { ok: true, now: now(), skipped: credit?.skipped() ?? 0 }
  }

  function hear(connection: Connection, message: string): boolean {
    const member = members.get(connection)
    const sequence = member && plainSeen.exec(message)?.[1]
    if (!sequence) return false
    earn(connection, member.credit, Number(sequence))
    return true
  }

  /** Who was left out and is no longer has the newest at once. */
  function earn(connection: Connection, credit: Credit, sequence: number): void {
    if (!credit.earn(sequence) || !newest || !connection.transport.writable || !credit.spend(newest.sequence, true))
      return
    const parcel = parcelOf([newest.packet])
    inTurn([() => post(parcel, connection)])
  }

  /** One frame after the other, so that each client has them in order. */
  function inTurn(calls: (() => void)[]): void {
    turns.push(...calls)
    if (turns.length === calls.length) turn()
  }

  /** One that fails holds up none of those after it. */
  function turn(): void {
    try {
      turns[0]?.()
    } finally {
      turns.shift()
      if (turns.length > 0) setImmediate(turn)
    }
  }
}

function slices<Item>(items: Item[]): Item[][] {
  if (items.length <= undivided) return [items]
  return Array.from({ length: Math.ceil(items.length / slice) }, (_, index) =>
    items.slice(index * slice, (index + 1) * slice),
  )
}
