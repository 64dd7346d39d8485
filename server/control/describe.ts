import { describeChange, describeMirrors, type Act, type Fleet } from '../../simulation/index'
import { describeAlertAct } from '../alerts/act'
import { clock } from '../clock'
import type { Effect } from '../live/messages'
import type { RoutingState } from '../protocol'
import type { RampPlan } from '../rollout/plan'
import type { Turn } from '../rollout/ramp'
import { describeFault } from './describe-fault'

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
export function describeEffect(fleet: Fleet, effect: Exclude<Effect, { kind: 'routing' }>): string {
  switch (effect.kind) {
    case 'act':
      return describeAct(effect.act)
    case 'alert':
      return describeAlertAct(effect.act)
    case 'pace':
      return describePace(effect)
    case 'ramp':
      return describeRamp(fleet, effect.plan)
    case 'turn':
      return describeTurn(effect.turn)
  }
}

/** "ramp in steps of 1, 5 and 100 % from 13:16:40 on, watched by 2 guards"; "change all at once at 13:16:40". */
export function describeRamp({ epoch }: Pick<Fleet, 'epoch'>, { at, steps, guards }: RampPlan): string {
  const shares = steps.map(({ share }) => String(Number((100 * share).toPrecision(4))))
  const inSteps = shares.length > 1
  const when = at === null ? '' : inSteps ? ` from ${clock(epoch, at)} on` : ` at ${clock(epoch, at)}`
  const how = inSteps
    ? `ramp in steps of ${shares.slice(0, -1).join(', ')} and ${shares.at(-1)} %`
    : 'change all at once'
  const watched = guards.length > 0 ? `, watched by ${guards.length} ${guards.length === 1 ? 'guard' : 'guards'}` : ''
  return `${how}${when}${watched}`
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
      return `fault ${act.fault.id}: ${describeFault(act.fault)}`
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
