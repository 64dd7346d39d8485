import { blendRouting, routingChanges } from '../../simulation/index'
import type { Actor, ownNames } from '../control/actor'
import type { Book } from '../control/book'
import type { Command, OwnCommand } from '../control/command'
import type { Effect } from '../live/messages'
import type { RampPlan } from './plan'
import type { Due, Turn } from './ramp'

/** What a ramp does by itself, as it is written down. */
export interface OwnAct {
  command: Command | OwnCommand
  actor: Actor
  via: string
  effect: Effect
  /** Of the routing, afterwards. */
  revision: number
}

/** What is due, as a command under what is in force. */
export function actOf(due: Due, plan: RampPlan, book: Pick<Book, 'routing'>): OwnAct {
  const { id, base, from, to, steps } = plan
  const current = book.routing()
  const because = plan.reason === null ? due.why : `${due.why}: ${plan.reason}`
  const via = `ramp ${id} of ${plan.by}`
  const by = (name: (typeof ownNames)[number]): Pick<OwnAct, 'actor' | 'via'> => ({
    actor: { name, role: 'operator' },
    via,
  })
  const own = (kind: OwnCommand['kind']): OwnCommand => ({ kind, ramp: id, reason: due.why })
  const reroute = (routing: typeof to, turn: Turn): Pick<OwnAct, 'effect' | 'revision'> => {
    const changes = routingChanges(current.routing, { ...current.routing, ...routing })
    if (Object.keys(changes).length === 0) return { effect: { kind: 'turn', turn }, revision: current.revision }
    const revision = current.revision + 1
    return { effect: { kind: 'routing', routing: changes, revision, ramp: turn }, revision }
  }
  const stay = (turn: Turn): Pick<OwnAct, 'effect' | 'revision'> => ({
    effect: { kind: 'turn', turn },
    revision: current.revision,
  })
  switch (due.kind) {
    case 'step': {
      const routing = blendRouting(from, to, steps[due.step - 1]?.share ?? 1)
      const command: Command = { kind: 'routing', baseRevision: current.revision, routing, reason: because }
      return { command, ...by('ramp'), ...reroute(routing, { kind: 'step', id, step: due.step }) }
    }
    case 'roll-back': {
      const command: Command = { kind: 'roll-back', to: base, reason: due.why }
      return { command, ...by('guard'), ...reroute(from, { kind: 'end', id, how: 'rolled back' }) }
    }
    case 'hold': {
      const { cause, why } = due
      return {
        command: own('hold'),
        ...by(cause === 'guard' ? 'guard' : 'ramp'),
        ...stay({ kind: 'hold', id, cause, why }),
      }
    }
    case 'finish':
      return { command: own('finish'), ...by('ramp'), ...stay({ kind: 'end', id, how: 'done' }) }
  }
}

/** Whether an effect is what a ramp did by itself. */
export function isAutomatic(effect: Effect | null): boolean {
  const turn = turnOf(effect)
  if (turn?.kind === 'end') return turn.how === 'done' || turn.how === 'rolled back'
  return turn?.kind === 'step' || turn?.kind === 'hold'
}

/** What an effect is to the ramp under way. */
export function turnOf(effect: Effect | null): Turn | undefined {
  if (effect?.kind === 'turn') return effect.turn
  return effect?.kind === 'routing' ? effect.ramp : undefined
}
