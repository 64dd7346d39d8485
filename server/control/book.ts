import { createHash } from 'node:crypto'
import { activeMirrors, type Fleet } from '../../simulation/index'
import type { CommandEntry } from '../journal/entry'
import type { Change, RoutingState } from '../protocol'
import { refuse } from '../refusal'
import { isAutomatic } from '../rollout/act'
import { createRampLog, type RampLog } from '../rollout/log'
import type { Accepted, CommandAnswer, Pending } from './answer'
import { limitOf, type Filed, type Limit, type Verdict } from './approvals'
import type { Command, OwnCommand } from './command'
import { describeRevision } from './describe'
import { createMoves, type Moves } from './moves'

const keptChanges = 25
/** Keys beyond so many are forgotten, the oldest first. */
const keptKeys = 100_000
const keptProposals = 1000

/** What the accepted commands of a run add up to; built from the entries of its journal, one after the other. */
export interface Book {
  routing(): RoutingState
  /** The routing under a revision; `null` if there is no such revision. */
  revision(revision: number): RoutingState | null
  /** The newest changes, oldest first. */
  changes(): Change[]
  pace(): { speed: number; paused: boolean }
  ramps: Pick<RampLog, 'newest' | 'running' | 'hear'>
  /** What the command of that key was answered, and what it said. */
  answered(key: string): { digest: string; answer: CommandAnswer } | null
  /** Commands that wait or waited for a second approval, the oldest first. */
  proposals(): Filed[]
  proposal(id: string): Filed | null
  /** What an admin said may be sent elsewhere without approval. */
  limit(): Partial<Limit>
  movedSince: Moves['since']
  /** Takes in an entry; returns the change of routing that it is, if it is one. */
  enter(entry: CommandEntry): Change | null
}

export function createBook(fleet: Fleet, speed: number): Book {
  const revisions: RoutingState[] = [{ revision: 1, routing: fleet.routing, mirrors: {} }]
  const answers = new Map<string, { digest: string; answer: CommandAnswer }>()
  const proposals = new Map<string, Filed>()
  const moves = createMoves()
  let limit: Partial<Limit> = {}
  let changes: Change[] = []
  let pace = { speed, paused: false }
  const ramps = createRampLog()

  return {
    ramps,
    routing,
    revision: revision => revisions[revision - 1] ?? null,
    changes: () => changes,
    pace: () => pace,
    answered: key => answers.get(key) ?? null,
    proposals: () => [...proposals.values()],
    proposal: id => proposals.get(id) ?? null,
    limit: () => limit,
    movedSince: moves.since,
    enter,
  }

  function routing(): RoutingState {
    const newest = revisions.at(-1)
    if (!newest) throw new Error('a run without a routing')
    return newest
  }

  function enter(entry: CommandEntry): Change | null {
    const { effect, command } = entry
    remember(entry)
    const approved = settle(entry)
    if (command.kind === 'approval-limit') limit = { ...limit, ...limitOf(command) }
    ramps.enter(entry)
    moves.enter(entry)
    if (effect?.kind === 'pace') {
      pace = { speed: effect.speed ?? pace.speed, paused: effect.paused ?? pace.paused }
    }
    if (effect?.kind !== 'routing') return null
    const before = routing()
    const after = {
      revision: effect.revision,
      routing: { ...before.routing, ...effect.routing },
      mirrors: activeMirrors({ ...before.mirrors, ...effect.mirrors }),
    }
    const change = {
      revision: effect.revision,
      time: entry.time,
      summary: describeRevision(fleet, before, after),
      reason: (approved?.command ?? command).reason ?? null,
      by: (approved ?? entry).actor.name,
      ...(approved && { approvedBy: entry.actor.name }),
      ...(isAutomatic(effect) && { automatic: true as const }),
      before: before.routing,
    }
    revisions.push(after)
    changes = [...changes, change].slice(-keptChanges)
    return change
  }

  function remember(entry: CommandEntry): void {
    const oldest = answers.keys().next()
    if (answers.size >= keptKeys && !oldest.done) answers.delete(oldest.value)
    answers.set(entry.id, { digest: digestOf(entry.command), answer: answerOf(entry) })
  }

  /** Files a command that waits, or closes the file of one that is approved or declined; gives one that is approved. */
  function settle(entry: CommandEntry): CommandEntry | null {
    const { id, wait, command, actor } = entry
    if (wait) {
      const oldest = proposals.keys().next()
      if (proposals.size >= keptProposals && !oldest.done) proposals.delete(oldest.value)
      proposals.set(id, { entry, wait, verdict: null })
    }
    if (command.kind !== 'approve' && command.kind !== 'decline') return null
    const filed = proposals.get(command.proposal)
    if (!filed) return null
    const verdict: Verdict = { kind: command.kind === 'approve' ? 'approved' : 'declined', by: actor.name }
    filed.verdict = verdict
    const answer: CommandAnswer =
      verdict.kind === 'approved'
        ? { ...acceptedOf(entry), id: filed.entry.id }
        : { ok: false, error: refuse('id', filed.entry.id, `another command: this one was declined by ${actor.name}`) }
    answers.set(filed.entry.id, { digest: digestOf(filed.entry.command), answer })
    return verdict.kind === 'approved' ? filed.entry : null
  }
}

/** What its sender is told of an entry. */
export function answerOf(entry: CommandEntry): Accepted | Pending {
  const { id, wait } = entry
  if (!wait) return acceptedOf(entry)
  const { base: revision, radius, above, expires } = wait
  return { ok: true, pending: true, id, revision, radius, above, expires }
}

function acceptedOf({ id, revision, time }: CommandEntry): Accepted {
  return { ok: true, id, revision, effectiveAt: time }
}

/** Of what a command is to do, in whatever order it says so. */
export function digestOf({ id: _id, dryRun: _dryRun, ...said }: Command | OwnCommand): string {
  const text = JSON.stringify(said, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  )
  return createHash('sha256').update(text).digest('base64')
}
