import { randomUUID } from 'node:crypto'
import type { Fleet } from '../../simulation/index'
import type { CommandEntry, PredictionEntry, ScoreEntry } from '../journal/entry'
import type { Journal } from '../journal/journal'
import type { Boundary, Thread } from '../live/thread'
import type { Change, CommandAnswer, RoutingState } from '../protocol'
import { checkRole, commandRoles } from '../access/table'
import { refuse } from '../refusal'
import type { Sender } from './actor'
import { answerOf, digestOf, type Book } from './book'
import { parseCommand, type Command } from './command'
import { decide, type Decision } from './decide'
import { createQueue } from './queue'

/** The one door for everything that operators do. */
export interface Control {
  /** Checks a command, writes it to the journal, applies it at a frame boundary, tells everyone, answers. */
  submit(input: unknown, from: Sender): Promise<CommandAnswer>
  routing(): RoutingState
  /** The routing under a revision; `null` if there is no such revision. */
  revision(revision: number): RoutingState | null
  /** The newest changes, oldest first. */
  changes(): Change[]
  /** Writes down what is no command, between two of them; false if it could not be. */
  note(entry: PredictionEntry | ScoreEntry): Promise<boolean>
  /** Takes no more commands; resolves when those under way are done. */
  close(): Promise<void>
}

export interface ControlPorts {
  fleet: Fleet
  book: Book
  thread: Pick<Thread, 'reserve'>
  journal: Pick<Journal, 'append' | 'takeBack'>
  changed: (state: RoutingState & { change: Change }) => void
  /** It is in the book, under that number of the journal. */
  entered: (number: number, entry: CommandEntry) => void
  paced: (pace: { speed?: number; paused?: boolean }) => void
}

export function createControl({ fleet, book, thread, journal, changed, entered, paced }: ControlPorts): Control {
  const queue = createQueue(64)
  const { routing, revision, changes } = book

  return { submit, note, routing, revision, changes, close: queue.close }

  async function submit(input: unknown, from: Sender): Promise<CommandAnswer> {
    const parsed = parseCommand(input)
    if ('refusal' in parsed) return { ok: false, error: parsed.refusal }
    const { command } = parsed
    const denial = checkRole(from.actor.role, commandRoles[command.kind])
    if (denial) return { ok: false, error: denial }
    const answer = queue.add(() => carryOut(command, from))
    return (
      answer ?? { ok: false, error: refuse('queue', command.kind, 'fewer commands at once, and a server that runs') }
    )
  }

  async function note(entry: PredictionEntry | ScoreEntry): Promise<boolean> {
    const written = queue.add(() =>
      journal.append(entry).then(
        () => true,
        () => false,
      ),
    )
    return (await written) ?? false
  }

  /** Answered before → decide → reserve a boundary → journal → commit → tell. */
  async function carryOut(command: Command, from: Sender): Promise<CommandAnswer> {
    const repeated = answerAgain(command)
    if (repeated) return repeated
    const decision = decide(command, book, fleet)
    if ('refused' in decision) return decision.refused
    const { effect } = decision
    const boundary = await thread.reserve(effect?.kind === 'act' ? effect.act : undefined)
    if (boundary.refusal) {
      boundary.release()
      const { field, value, expected } = boundary.refusal
      return { ok: false, error: refuse(field, value, expected) }
    }
    if (command.dryRun) {
      boundary.release()
      const { revision, summary, routes } = decision
      return { ok: true, dryRun: true, revision, effectiveAt: boundary.time, summary, routes }
    }
    return takeEffect(command, from, decision, boundary)
  }

  async function takeEffect(
    command: Command,
    { actor, via }: Sender,
    { effect, revision }: Decision,
    boundary: Boundary,
  ): Promise<CommandAnswer> {
    const { sequence, time } = boundary
    const id = command.id ?? randomUUID()
    const at = new Date().toISOString()
    const entry: CommandEntry = { kind: 'command', id, actor, via, at, command, sequence, time, revision, effect }
    const written = await write(entry, boundary)
    if (typeof written !== 'number') return written
    if (effect === null) boundary.release()
    else if (!(await boundary.commit(effect, written))) {
      await journal.takeBack()
      return { ok: false, error: refuse('journal', null, 'a disk that writes within seconds') }
    }
    const change = book.enter(entry)
    entered(written, entry)
    if (change) changed({ ...book.routing(), change })
    if (effect?.kind === 'pace') paced(effect)
    return answerOf(entry)
  }

  /** What the same command was answered when it came first, or why its key cannot be used again. */
  function answerAgain(command: Command): CommandAnswer | null {
    const before = command.id === undefined ? null : book.answered(command.id)
    if (!before || command.dryRun) return null
    if (before.digest === digestOf(command)) return before.answer
    return { ok: false, error: refuse('id', command.id, 'a key of its own: another command has it') }
  }

  /** The number of the entry, once it is on disk; or why not. */
  async function write(entry: CommandEntry, boundary: Boundary): Promise<CommandAnswer | number> {
    try {
      return await journal.append(entry)
    } catch (cause) {
      boundary.release()
      const message = cause instanceof Error ? cause.message : String(cause)
      return { ok: false, error: refuse('journal', message, 'a disk that can be written') }
    }
  }
}
