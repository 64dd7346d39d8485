import type { Act } from '../../simulation/index'
import type { Effect } from '../live/messages'

/** What an effect other than a change of routing does, in words. */
export function describeEffect(effect: Exclude<Effect, { kind: 'routing' }>): string {
  return effect.kind === 'act' ? describeAct(effect.act) : describePace(effect)
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
    case 'resume':
      return `${act.kind} ${act.pool}${act.replica === undefined ? '' : `, replica ${act.replica}`}`
    case 'reprovision':
      return `${act.replicas} replicas of ${act.from} to ${act.to}`
  }
}
