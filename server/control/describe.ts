import { describeChange, describeMirrors, type Act, type Fleet } from '../../simulation/index'
import { describeAlertAct } from '../alerts/act'
import type { Effect } from '../live/messages'
import type { RoutingState } from '../protocol'
import type { RampPlan } from '../rollout/plan'
import type { Turn } from '../rollout/ramp'

/** The difference between two revisions in words; empty if there is none. */
export function describeRevision(fleet: Fleet, before: Revised, after: Revised): string {
  const words = [
    describeChange(fleet, before.routing, after.routing),
    describeMirrors(fleet, before.mirrors, after.mirrors),
  ]
  return words.filter(text => text !== '').join('; ')
}

type Revised = Pick<RoutingState, 'routing' | 'mirrors'>

/** What an effect other than a change of routing does, in words. */
export function describeEffect(effect: Exclude<Effect, { kind: 'routing' }>): string {
  switch (effect.kind) {
    case 'act':
      return describeAct(effect.act)
    case 'alert':
      return describeAlertAct(effect.act)
    case 'pace':
      return describePace(effect)
    case 'ramp':
      return describeRamp(effect.plan)
    case 'turn':
      return describeTurn(effect.turn)
  }
}

/** "ramp over 1, 5, 25, 50 and 100 % with 2 guards". */
export function describeRamp({ at, steps, guards }: RampPlan): string {
  const shares = steps.map(({ share }) => String(Number((100 * share).toPrecision(4))))
  const over = shares.length > 1 ? `${shares.slice(0, -1).join(', ')} and ${shares.at(-1)} %` : 'one step'
  const watched = guards.length > 0 ? ` with ${guards.length} ${guards.length === 1 ? 'guard' : 'guards'}` : ''
  return `ramp over ${over}${watched}${at === null ? '' : `, from ${at} s on`}`
}

export function describeTurn(turn: Turn): string {
  switch (turn.kind) {
    case 'step':
      return `step ${turn.step} of the ramp`
    case 'hold':
      return `ramp held: ${turn.why}`
    case 'continue':
      return 'ramp goes on'
    case 'approve':
      return 'step of the ramp approved'
    case 'end':
      return `ramp ${turn.how}`
  }
}

export function describePace({ speed, paused }: { speed?: number; paused?: boolean }): string {
  const rest = paused === undefined ? [] : [paused ? 'pause' : 'go on']
  return [...(speed === undefined ? [] : [`speed ${speed}`]), ...rest].join(', ')
}

export function describeAct(act: Act): string {
  switch (act.kind) {
    case 'fault':
      return `fault ${act.fault.id}: ${act.fault.kind}`
    case 'clear':
      return `end of fault ${act.fault}`
    case 'drain':
    case 'stop':
    case 'resume':
      return `${act.kind} ${act.pool}${act.replica === undefined ? '' : `, replica ${act.replica}`}`
    case 'reprovision':
      return `${act.replicas} replicas of ${act.from} to ${act.to}`
  }
}
