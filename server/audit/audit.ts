import { diffMirrors, diffRouting, type Fleet } from '../../simulation/index'
import type { Book } from '../control/book'
import { describeLimit } from '../control/approvals'
import { describeEffect, describeRevision, describeTurn } from '../control/describe'
import type { CommandEntry, NoteEntry } from '../journal/entry'
import type { Effect } from '../live/messages'
import type { RoutingState } from '../protocol'
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
  bare(): Changed[]
  /** The newest that fit, newest first. */
  page(query: AuditQuery): AuditPage
  /** All that fit, oldest first. */
  all(filter: AuditFilter): Iterable<AuditEntry>
}

export function createAudit(fleet: Fleet, book: Pick<Book, 'revision' | 'proposal'>): Audit {
  const entries: AuditEntry[] = []
  const changes = new Map<number, AuditEntry>()
  return { enter, note, bare, page, all }

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
      routes,
      mirrors,
      score: null,
      around: null,
    }
    if (changed) changes.set(revision, audited)
    entries.push(audited)
    return audited
  }

  function note(entry: NoteEntry): AuditEntry | null {
    const change = changes.get(entry.revision)
    if (!change || entry.kind === 'prediction') return null
    if (entry.kind === 'score') {
      const { kind: _, ...score } = entry
      change.score = score
    } else {
      const { offsets, figures } = entry
      change.around = { offsets, figures }
    }
    return change
  }

  function bare(): Changed[] {
    return [...changes.values()].filter(({ around }) => around === null).map(changeOf)
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
    if (effect.kind !== 'routing') return describeEffect(effect)
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

function fits(entry: AuditEntry, { kind, by, workload, revision, text }: AuditFilter): boolean {
  if (kind !== undefined && entry.kind !== kind) return false
  if (by !== undefined && entry.by !== by) return false
  const changed = [...entry.routes, ...entry.mirrors]
  if (workload !== undefined && !changed.some(each => each.workload === workload)) return false
  if (revision !== undefined && !(entry.revision === revision && changed.length > 0)) return false
  if (text === undefined) return true
  const wanted = text.toLowerCase()
  return [entry.summary, entry.reason ?? '', entry.by, entry.id].some(part => part.toLowerCase().includes(wanted))
}
