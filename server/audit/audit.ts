import { diffMirrors, diffRouting, type Fleet } from '../../simulation/index'
import type { Book } from '../control/book'
import { describeLimit } from '../control/approvals'
import { foretoldFigures } from '../control/foretold'
import { describeEffect, describeRevision, describeTurn } from '../control/describe'
import type { CommandEntry, NoteEntry } from '../journal/entry'
import type { Effect } from '../live/messages'
import type { RoutingState } from '../protocol'
import { isAutomatic, turnOf } from '../rollout/act'
import type { Changed } from './around'
import type { AuditEntry, AuditFilter, AuditPage, AuditQuery } from './entry'

type Revised = RoutingState | null

/** Everything that was done to the run, to be looked through; built from its journal, like the book. */
export interface Audit {
  /** Takes in an entry that the book has taken in. */
  enter(number: number, entry: CommandEntry): AuditEntry
  /** Takes in what came of a change; returns the entry that says so now, if there is one. */
  note(entry: NoteEntry): AuditEntry | null
  /** Changes of routing without what was around them. */
  withoutAround(): Changed[]
  /** Revisions that came between two times [simulated s], newest first. */
  changesWithin(from: number, to: number): number[]
  /** The newest that fit, newest first. */
  page(query: AuditQuery): AuditPage
  /** All that fit, oldest first. */
  all(filter: AuditFilter): Iterable<AuditEntry>
}

export function createAudit(fleet: Fleet, book: Pick<Book, 'revision' | 'proposal'>): Audit {
  const entries: AuditEntry[] = []
  const changes = new Map<number, AuditEntry>()
  // by key of the ramp or proposal
  const begun = new Map<string, number>()
  const workloadIds = fleet.workloads.map(({ id }) => id)
  return { enter, note, withoutAround, changesWithin, page, all }

  function enter(number: number, entry: CommandEntry): AuditEntry {
    const { id, actor, via, at, command, time, revision, effect } = entry
    const [before, after] = [book.revision(revision - 1), book.revision(revision)]
    const changed = effect?.kind === 'routing' && before && after
    const routes = changed ? diffRouting(before.routing, after.routing) : []
    const mirrors = changed ? diffMirrors(before.mirrors, after.mirrors) : []
    const audited: AuditEntry = {
      number,
      id,
      kind: command.kind,
      at,
      time,
      by: actor.name,
      role: actor.role,
      via,
      reason: command.reason ?? null,
      revision,
      summary: summaryOf(entry, before, after),
      automatic: isAutomatic(effect),
      of: begun.get(keyOf(entry) ?? '') ?? null,
      routes,
      mirrors,
      predicted: null,
      score: null,
      untold: null,
      around: null,
    }
    if (changed) changes.set(revision, audited)
    if (entry.wait) begun.set(id, number)
    if (effect?.kind === 'ramp') begun.set(effect.plan.id, number)
    entries.push(audited)
    return audited
  }

  function note(entry: NoteEntry): AuditEntry | null {
    const change = changes.get(entry.revision)
    if (!change) return null
    switch (entry.kind) {
      case 'prediction': {
        const outlook = entry.outlooks.at(-1)
        if (!outlook) return null
        const figures = foretoldFigures(entry.workloads, outlook, workloadIds)
        change.predicted = { seconds: outlook.seconds, figures }
        return change
      }
      case 'score': {
        const { kind: _, ...score } = entry
        change.score = score
        return change
      }
      case 'untold':
        change.untold = entry.why
        return change
      case 'around': {
        const { offsets, figures, others } = entry
        change.around = { offsets, figures, others }
        return change
      }
    }
  }

  function withoutAround(): Changed[] {
    return [...changes.values()].filter(({ around }) => around === null).map(changeOf)
  }

  function changesWithin(from: number, to: number): number[] {
    const found: number[] = []
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries[i]
      if (!entry || entry.time < from) break
      if (entry.time <= to && changes.get(entry.revision) === entry) found.push(entry.revision)
    }
    return found
  }

  function summaryOf({ command, effect, wait, actor }: CommandEntry, before: Revised, after: Revised): string {
    if (wait) return `waits for approval: ${wait.summary}`
    if (command.kind === 'approval-limit') return describeLimit(command)
    const done = effect ? words(effect, before, after) : ''
    const filed = command.kind === 'approve' || command.kind === 'decline' ? book.proposal(command.proposal) : null
    if (!filed) return done
    const by = filed.entry.actor.name
    if (command.kind === 'approve') return `approves ${by}: ${done}`
    return `${by === actor.name ? 'withdraws' : `declines ${by}`}: ${filed.wait.summary}`
  }

  function words(effect: Effect, before: Revised, after: Revised): string {
    if (effect.kind !== 'routing') return describeEffect(fleet, effect)
    const change = before && after ? describeRevision(fleet, before, after) : ''
    // a step of a ramp says so in its reason
    return effect.ramp && effect.ramp.kind !== 'step' ? `${change}; ${describeTurn(effect.ramp)}` : change
  }

  function page({ before = Infinity, limit, ...filter }: AuditQuery): AuditPage {
    const found: AuditEntry[] = []
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries[i]
      if (!entry || entry.number >= before || !fits(entry, filter)) continue
      if (found.length === limit) return { entries: found, before: found.at(-1)?.number ?? null }
      found.push(entry)
    }
    return { entries: found, before: null }
  }

  function* all(filter: AuditFilter): Iterable<AuditEntry> {
    for (const entry of entries) if (fits(entry, filter)) yield entry
  }
}

/** What a change of routing has to have told around it. */
export function changeOf({ revision, time, routes, mirrors }: AuditEntry): Changed {
  return { revision, time, workloads: [...new Set([...routes, ...mirrors].map(({ workload }) => workload))] }
}

/** Of the ramp that it is an act of, or the proposal that it settles. */
function keyOf({ command, effect }: CommandEntry): string | null {
  if (command.kind === 'approve' || command.kind === 'decline') return command.proposal
  return turnOf(effect)?.id ?? null
}

function fits(entry: AuditEntry, { kind, by, workload, revision, of, text }: AuditFilter): boolean {
  if (of !== undefined && entry.number !== of && entry.of !== of) return false
  if (kind !== undefined && entry.kind !== kind) return false
  if (by !== undefined && entry.by !== by) return false
  const changed = [...entry.routes, ...entry.mirrors]
  if (workload !== undefined && !changed.some(each => each.workload === workload)) return false
  if (revision !== undefined && !(entry.revision === revision && changed.length > 0)) return false
  if (text === undefined) return true
  const wanted = text.toLowerCase()
  return [entry.summary, entry.reason ?? '', entry.by, entry.id].some(part => part.toLowerCase().includes(wanted))
}
