import { diffMirrors, diffRouting, type Fleet } from '../../simulation/index'
import type { Book } from '../control/book'
import { describeLimit } from '../control/approvals'
import { describeEffect, describeRevision, describeTurn } from '../control/describe'
import type { CommandEntry } from '../journal/entry'
import type { Effect } from '../live/messages'
import type { RoutingState } from '../protocol'
import type { AuditEntry, AuditFilter, AuditPage, AuditQuery } from './entry'

type Revised = RoutingState | null

/** Everything that was done to the run, to be looked through; built from its journal, like the book. */
export interface Audit {
  /** Takes in an entry that the book has taken in. */
  enter(number: number, entry: CommandEntry): AuditEntry
  /** The newest that fit, newest first. */
  page(query: AuditQuery): AuditPage
  /** All that fit, oldest first. */
  all(filter: AuditFilter): Iterable<AuditEntry>
}

export function createAudit(fleet: Fleet, book: Pick<Book, 'revision' | 'proposal'>): Audit {
  const entries: AuditEntry[] = []
  return { enter, page, all }

  function enter(number: number, entry: CommandEntry): AuditEntry {
    const { id, actor, via, at, command, time, revision, effect } = entry
    const [before, after] = [book.revision(revision - 1), book.revision(revision)]
    const changed = effect?.kind === 'routing' && before && after
    const routes = changed ? diffRouting(before.routing, after.routing) : []
    const mirrors = changed ? diffMirrors(before.mirrors, after.mirrors) : []
    const audited = {
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
    }
    entries.push(audited)
    return audited
  }

  function summaryOf({ command, effect, wait, actor }: CommandEntry, before: Revised, after: Revised): string {
    if (wait) return `waits for approval: ${wait.summary}`
    if (command.kind === 'approval-limit') return describeLimit(command.above)
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
