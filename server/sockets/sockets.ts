import type { IncomingMessage, Server as HttpServer } from 'node:http'
import { Server } from 'socket.io'
import type { Frame } from '../../simulation/index'
import type { Access } from '../access/access'
import { tokenOf } from '../access/credentials'
import { addToken, listTokens, revokeToken } from '../access/desk'
import type { Presence } from '../access/presence'
import type { Approvals } from '../control/approvals'
import { edit, look } from '../access/screen'
import type { AuditEntry } from '../audit/entry'
import { momentOf, rangeOf } from '../history/answer'
import { checkHost, checkOrigin } from '../http/origin'
import { helloOf, type Board } from '../live/board'
import type { Beside } from '../live/messages'
import type { AlertsView, ClientEvents, ObjectivesView, Pace, RampView, Score, ServerEvents } from '../protocol'
import { createDetails } from './detail'
import { createFanOut } from './fan-out'
import { createFloodGate, type FloodLimits, type Meter } from './flood'
import { framesHandler } from './frames'
import { guardSocket, oneAtATime, type Handler } from './guard'
import { everyone, type Client, type Live } from './live'
import type { Connection } from './packet'
import { previewOf } from './preview'
import { createWatching } from './watch'

/** A packet as engine.io tells of it before it acts on it. */
interface RawPacket {
  type: string
  data: string
}

/** How socket.io begins an event that asks for no answer; the number of one that does stands before the bracket. */
const eventWithoutAnswer = '2['

/** Packets that may wait for a client that does not read; it takes less than that many answers and messages at once. */
const mostWaiting = 1000
/** How long a stop waits for clients to say goodbye [ms]. */
const goodbyeMs = 1000
const packetLimits: FloodLimits = { soft: 50, hard: 500, refuseMs: 10_000, now: () => performance.now() }

/** The sockets of the server: sessions, fan-out and the limits on both. */
export interface Sockets {
  frame(frame: Frame, beside: Beside): void
  routing(...message: Parameters<ServerEvents['routing']>): void
  pace(pace: Pace): void
  ramp(ramp: RampView): void
  entry(entry: AuditEntry): void
  presence(presence: Presence): void
  score(score: Score): void
  approvals(approvals: Approvals): void
  alerts(alerts: AlertsView): void
  objectives(objectives: ObjectivesView): void
  failure(message: string): void
  /** Greets those who came while the run was on its way back. */
  open(): void
  /** Puts out those whose session has come to its end. */
  sift(): void
  /** Ends all connections, and the HTTP server with them. */
  close(): Promise<void>
}

export interface SocketPorts {
  board: Board
  access: Access
  /** Tells the run which pools are watched. */
  watch: (pools: number[]) => void
  onFailure: (cause: unknown) => void
  limits?: FloodLimits
}

export function createSockets(
  http: HttpServer,
  { board, access, watch, onFailure, limits = packetLimits }: SocketPorts,
): Sockets {
  const { counts, attendance } = board
  let sessions = 0
  const gate = createFloodGate(limits)
  const meters = new WeakMap<Connection, Meter>()
  const connections = new Set<Connection>()
  const io: Live = new Server(http, {
    transports: ['websocket'],
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: 64 * 1024,
    connectTimeout: 5000,
    pingInterval: 10_000,
    pingTimeout: 10_000,
    allowRequest: (request, decide) => {
      const cause = turnAway(request)
      if (cause) counts.turnedAway++
      decide(cause, cause === null)
    },
  })
  io.engine.on('connection', (connection: Connection) => {
    connections.add(connection)
    connection.on('close', () => connections.delete(connection))
    meterPackets(connection)
    boundWaiting(connection)
  })
  const watching = createWatching(io, { poolCount: board.view.pools.length, ask: watch })
  const details = createDetails(io, {
    poolCount: board.view.pools.length,
    ask: board.detail,
    now: () => performance.now(),
  })
  const fanOut = createFanOut({
    counts,
    watching,
    now: () => performance.timeOrigin + performance.now(),
  })
  io.use(admit)
  io.on('connection', greet)

  return {
    frame: (frame, beside) => {
      fanOut.send(frame, beside)
      details.frame(frame.time)
    },
    routing: state => void io.to(everyone).emit('routing', state),
    entry: entry => void io.to(everyone).emit('entry', entry),
    ramp: ramp => void io.to(everyone).emit('ramp', ramp),
    pace: pace => void io.to(everyone).emit('pace', pace),
    presence: presence => fanOut.beside('presence', presence),
    score: score => void io.to(everyone).emit('score', score),
    approvals: approvals => void io.to(everyone).emit('approvals', approvals),
    alerts: alerts => fanOut.beside('alerts', alerts),
    objectives: objectives => fanOut.beside('objectives', objectives),
    failure: message => void io.to(everyone).emit('failure', { message }),
    open: () => io.of('/').sockets.forEach(socket => socket.rooms.has(everyone) || welcome(socket)),
    sift: () => io.of('/').sockets.forEach(socket => access.stands(socket.data.session) || socket.disconnect(true)),
    close,
  }

  async function close(): Promise<void> {
    const open = [...connections]
    const patience = setTimeout(() => open.forEach(terminate), goodbyeMs)
    await io.close()
    clearTimeout(patience)
  }

  function turnAway(request: IncomingMessage): string | null {
    if (!gate.admits(addressOf(request))) return 'too many packets a moment ago; try again later'
    const refusal = checkHost(request, access) ?? checkOrigin(request)
    return refusal && `${refusal.field}: got ${String(refusal.value)}, expected ${refusal.expected}`
  }

  /** Counted below socket.io, so that nothing a client sends goes uncounted. */
  function meterPackets(connection: Connection): void {
    const meter = gate.meter(addressOf(connection.request))
    meters.set(connection, meter)
    connection.on('packet', (packet: RawPacket) => {
      const verdict = meter.count()
      if (verdict === 'end') {
        counts.floods++
        terminate(connection)
      } else if (
        packet.type === 'message' &&
        (verdict === 'take' ? fanOut.hear(connection, packet.data) : drop(packet))
      ) {
        // there is nothing left in it for socket.io to do
        packet.type = 'noop'
      }
    })
  }

  /** One too many, and nobody waits to be told. */
  function drop({ data }: RawPacket): boolean {
    const unanswered = data.startsWith(eventWithoutAnswer)
    if (unanswered) counts.refused++
    return unanswered
  }

  /** Frames leave out a client that does not read; answers and messages to it wait in memory, up to a limit. */
  function boundWaiting(connection: Connection): void {
    let waiting = 0
    connection.on('flush', () => (waiting = 0))
    connection.on('packetCreate', () => {
      if (++waiting !== mostWaiting + 1) return
      counts.floods++
      terminate(connection)
    })
  }

  function admit(socket: Client, next: (cause?: Error & { data?: unknown }) => void): void {
    const given: unknown = socket.handshake.auth.token
    const token = given === undefined ? tokenOf(socket.request) : typeof given === 'string' ? given : ''
    const admission = access.admit(token, addressOf(socket.request))
    if ('session' in admission) {
      socket.data.session = admission.session
      return next()
    }
    counts.denied++
    const { status, refusal } = admission
    const cause = new Error(`${refusal.field}: got ${String(refusal.value)}, expected ${refusal.expected}`)
    next(Object.assign(cause, { data: { status, error: refusal } }))
  }

  function greet(socket: Client): void {
    const { session } = socket.data
    if (!access.stands(session)) return void socket.disconnect(true)
    counts.clients++
    const number = ++sessions
    socket.data.number = number
    attendance.enter(number, session.actor)
    socket.on('disconnect', () => {
      counts.clients--
      attendance.leave(number)
      fanOut.leave(socket)
      watching.leave(socket)
      details.leave(socket)
      board.previews.leave(socket)
    })
    const over = () => meters.get(socket.conn)?.over() ?? false
    guardSocket(socket, handlersOf(socket), { counts, onFailure, over, role: session.actor.role })
    if (!board.returning) welcome(socket)
  }

  function handlersOf(socket: Client): Record<keyof ClientEvents, Handler> {
    const { number, session } = socket.data
    const { actor } = session
    return {
      command: payload => {
        counts.commands++
        return board.control.submit(payload, { actor, via: `socket ${addressOf(socket.request)}` })
      },
      preview: payload => previewOf(payload, board.previews, socket, answer => socket.emit('forecast', answer)),
      frames: framesHandler(board.frames, {
        now: limits.now,
        taken: () => socket.conn.transport.writable,
        asked: since => fanOut.asked(socket, since),
      }),
      seen: payload => fanOut.seen(socket, payload),
      watch: payload => watching.watch(socket, payload),
      detail: payload => details.wish(socket, payload),
      range: oneAtATime(payload => rangeOf(board, payload)),
      moment: oneAtATime(payload => momentOf(board, payload)),
      look: payload => look(attendance, number, payload),
      edit: payload => edit(attendance, number, payload),
      tokens: payload => listTokens(access, payload),
      'add-token': payload => addToken(access, payload, actor),
      'revoke-token': payload => revokeToken(access, payload, actor),
    }
  }

  function welcome(socket: Client): void {
    const { number, session } = socket.data
    socket.emit('hello', helloOf(board, { ...session.actor, session: number }))
    fanOut.join(socket)
  }
}

function addressOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? 'unknown'
}

/** At once, without a closing handshake; what has come already is not read. */
function terminate(connection: Connection): void {
  const { transport } = connection
  if ('socket' in transport && isTerminable(transport.socket)) transport.socket.terminate()
  connection.close(true)
}

function isTerminable(socket: unknown): socket is { terminate: () => void } {
  return (
    typeof socket === 'object' && socket !== null && 'terminate' in socket && typeof socket.terminate === 'function'
  )
}
