import {
  checkRouting,
  describeChange,
  diffRouting,
  mergeRouting,
  routingChanges,
  type Fleet,
  type RouteChange,
  type Routing,
} from '../../simulation/index'
import type { Effect } from '../live/messages'
import type { CommandAnswer } from '../protocol'
import { refuse } from '../refusal'
import type { Conflict } from './answer'
import type { Actor } from './actor'
import { checkApprover, checkDecliner, checkWaiting, describeLimit } from './approvals'
import type { Book } from './book'
import type { Command } from './command'
import { describeAct, describePace } from './describe'

/** What a command is to do to the run; `effect` is `null` where all is so already. */
export interface Decision {
  effect: Effect | null
  /** Of the routing, afterwards. */
  revision: number
  summary: string
  routes: RouteChange[]
}

export interface Hearing {
  book: Book
  fleet: Fleet
  actor: Actor
  /** Wall time [ms since 1970]. */
  date: number
  /** Whether there can be a second person. */
  alone: boolean
}

/** What a command comes to under what is in force, or the answer that refuses it. The run itself is asked later. */
export function decide(command: Command, hearing: Hearing): Decision | { refused: CommandAnswer } {
  const { book, fleet, actor, date, alone } = hearing
  const current = book.routing()
  switch (command.kind) {
    case 'routing': {
      const refusal = checkRouting(fleet, command.routing)
      if (refusal) return no(refusal.field, refusal.value, refusal.expected)
      return reroute(command.routing)
    }
    case 'roll-back': {
      const earlier = book.revision(command.to)
      if (!earlier) return no('to', command.to, `a revision from 1 to ${current.revision}`)
      return reroute(earlier.routing)
    }
    case 'pace': {
      const { speed, paused } = command
      return other({ kind: 'pace', speed, paused }, describePace(command))
    }
    case 'approve': {
      const filed = book.proposal(command.proposal)
      const refusal = checkWaiting(filed, command.proposal, date)
      if (refusal || !filed) return { refused: { ok: false, error: refusal ?? refuse('proposal', null, 'a proposal') } }
      const own = checkApprover(filed, command.proposal, actor)
      if (own) return { refused: { ok: false, error: own } }
      return decide({ ...filed.entry.command, baseRevision: filed.wait.base }, hearing)
    }
    case 'decline': {
      const filed = book.proposal(command.proposal)
      const refusal = checkWaiting(filed, command.proposal, date) ?? (filed && checkDecliner(filed, actor))
      if (refusal) return { refused: { ok: false, error: refusal } }
      return other(null, `decline ${filed?.wait.summary}`)
    }
    case 'approval-limit': {
      const { above } = command
      if (alone && above !== null) return no('above', above, 'null: without tokens there is nobody to approve')
      return other(null, describeLimit(above))
    }
    case 'fault':
    case 'clear':
    case 'drain':
    case 'resume':
    case 'reprovision': {
      const { id: _id, reason: _reason, baseRevision: _base, dryRun: _dryRun, ...act } = command
      return other({ kind: 'act', act }, describeAct(act))
    }
  }

  function reroute(wanted: Routing): Decision | { refused: CommandAnswer } {
    const stale = checkBase(command, book, wanted)
    if (stale) return stale
    const routing = routingChanges(current.routing, wanted)
    const changes = Object.keys(routing).length > 0
    const revision = current.revision + (changes ? 1 : 0)
    const after = { ...current.routing, ...routing }
    return {
      effect: changes ? { kind: 'routing', routing, revision } : null,
      revision,
      summary: describeChange(fleet, current.routing, after),
      routes: diffRouting(current.routing, after),
    }
  }

  function other(effect: Effect | null, summary: string): Decision | { refused: CommandAnswer } {
    return checkBase(command, book) ?? { effect, revision: current.revision, summary, routes: [] }
  }
}

/** The conflict where a command is based on another revision than the one in force. */
function checkBase({ baseRevision }: Command, book: Book, wanted?: Routing): { refused: Conflict } | null {
  const current = book.routing()
  if (baseRevision === undefined || baseRevision === current.revision) return null
  const base = book.revision(baseRevision)
  const merge = base && wanted ? mergeRouting(base.routing, { ...base.routing, ...wanted }, current.routing) : null
  return { refused: { ok: false, conflict: true, current, base, merge } }
}

function no(...refusal: Parameters<typeof refuse>): { refused: CommandAnswer } {
  return { refused: { ok: false, error: refuse(...refusal) } }
}
