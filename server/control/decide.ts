import {
  activeMirrors,
  checkMirror,
  checkRouting,
  diffMirrors,
  mirrorChanges,
  withMirror,
  diffRouting,
  mergeRouting,
  nearestRouting,
  routingChanges,
  type Fleet,
  type Mirrors,
  type RouteChange,
  type Routing,
} from '../../simulation/index'
import { alertActOf, describeAlertAct, type AlertAct } from '../alerts/act'
import type { Effect } from '../live/messages'
import { checkGuards, checkSteps } from '../rollout/check'
import { template, type RampPlan } from '../rollout/plan'
import type { Turn } from '../rollout/ramp'
import type { CommandAnswer, Refusal } from '../protocol'
import { refuse } from '../refusal'
import type { Conflict } from './answer'
import type { Actor } from './actor'
import { checkApprover, checkDecliner, checkWaiting, describeLimit, personOf } from './approvals'
import type { Book } from './book'
import type { Command } from './command'
import { describeAct, describePace, describeRamp, describeRevision, describeTurn } from './describe'

/** What a command is to do to the run; `effect` is `null` where all is so already. */
export interface Decision {
  effect: Effect | null
  /** Of the routing, afterwards. */
  revision: number
  summary: string
  routes: RouteChange[]
  /** Of the parts that are copied. */
  mirrors: RouteChange[]
}

export interface Hearing {
  book: Book
  fleet: Fleet
  actor: Actor
  /** Whose wish it is, and the key of the command: a ramp is called by it. */
  by: string
  key: string
  /** Wall time [ms since 1970]. */
  date: number
  /** Whether there can be a second person. */
  alone: boolean
}

/** What a command comes to under what is in force, or the answer that refuses it. The run itself is asked later. */
export function decide(command: Command, hearing: Hearing): Decision | { refused: CommandAnswer } {
  const { book, fleet, actor, by, key, date, alone } = hearing
  const current = book.routing()
  switch (command.kind) {
    case 'routing': {
      const refusal = checkRouting(fleet, command.routing)
      if (refusal) return infeasible(refusal, command.routing)
      return reroute(command.routing)
    }
    case 'roll-back': {
      const earlier = book.revision(command.to)
      if (!earlier) return no('to', command.to, `a revision from 1 to ${current.revision}`)
      return reroute(earlier.routing, { mirrors: earlier.mirrors })
    }
    case 'mirror': {
      const { workload, prefill, decode, part } = command
      const refusal = checkMirror(fleet, current.mirrors, workload, { prefill, decode, part })
      if (refusal) return no(refusal.field, refusal.value, refusal.expected)
      // shares stay, and so does the ramp that moves them
      return reroute({}, { mirrors: withMirror(current.mirrors, workload, { prefill, decode, part }), turn: null })
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
      const { id, command: proposed, actor: sender } = filed.entry
      // a ramp does not ask
      if (proposed.kind === 'hold' || proposed.kind === 'finish') return no('proposal', id, 'a command of an operator')
      return decide({ ...proposed, baseRevision: filed.wait.base }, { ...hearing, by: sender.name, key: id })
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
      return other(null, describeLimit(command))
    }
    case 'fault':
    case 'clear':
    case 'drain':
    case 'stop':
    case 'resume':
    case 'reprovision': {
      const { id: _id, reason: _reason, baseRevision: _base, dryRun: _dryRun, ...act } = command
      return other({ kind: 'act', act }, describeAct(act))
    }
    case 'objective':
    case 'alert-rule':
    case 'remove-rule':
    case 'acknowledge':
    case 'silence':
    case 'unsilence':
      return watched(alertActOf(command))
    case 'ramp':
      return ramp(command)
    case 'cancel':
    case 'continue':
    case 'approve-step':
      return steer(command)
  }

  function ramp(wanted: Command & { kind: 'ramp' }): Decision | { refused: CommandAnswer } {
    const { at = null, guards } = wanted
    const steps = wanted.steps ?? (at === null ? template : [{ share: 1 }])
    const unroutable = checkRouting(fleet, wanted.routing)
    if (unroutable) return infeasible(unroutable, wanted.routing)
    const refusal = checkSteps(steps) ?? checkGuards(fleet, guards)
    if (refusal) return no(refusal.field, refusal.value, refusal.expected)
    const running = book.ramps.running()
    if (running) return no('kind', 'ramp', `no other ramp under way: ${running.plan.id} is; cancel it first`)
    const way = reroute(wanted.routing)
    if ('refused' in way || way.effect?.kind !== 'routing') return way
    const to = way.effect.routing
    const from = Object.fromEntries(Object.keys(to).map(id => [id, current.routing[id] ?? []]))
    const reason = command.reason ?? null
    const plan: RampPlan = { id: key, by, reason, base: current.revision, from, to, at, steps, guards }
    const summary = `${describeRamp(fleet, plan)}: ${way.summary}`
    return { effect: { kind: 'ramp', plan }, revision: current.revision, summary, routes: way.routes, mirrors: [] }
  }

  function infeasible({ field, value, expected }: Refusal, wanted: Routing): { refused: CommandAnswer } {
    const nearest = nearestRouting(fleet, wanted)
    const near = Object.keys(nearest).length > 0 && { nearest }
    return { refused: { ok: false, error: refuse(field, value, expected), ...near } }
  }

  function steer(
    wanted: Command & { kind: 'cancel' | 'continue' | 'approve-step' },
  ): Decision | { refused: CommandAnswer } {
    const running = book.ramps.running()
    const { id, from, steps } = running?.plan ?? {}
    if (!running || !from || id !== wanted.ramp)
      return no(
        'ramp',
        wanted.ramp,
        id === undefined ? 'a ramp that is under way; none is' : `the ramp under way, ${id}`,
      )
    if (wanted.kind === 'continue') {
      if (!running.held) return no('ramp', id, 'a ramp that is held')
      return turn({ kind: 'continue', id })
    }
    if (wanted.kind === 'approve-step') {
      if (steps?.[running.step - 1]?.approval !== true)
        return no('ramp', id, 'a ramp at a step that waits for approval')
      if (!alone && personOf(running.plan.by) === personOf(actor.name))
        return no('ramp', id, 'a ramp of somebody else: a second person approves its steps')
      return turn({ kind: 'approve', id })
    }
    const end: Turn = { kind: 'end', id, how: 'cancelled' }
    return wanted.back && running.step > 0 ? reroute(from, { turn: end }) : turn(end)
  }

  function watched(act: AlertAct): Decision | { refused: CommandAnswer } {
    const effect = { kind: 'alert' as const, act, id: key, by: actor.name, reason: command.reason ?? null }
    return other(effect, describeAlertAct(act))
  }

  function turn(to: Turn): Decision | { refused: CommandAnswer } {
    return other({ kind: 'turn', turn: to }, describeTurn(to))
  }

  /** A change of shares that is not the ramp's own takes the way from under it. */
  function overtaking(): Turn | null {
    const running = book.ramps.running()
    return running ? { kind: 'end', id: running.plan.id, how: 'overtaken' } : null
  }

  function reroute(
    wanted: Routing,
    { mirrors: copied = current.mirrors, turn = overtaking() }: { mirrors?: Mirrors; turn?: Turn | null } = {},
  ): Decision | { refused: CommandAnswer } {
    const stale = checkBase(command, book, wanted)
    if (stale) return stale
    const routing = routingChanges(current.routing, wanted)
    const mirrors = mirrorChanges(current.mirrors, copied)
    const copies = Object.keys(mirrors).length > 0
    const changes = Object.keys(routing).length > 0 || copies
    const revision = current.revision + (changes ? 1 : 0)
    const after = {
      routing: { ...current.routing, ...routing },
      mirrors: activeMirrors({ ...current.mirrors, ...mirrors }),
    }
    const effect: Effect = {
      kind: 'routing',
      routing,
      revision,
      ...(copies && { mirrors }),
      ...(turn && { ramp: turn }),
    }
    return {
      effect: changes ? effect : null,
      revision,
      summary: describeRevision(fleet, current, after),
      routes: diffRouting(current.routing, after.routing),
      mirrors: diffMirrors(current.mirrors, after.mirrors),
    }
  }

  function other(effect: Effect | null, summary: string): Decision | { refused: CommandAnswer } {
    return checkBase(command, book) ?? { effect, revision: current.revision, summary, routes: [], mirrors: [] }
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
