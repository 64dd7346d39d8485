import type { Frame } from '../../simulation/index'
import type { Counts } from '../live/board'
import type { Beside } from '../live/messages'
import type { SeenAnswer } from '../protocol'
import { refusalOf } from '../refusal'
import { createCredit, type Credit } from './credit'
import { seenRequest } from './events'
import { everyone, type Client, type Live } from './live'
import type { Watching } from './watch'

/** So many clients are sent a frame in one go; of more, as many as a slice holds, and what else waits comes in between. */
const undivided = 500
const slice = 250

/** Frames to all clients, each encoded once, and what each of them has of them. */
export interface FanOut {
  join(socket: Client): void
  leave(socket: Client): void
  send(frame: Frame, beside: Beside): void
  /** Answers `seen`. */
  seen(socket: Client, payload: unknown): SeenAnswer
  /** The client says which frame it has by asking for those after it. */
  asked(socket: Client, since: number): void
}

export interface FanOutPorts {
  counts: Counts
  watching: Pick<Watching, 'send'>
  /** By the same clock as frames are taken [ms since 1970]. */
  now: () => number
}

export function createFanOut(io: Live, { counts, watching, now }: FanOutPorts): FanOut {
  const credits = new Map<Client, Credit>()
  let newest: { frame: Frame; taken: number } | null = null

  return { join, leave, send, seen, asked: (socket, since) => void credits.get(socket)?.earn(since) }

  function join(socket: Client): void {
    credits.set(socket, createCredit())
    void socket.join([everyone, sliceWithRoom()])
  }

  function leave(socket: Client): void {
    credits.delete(socket)
  }

  function send(frame: Frame, { taken, watched }: Beside): void {
    newest = { frame, taken }
    const lagging = [...credits].flatMap(([socket, credit]) =>
      credit.spend(frame.sequence, socket.conn.transport.writable) ? [] : [socket.id],
    )
    counts.lagging = lagging.length
    counts.skippedFrames += lagging.length
    const rooms = credits.size > undivided ? slices() : [everyone]
    inTurn([
      ...rooms.map(room => () => void io.to(room).except(lagging).emit('frame', frame, taken)),
      ...(watched ? watching.send(frame.sequence, watched, lagging) : []),
    ])
  }

  function seen(socket: Client, payload: unknown): SeenAnswer {
    const { success, data, error } = seenRequest.safeParse(payload)
    if (!success) return { ok: false, error: refusalOf(error, payload, 'seen') }
    const credit = credits.get(socket)
    const due = credit?.earn(data.sequence)
    if (due && newest && socket.conn.transport.writable && credit?.spend(newest.frame.sequence, true))
      socket.emit('frame', newest.frame, newest.taken)
    return { ok: true, now: now(), skipped: credit?.skipped() ?? 0 }
  }

  function slices(): string[] {
    return [...io.of('/').adapter.rooms.keys()].filter(room => room.startsWith(`${everyone} `))
  }

  function sliceWithRoom(): string {
    const { rooms } = io.of('/').adapter
    for (let number = 0; ; number++) {
      const room = `${everyone} ${number}`
      if ((rooms.get(room)?.size ?? 0) < slice) return room
    }
  }
}

function inTurn([first, ...others]: (() => void)[]): void {
  first?.()
  if (others.length > 0) setImmediate(() => inTurn(others))
}
