/** The connection to the server; the only file that knows socket.io-client. */
import { io, type Socket } from 'socket.io-client'
import type { Routing } from '../simulation/index'
import type {
  ClientEvents,
  Command,
  CommandAnswer,
  DetailAnswer,
  DetailWish,
  Edit,
  EditAnswer,
  ForecastAnswer,
  FramesAnswer,
  MomentAnswer,
  RangeAnswer,
  ServerEvents,
  WatchAnswer,
} from '../server/protocol'
import { createAcknowledgement } from './acknowledgement'
import type { RoundTrip } from './stores/server-clock'

export interface Listener extends ServerEvents {
  up: () => void
  down: () => void
  /** The server lets nobody in without a right token; it is not tried again by itself. */
  denied: () => void
  /** What the server says of its clock, and of frames that it left out. */
  told: (told: RoundTrip & { skipped: number }) => void
}

/** Calls to the server; each is refused with a cause when no answer comes in time. */
export interface Connection {
  command(command: Command): Promise<CommandAnswer>
  frames(since: number): Promise<FramesAnswer>
  /** History of a stretch of time; without series, what charts draw. */
  range(asked: { from: number; to?: number; points: number; series?: string[] }): Promise<RangeAnswer>
  /** The frame and the routing of a time [s]. */
  moment(time: number): Promise<MomentAnswer>
  /** Says what this screen looks at. */
  look(place: string): void
  /** Pools of which figures are to come with each frame. */
  watch(pools: number[]): Promise<WatchAnswer>
  /** The pool to look into, and the part of its replicas on the screen; `null` ends it. */
  detail(wish: DetailWish | null): Promise<DetailAnswer>
  edit(edit: Edit): Promise<EditAnswer>
  /** Ends what there is and begins anew, as who has signed in or out since. */
  reconnect(): void
  /** What a draft will do: the first answer; the whole one is heard of. */
  preview(routing: Routing): Promise<ForecastAnswer>
  close(): void
}

const answerTimeoutMs = 5000

export interface Reach {
  /** Of the server; that of the page unless said otherwise. */
  url?: string
  /** For so long an answer to a command that was sent is asked for again [ms]. */
  patienceMs?: number
}

export function connect(listener: Listener, { url = '/', patienceMs = 15_000 }: Reach = {}): Connection {
  const socket: Socket<ServerEvents, ClientEvents> = io(url, {
    transports: ['websocket'],
    reconnectionDelay: 250,
    reconnectionDelayMax: 2000,
    timeout: 4000,
    // nothing is sent later behind the operator's back: who waits for an answer asks again
    retries: 0,
  })
  let acknowledgement = createAcknowledgement()
  socket.on('connect', () => {
    acknowledgement = createAcknowledgement()
    listener.up()
  })
  socket.on('disconnect', listener.down)
  socket.on('connect_error', cause => {
    if ('data' in cause && cause.data) listener.denied()
    else listener.down()
  })
  socket.on('hello', listener.hello)
  socket.on('frame', (frame, taken) => {
    listener.frame(frame, taken)
    acknowledge(frame.sequence)
  })
  socket.on('pools', listener.pools)
  socket.on('detail', listener.detail)
  socket.on('routing', listener.routing)
  socket.on('pace', listener.pace)
  socket.on('entry', listener.entry)
  socket.on('ramp', listener.ramp)
  socket.on('presence', listener.presence)
  socket.on('score', listener.score)
  socket.on('forecast', listener.forecast)
  socket.on('approvals', listener.approvals)
  socket.on('alerts', listener.alerts)
  socket.on('objectives', listener.objectives)
  socket.on('failure', listener.failure)
  // a server that ends the connection itself is tried again too
  socket.on('disconnect', reason => {
    if (reason === 'io server disconnect') setTimeout(() => socket.connect(), 1000)
  })
  return {
    command,
    frames: since => answered(() => socket.timeout(answerTimeoutMs).emitWithAck('frames', { since })),
    range: asked => answered(() => socket.timeout(answerTimeoutMs).emitWithAck('range', asked)),
    moment: time => answered(() => socket.timeout(answerTimeoutMs).emitWithAck('moment', { time })),
    look: place => void answered(() => socket.timeout(answerTimeoutMs).emitWithAck('look', { place })),
    watch: pools => answered(() => socket.timeout(answerTimeoutMs).emitWithAck('watch', { pools })),
    detail: wish => answered(() => socket.timeout(answerTimeoutMs).emitWithAck('detail', wish ?? { pool: null })),
    edit: edit => answered(() => socket.timeout(answerTimeoutMs).emitWithAck('edit', edit)),
    reconnect: () => void socket.disconnect().connect(),
    preview: routing => answered(() => socket.timeout(answerTimeoutMs).emitWithAck('preview', { routing })),
    close: () => socket.disconnect(),
  }

  function acknowledge(sequence: number) {
    const word = acknowledgement(sequence)
    if (word === 'say') socket.emit('seen', { sequence })
    if (word !== 'ask') return
    const sent = performance.now()
    socket.emit('seen', { sequence }, answer => {
      if (answer.ok) listener.told({ sent, got: performance.now(), now: answer.now, skipped: answer.skipped })
    })
  }

  /**
   * Sent under a key, a command is carried out once however often it is asked about: an answer that is lost with the
   * connection is had with the next one.
   */
  async function command(wish: Command): Promise<CommandAnswer> {
    if (!socket.connected) return refusal('an open connection')
    const keyed = wish.dryRun ? wish : { ...wish, id: wish.id ?? newKey() }
    const until = performance.now() + patienceMs
    for (;;) {
      const answer = await socket
        .timeout(answerTimeoutMs)
        .emitWithAck('command', keyed)
        .catch(() => null)
      if (answer) return answer
      if (!(await isUp(until - performance.now()))) return unanswered
    }
  }

  /** Whether there is a connection by then. */
  function isUp(withinMs: number): Promise<boolean> {
    if (withinMs <= 0 || socket.connected) return Promise.resolve(withinMs > 0)
    return new Promise(resolve => {
      const settle = () => {
        clearTimeout(timer)
        socket.off('connect', settle)
        resolve(socket.connected)
      }
      const timer = setTimeout(settle, withinMs)
      socket.on('connect', settle)
    })
  }

  async function answered<Answer>(ask: () => Promise<Answer>) {
    if (!socket.connected) return refusal('an open connection')
    try {
      return await ask()
    } catch {
      return refusal('an answer within 5 s')
    }
  }
}

/** Unlike what was never sent: it may be in force. */
const unanswered: CommandAnswer = {
  ok: false,
  error: { field: 'answer', value: null, expected: 'one within 15 s: look at Changes whether it was carried out' },
}

function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))].map(byte => byte.toString(16).padStart(2, '0')).join('')
}

function refusal(expected: string) {
  return { ok: false as const, error: { field: 'connection', value: null, expected } }
}
