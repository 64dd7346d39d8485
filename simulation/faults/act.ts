import type { Refusal } from '../routing/routing'
import type { Simulation } from '../simulation'
import { checkDrain, drain, isDrained, resume, stop, type DrainTarget } from './drain'
import { checkFault, type Fault } from './fault'
import { clear, inject } from './faults'
import { checkReprovision, reprovision, type Reprovision } from './moves'

/** What an operator does to a fleet beside its routing. */
export type Act =
  | { kind: 'fault'; fault: Fault }
  /** Ends a fault by its id. */
  | { kind: 'clear'; fault: string }
  | ({ kind: 'drain' | 'stop' | 'resume' } & DrainTarget)
  | ({ kind: 'reprovision' } & Reprovision)

/** Why that cannot be done to a run now, or `null` if it can. */
export function checkAct(simulation: Simulation, act: Act): Refusal | null {
  const { faults, scenario } = simulation
  const underWay = faults.active.map(({ fault }) => fault).filter(({ kind }) => kind !== 'loading')
  switch (act.kind) {
    case 'fault':
      if (underWay.some(({ id }) => id === act.fault.id))
        return { field: 'fault.id', value: act.fault.id, expected: 'a name that no fault under way has' }
      return within('fault', checkFault(scenario.fleet, act.fault))
    case 'clear':
      if (underWay.some(({ id }) => id === act.fault)) return null
      return {
        field: 'fault',
        value: act.fault,
        expected:
          underWay.length > 0
            ? `one of ${underWay.map(({ id }) => id).join(', ')}`
            : 'a fault under way: there is none',
      }
    case 'drain':
    case 'stop':
      return checkDrain(simulation, act)
    case 'resume':
      return isDrained(simulation, act) ? null : { field: 'pool', value: act.pool, expected: 'what is drained' }
    case 'reprovision':
      return checkReprovision(simulation, act)
  }
}

/** Does it now; throws if it cannot be done. */
export function perform(simulation: Simulation, act: Act): void {
  switch (act.kind) {
    case 'fault':
      return inject(simulation, act.fault)
    case 'clear':
      clear(simulation, act.fault)
      return
    case 'drain':
      return drain(simulation, act)
    case 'stop':
      return stop(simulation, act)
    case 'resume':
      resume(simulation, act)
      return
    case 'reprovision':
      return reprovision(simulation, act)
  }
}

function within(field: string, refusal: Refusal | null): Refusal | null {
  return refusal && { ...refusal, field: `${field}.${refusal.field}` }
}
