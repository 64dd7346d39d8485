import { diffMirrors, diffRouting } from '../../simulation/index'
import type { Wait } from '../journal/entry'
import type { Refusal, RoutingState } from '../protocol'
import { refuse } from '../refusal'
import type { Actor } from './actor'
import { mostWaiting, proposalOf, usualLimit, usualWindow, waitMs, type Approvals, type Limit } from './approvals'
import type { Book } from './book'
import type { Command } from './command'
import type { Decision } from './decide'

/** Which commands wait for a second approval, as of now. */
export interface Waiting {
  view(): Approvals
  /** Whether a command needs no approval, whatever it moves. */
  isFree(command: Command, decision: Decision): boolean
  /** What a command that moves so much has to wait with; `null` where it need not, or why it cannot. */
  check(decision: Decision, actor: Actor, moved: number): Wait | { refusal: Refusal } | null
  /** Something may have changed: an entry, a token, the time. */
  review(): void
  close(): void
}

export interface WaitingPorts {
  book: Book
  /** Whether there is nobody but the one admin of this machine. */
  alone: () => boolean
  /** Wall time [ms since 1970]. */
  date: () => number
  after: (ms: number, call: () => void) => () => void
  tell: (approvals: Approvals) => void
}

export function createWaiting({ book, alone, date, after, tell }: WaitingPorts): Waiting {
  let told = JSON.stringify(view())
  let callOff = () => {}
  awaitExpiry()

  return { view, isFree, check, review, close: () => callOff() }

  function view(): Approvals {
    const { revision } = book.routing()
    const waiting = book.proposals().filter(({ verdict, wait }) => {
      return verdict === null && wait.base === revision && date() < Date.parse(wait.expires)
    })
    return { ...limit(), waiting: waiting.map(proposalOf) }
  }

  function limit(): Limit {
    const { above = usualLimit, within = usualWindow } = book.limit()
    return { above: alone() ? null : above, within }
  }

  function isFree({ kind }: Command, decision: Decision): boolean {
    // who approves is the second person; the end of a ramp brings back what was in force before it
    return kind === 'approve' || kind === 'cancel' || isUndo(decision)
  }

  function check(decision: Decision, actor: Actor, moved: number): Wait | { refusal: Refusal } | null {
    const { above, within } = limit()
    const { revision } = book.routing()
    if (above === null || moved === 0) return null
    // many small changes are one great one
    const radius = moved + book.movedSince(actor.name, date() - within * 1000)
    // half a millionth is rounding
    if (radius <= above + 5e-7) return null
    const count = view().waiting.length
    if (count >= mostWaiting) return { refusal: refuse('proposals', count, `fewer than ${mostWaiting} that wait`) }
    return {
      summary: decision.summary,
      base: revision,
      radius,
      above,
      expires: new Date(date() + waitMs).toISOString(),
    }
  }

  /** Bringing back what was in force before the newest change is not to wait: it may be wrong. What was taken back so is. */
  function isUndo({ effect }: Decision): boolean {
    const now = book.routing()
    const before = book.revision(now.revision - 1)
    const earlier = book.revision(now.revision - 2)
    if (effect?.kind !== 'routing' || !before) return false
    if (earlier && isSame(earlier, now)) return false
    const routing = { ...now.routing, ...effect.routing }
    return isSame(before, { ...now, routing, mirrors: { ...now.mirrors, ...effect.mirrors } })
  }

  function review(): void {
    const approvals = view()
    const now = JSON.stringify(approvals)
    if (now !== told) {
      told = now
      tell(approvals)
    }
    awaitExpiry()
  }

  function awaitExpiry(): void {
    callOff()
    const times = view().waiting.map(({ expires }) => Date.parse(expires))
    if (times.length > 0) callOff = after(Math.max(1, Math.min(...times) - date()), review)
  }
}

function isSame(one: RoutingState, other: RoutingState): boolean {
  return diffRouting(one.routing, other.routing).length === 0 && diffMirrors(one.mirrors, other.mirrors).length === 0
}
