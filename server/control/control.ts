import { randomUUID } from 'node:crypto'
import { describeChange, diffRouting, type Diversion, type Fleet } from '../../simulation/index'
import type { CommandEntry, NoteEntry, Wait } from '../journal/entry'
import type { Journal } from '../journal/journal'
import type { Boundary, Thread } from '../live/thread'
import type { Change, CommandAnswer, RoutingState } from '../protocol'
import { checkRole, commandRoles } from '../access/table'
import { refuse } from '../refusal'
import { actOf, type OwnAct } from '../rollout/act'
import type { Sender } from './actor'
import type { Foreseen } from './answer'
import type { Approvals } from './approvals'
import { answerOf, digestOf, type Book } from './book'
import { parseCommand, type Command } from './command'
import { decide } from './decide'
import { createQueue } from './queue'
import { addedBy, radiusOf, type Rate } from './radius'
import { createWaiting } from './waiting'

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
  note(entry: NoteEntry): Promise<boolean>
  /** What waits for a second approval. */
  approvals(): Approvals
  /** Tells of approvals anew where tokens came or went. */
  review(): void
  /** What the ramp of the run has to do where the run stands. */
  actOwn(): Promise<void>
  /** Takes no more commands; resolves when those under way are done. */
  close(): Promise<void>
}

export interface ControlPorts {
  fleet: Fleet
  book: Book
  thread: Pick<Thread, 'reserve' | 'reserveOwn'>
  /** Operators wait until the run is back where it was; what it does by itself on the way comes first. */
  back: Promise<void>
  journal: Pick<Journal, 'append' | 'takeBack'>
  changed: (state: RoutingState & { change: Change }) => void
  /** It is in the book, under that number of the journal. */
  entered: (number: number, entry: CommandEntry) => void
  paced: (pace: { speed?: number; paused?: boolean }) => void
  approvals: (approvals: Approvals) => void
  /** Present traffic by workload; empty before the first frame. */
  rates: () => ReadonlyMap<string, Rate>
  /** Whether there is nobody but the one admin of this machine. */
  alone: () => boolean
  /** Wall time [ms since 1970]. */
  date: () => number
  after: (ms: number, call: () => void) => () => void
}

interface Taking extends Omit<OwnAct, 'effect'> {
  effect: OwnAct['effect'] | null
  radius?: number
  wait?: Wait
}

export function createControl(ports: ControlPorts): Control {
  const { fleet, book, thread, journal, back, changed, entered, paced, rates, alone, date, after } = ports
  const queue = createQueue(64)
  const turns = createQueue(Infinity)
  const { routing, revision, changes } = book
  const waiting = createWaiting({ book, alone, date, after, tell: ports.approvals })

  return { submit, note, routing, revision, changes, approvals: waiting.view, review: waiting.review, actOwn, close }

  async function close(): Promise<void> {
    waiting.close()
    await queue.close()
    await turns.close()
  }

  async function submit(input: unknown, from: Sender): Promise<CommandAnswer> {
    const parsed = parseCommand(input)
    if ('refusal' in parsed) return { ok: false, error: parsed.refusal }
    const { command } = parsed
    const denial = checkRole(from.actor.role, commandRoles[command.kind])
    if (denial) return { ok: false, error: denial }
    const full = refuse('queue', command.kind, 'fewer commands at once, and a server that runs')
    const answer = queue.add(async () => {
      await back
      return (await turns.add(() => carryOut(command, from))) ?? null
    })
    return (await answer) ?? { ok: false, error: full }
  }

  async function note(entry: NoteEntry): Promise<boolean> {
    const written = turns.add(() =>
      journal.append(entry).then(
        () => true,
        () => false,
      ),
    )
    return (await written) ?? false
  }

  /** Answered before → decide → has to wait? → reserve a boundary → journal → commit → tell. */
  async function carryOut(command: Command, from: Sender): Promise<CommandAnswer> {
    const repeated = answerAgain(command)
    if (repeated) return repeated
    const key = command.id ?? randomUUID()
    const { actor } = from
    const decision = decide(command, { book, fleet, actor, by: actor.name, key, date: date(), alone: alone() })
    if ('refused' in decision) return decision.refused
    const { effect, revision, summary, routes, mirrors } = decision
    const radius = radiusOf(decision, { fleet, routing: routing().routing, rates: rates() })
    const counted = waiting.isFree(command, decision) ? 0 : radius
    const wait = waiting.check(decision, actor, counted)
    if (wait && 'refusal' in wait) return { ok: false, error: wait.refusal }
    const boundary = await thread.reserve(effect)
    if (boundary.refusal) {
      boundary.release()
      const { field, value, expected } = boundary.refusal
      return { ok: false, error: refuse(field, value, expected) }
    }
    if (effect?.kind === 'ramp' && effect.plan.at !== null && effect.plan.at <= boundary.time) {
      boundary.release()
      return { ok: false, error: refuse('at', effect.plan.at, `a time after ${boundary.time} s, which it is`) }
    }
    if (command.dryRun) {
      boundary.release()
      const waits = wait !== null
      const adds = addedBy(mirrors, rates())
      const told = { dryRun: true as const, revision, effectiveAt: boundary.time, radius, waits, mirrors, adds }
      return {
        ok: true,
        ...told,
        ...(boundary.diversion ? diverted(summary, boundary.diversion) : { summary, routes }),
      }
    }
    if (!wait)
      return takeEffect({ command, ...from, effect, revision, ...(counted > 0 && { radius: counted }) }, key, boundary)
    return takeEffect({ command, ...from, effect: null, revision: wait.base, wait }, key, boundary)
  }

  async function actOwn(): Promise<void> {
    await turns.add(async () => {
      const boundary = await thread.reserveOwn()
      const running = book.ramps.running()
      // a command of an operator may have come before it
      if (boundary.due && running) await takeEffect(actOf(boundary.due, running.plan, book), randomUUID(), boundary)
      else boundary.release()
    })
  }

  async function takeEffect(
    { command, actor, via, effect, revision, radius, wait }: Taking,
    id: string,
    boundary: Boundary,
  ): Promise<CommandAnswer> {
    const { sequence, time } = boundary
    const at = new Date(date()).toISOString()
    const said = { id, actor, via, at, command, sequence, time, revision, effect }
    const entry: CommandEntry = { kind: 'command', ...said, ...(radius && { radius }), ...(wait && { wait }) }
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
    waiting.review()
    return answerOf(entry)
  }

  /** The shares in force change, though those that are asked for do not. */
  function diverted(words: string, { before, after }: Diversion): Pick<Foreseen, 'summary' | 'routes'> {
    const change = describeChange(fleet, before, after)
    return { summary: change === '' ? words : `${words}: ${change}`, routes: diffRouting(before, after) }
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
