import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import type { CommandEntry, Entry } from '../../server/journal/entry'
import type { ClientEvents, CommandAnswer, ServerEvents } from '../../server/protocol'
import {
  advance,
  createSimulation,
  fleets,
  perform,
  setRouting,
  takeFrame,
  timeOf,
  type Frame,
} from '../../simulation/index'
import { acknowledgeFrames } from './acknowledge'
import { journalOf } from './journal'
import { freePort, startMortal } from './mortal-server'

/** What came of killing a server again and again under load. */
export interface KillReport {
  kills: number
  acknowledged: number
  /** Acknowledged commands that the journal has not, and those it has twice or otherwise than acknowledged. */
  lost: string[]
  duplicated: string[]
  /** Frames that clients saw, and those that differ from a run of the same commands that was never killed. */
  seen: number
  differing: number[]
  /** Times that the run was behind what a client had seen before. */
  backwards: string[]
  /** From the start of the process to a run that is ready [ms]. */
  returns: number[]
  errors: string
}

const seed = 7
const operators = 4

/** Kills the default fleet's server at random instants, while operators send commands and repeat those unanswered. */
export async function killAgainAndAgain(kills: number, random: () => number): Promise<KillReport> {
  const data = await mkdtemp(join(tmpdir(), 'headgate-kills-'))
  const port = await freePort()
  const start = () => startMortal({ data, port, flags: ['--seed', String(seed)] })
  const url = `http://127.0.0.1:${port}`
  const stopping = new AbortController()
  const acknowledged = new Map<string, CommandAnswer>()
  const returns: number[] = []
  let errors = ''
  let server = start()
  const watched = watch(url)
  try {
    await server.ready
    const work = Array.from({ length: operators }, (_, index) =>
      operate(url, `operator ${index}`, acknowledged, random, stopping.signal),
    )
    for (let kill = 0; kill < kills; kill++) {
      // every third is killed wherever it is on its way back
      if (kill % 3 !== 2) await server.ready
      await wait(1500 * random())
      await server.kill()
      errors += server.err()
      server = start()
      const begun = performance.now()
      server.ready.then(
        () => returns.push(performance.now() - begun),
        () => {},
      )
    }
    await server.ready
    await wait(500)
    stopping.abort()
    await Promise.all(work)
    await server.stop()
    errors += server.err()
    const journal = await journalOf(data)
    return {
      kills,
      acknowledged: acknowledged.size,
      ...audit(journal, acknowledged),
      ...watched.compare(journal),
      returns,
      errors,
    }
  } finally {
    stopping.abort()
    watched.stop()
    await server.kill()
    await rm(data, { recursive: true, force: true })
  }
}

/** Sends one command after the other; one that is not answered is sent again, as it is, until it is. */
async function operate(
  url: string,
  name: string,
  acknowledged: Map<string, CommandAnswer>,
  random: () => number,
  stop: AbortSignal,
): Promise<void> {
  for (let count = 0; !stop.aborted; count++) {
    const id = `${name} ${count}`
    const command = await next(url, random).catch(() => null)
    if (!command) {
      await wait(50)
      continue
    }
    for (;;) {
      const answer = await post(url, { id, ...command }).catch(() => null)
      if (answer) {
        if (answer.ok) acknowledged.set(id, answer)
        break
      }
      await wait(50)
    }
    await wait(100 * random())
  }
}

async function post(url: string, command: object): Promise<CommandAnswer> {
  const response = await fetch(`${url}/api/v1/commands`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(command),
  })
  return response.json() as Promise<CommandAnswer>
}

/** A speed, a rest, a fault that ends by itself, a mirror, or the shares of chat, over what is in force. */
async function next(url: string, random: () => number): Promise<object> {
  const kind = random()
  if (kind < 0.25) return { kind: 'pace', speed: 1 + Math.floor(4 * random()), paused: random() < 0.2 }
  const fault = { id: `hot ${random()}`, kind: 'throttling', pool: 'b200-chat', clock: 0.8, duration: 2 }
  if (kind < 0.4) return { kind: 'fault', fault }
  const [mirrors, copied] = [random() < 0.3, Math.round(10 * random()) / 10]
  if (mirrors) return { kind: 'mirror', workload: 'chat', prefill: 'vr72-chat', decode: 'vr72-chat', part: copied }
  const response = await fetch(`${url}/api/v1/routing`)
  const { revision, routing } = (await response.json()) as { revision: number; routing: { chat: { share: number }[] } }
  const [first, second, ...rest] = routing.chat
  if (!first || !second) throw new Error('chat has no two routes')
  const both = first.share + second.share
  const part = Math.round(1000 * random()) / 1000
  const chat = [{ ...first, share: both * part }, { ...second, share: both * (1 - part) }, ...rest]
  return { kind: 'routing', baseRevision: revision, routing: { chat } }
}

/** Every acknowledged command must be in the journal once, as it was acknowledged, and revisions without a gap. */
function audit(journal: Entry[], acknowledged: Map<string, CommandAnswer>): Pick<KillReport, 'lost' | 'duplicated'> {
  const entries = journal.filter(entry => entry.kind === 'command')
  const byId = new Map(entries.map(entry => [entry.id, entry]))
  const lost = [...acknowledged].flatMap(([id, answer]) => {
    const entry = byId.get(id)
    const same =
      entry && 'effectiveAt' in answer && entry.revision === answer.revision && entry.time === answer.effectiveAt
    return same ? [] : [id]
  })
  const twice = entries.flatMap(entry => (byId.get(entry.id) === entry ? [] : [entry.id]))
  const revisions = entries.flatMap(({ effect }) => (effect?.kind === 'routing' ? [effect.revision] : []))
  const gaps = revisions.flatMap((revision, index) => (revision === index + 2 ? [] : [`revision ${revision}`]))
  return { lost, duplicated: [...twice, ...gaps] }
}

/** A client that is there all the time, and fetches what it missed when it is connected again. */
function watch(url: string) {
  const seen = new Map<number, string>()
  const backwards: string[] = []
  let newest = 0
  const socket: Socket<ServerEvents, ClientEvents> = io(url, {
    transports: ['websocket'],
    reconnectionDelay: 50,
    reconnectionDelayMax: 100,
  })
  const see = (frame: Frame) => {
    const text = JSON.stringify(frame)
    const before = seen.get(frame.sequence)
    if (before !== undefined && before !== text) backwards.push(`frame ${frame.sequence} came with other figures`)
    seen.set(frame.sequence, text)
  }
  const live = (frame: Frame) => {
    if (frame.sequence < newest) backwards.push(`frame ${frame.sequence} after ${newest}`)
    newest = Math.max(newest, frame.sequence)
    see(frame)
  }
  socket.on('hello', ({ frame }) => {
    const since = newest
    if (frame) live(frame)
    else if (since > 0) backwards.push(`no frame after ${since}`)
    if (since > 0) socket.emit('frames', { since }, answer => answer.ok && answer.frames.forEach(see))
  })
  socket.on('frame', live)
  acknowledgeFrames(socket)
  return { stop: () => socket.disconnect(), compare }

  function compare(journal: Entry[]): Pick<KillReport, 'seen' | 'differing' | 'backwards'> {
    const differing: number[] = []
    for (const frame of uninterrupted(journal, newest)) {
      const text = seen.get(frame.sequence)
      if (text !== undefined && text !== JSON.stringify(frame)) differing.push(frame.sequence)
    }
    return { seen: seen.size, differing, backwards }
  }
}

/** The frames of a run of the same commands from the start, by the simulation alone. */
function* uninterrupted(journal: Entry[], last: number): Generator<Frame> {
  const { default: fleet } = fleets
  if (!fleet) throw new Error('there is no default fleet')
  const simulation = createSimulation({ fleet, seed })
  const commands = journal.filter((entry): entry is CommandEntry => entry.kind === 'command')
  let speed = 1
  for (let sequence = 1; sequence <= last; sequence++) {
    const target = sequence <= 300 ? sequence : timeOf(simulation) + speed / 4
    advance(simulation, target)
    yield takeFrame(simulation, sequence)
    for (const { effect } of commands.filter(command => command.sequence === sequence)) {
      if (effect?.kind === 'routing') setRouting(simulation, effect.routing, effect.revision, effect.mirrors)
      if (effect?.kind === 'act') perform(simulation, effect.act)
      if (effect?.kind === 'pace') speed = effect.speed ?? speed
    }
  }
}
