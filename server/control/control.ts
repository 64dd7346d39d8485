import { checkRouting, describeChange, type Fleet } from '../../simulation/index'
import type { Journal } from '../journal/journal'
import type { Effect } from '../live/messages'
import type { Boundary, Thread } from '../live/thread'
import type { Change, Command, CommandAnswer, RoutingState } from '../protocol'
import { refuse } from '../refusal'
import { parseCommand } from './command'
import { createQueue } from './queue'
import { mergeRouting, sameRouting } from './routing'

const keptChanges = 25

/** The one door for everything that operators do. */
export interface Control {
  /** Checks a command, writes it to the journal, applies it at a frame boundary, tells everyone, answers. */
  submit(input: unknown, who: string): Promise<CommandAnswer>
  routing(): RoutingState
  /** The newest changes, oldest first. */
  changes(): Change[]
  /** Takes no more commands; resolves when those under way are done. */
  close(): Promise<void>
}

export interface ControlPorts {
  fleet: Fleet
  thread: Pick<Thread, 'reserve'>
  journal: Pick<Journal, 'append'>
  /** Simulated time of the newest frame [s]. */
  time: () => number
  changed: (state: RoutingState & { change: Change }) => void
  paced: (pace: { speed?: number; paused?: boolean }) => void
}

type PaceCommand = Extract<Command, { kind: 'pace' }>
type RoutingCommand = Extract<Command, { kind: 'routing' }>

export function createControl({ fleet, thread, journal, time, changed, paced }: ControlPorts): Control {
  const queue = createQueue(64)
  let state: RoutingState = { revision: 1, routing: fleet.routing }
  let changes: Change[] = []

  return { submit, routing: () => state, changes: () => changes, close: queue.close }

  async function submit(input: unknown, who: string): Promise<CommandAnswer> {
    const parsed = parseCommand(input)
    if ('refusal' in parsed) return { ok: false, error: parsed.refusal }
    const { command } = parsed
    const answer = queue.add(() => carryOut(command, who))
    return (
      answer ?? { ok: false, error: refuse('queue', command.kind, 'fewer commands at once, and a server that runs') }
    )
  }

  function carryOut(command: Command, who: string): Promise<CommandAnswer> {
    if (command.kind === 'routing') return reroute(command, who)
    if (command.kind === 'pace') return setPace(command, who)
    const { id: _id, reason: _reason, ...act } = command
    return effect(command, who, { kind: 'act', act }, () => {})
  }

  async function reroute(command: RoutingCommand, who: string): Promise<CommandAnswer> {
    if (command.revision !== state.revision) return { ok: false, conflict: true, current: state }
    const refusal = checkRouting(fleet, command.routing)
    if (refusal) return { ok: false, error: refuse(refusal.field, refusal.value, refusal.expected) }
    const before = state.routing
    const routing = mergeRouting(before, command.routing)
    // what is in force already needs no new revision
    if (sameRouting(before, routing)) return { ok: true, revision: state.revision, effectiveAt: time() }
    const revision = state.revision + 1
    return effect(command, who, { kind: 'routing', routing, revision }, effectiveAt => {
      const summary = describeChange(fleet, before, routing)
      const change = { revision, time: effectiveAt, summary, reason: command.reason ?? null, before }
      state = { revision, routing }
      changes = [...changes, change].slice(-keptChanges)
      changed({ ...state, change })
    })
  }

  function setPace(command: PaceCommand, who: string): Promise<CommandAnswer> {
    const { speed, paused } = command
    return effect(command, who, { kind: 'pace', speed, paused }, () => paced({ speed, paused }))
  }

  /** Reserve a boundary → journal → commit → tell. */
  async function effect(
    command: Command,
    who: string,
    change: Effect,
    tell: (effectiveAt: number) => void,
  ): Promise<CommandAnswer> {
    const boundary = await thread.reserve(change.kind === 'act' ? change.act : undefined)
    if (boundary.refusal) {
      boundary.release()
      const { field, value, expected } = boundary.refusal
      return { ok: false, error: refuse(field, value, expected) }
    }
    const effectiveAt = boundary.time
    const revision = change.kind === 'routing' ? change.revision : state.revision
    const failure = await write(
      { ...command, ...change, revision, effectiveAt, who, at: new Date().toISOString() },
      boundary,
    )
    if (failure) return failure
    if (!(await boundary.commit(change))) {
      await write({ kind: 'void', revision, effectiveAt, cause: 'the disk took too long' }, boundary)
      return { ok: false, error: refuse('journal', null, 'a disk that writes within a second') }
    }
    tell(effectiveAt)
    return { ok: true, revision, effectiveAt }
  }

  async function write(line: object, boundary: Boundary): Promise<CommandAnswer | null> {
    try {
      await journal.append(line)
      return null
    } catch (cause) {
      boundary.release()
      const message = cause instanceof Error ? cause.message : String(cause)
      return { ok: false, error: refuse('journal', message, 'a disk that can be written') }
    }
  }
}
