import type { Fleet } from '../../simulation/index'
import { refuse } from '../refusal'
import type { Refusal } from '../protocol'
import { fleetMetrics, poolMetrics, workloadMetrics } from './metrics'
import type { Guard, Step } from './plan'

/** Why steps cannot be taken, or `null` if they can. */
export function checkSteps(steps: readonly Step[]): Refusal | null {
  for (const [index, { share }] of steps.entries()) {
    const before = steps[index - 1]?.share ?? 0
    if (share <= before) return refuse(`steps[${index}].share`, share, `more than ${before}, the step before`)
  }
  const last = steps.at(-1)
  if (last?.share === 1) return null
  return refuse(`steps[${steps.length - 1}].share`, last?.share, '1: the last step is the whole way')
}

/** Why guards cannot watch a fleet, or `null` if they can. */
export function checkGuards(fleet: Fleet, guards: readonly Guard[]): Refusal | null {
  for (const [index, guard] of guards.entries()) {
    const refusal = checkGuard(fleet, guard, `guards[${index}]`)
    if (refusal) return refusal
  }
  return null
}

function checkGuard(fleet: Fleet, guard: Guard, field: string): Refusal | null {
  const { workload, pool, metric, above, below } = guard
  if (workload !== undefined && pool !== undefined)
    return refuse(`${field}.pool`, pool, 'a workload or a pool, not both')
  const unknown = (each: string, value: string, known: { id: string }[]): Refusal | null =>
    known.some(({ id }) => id === value)
      ? null
      : refuse(`${field}.${each}`, value, `one of ${known.map(({ id }) => id).join(', ')}`)
  const stranger =
    (workload === undefined ? null : unknown('workload', workload, fleet.workloads)) ??
    (pool === undefined ? null : unknown('pool', pool, fleet.pools))
  if (stranger) return stranger
  const metrics = metricsOf(guard)
  if (!Object.hasOwn(metrics, metric))
    return refuse(`${field}.metric`, metric, `one of ${Object.keys(metrics).join(', ')}`)
  if ((above === undefined) === (below === undefined))
    return refuse(`${field}.above`, above ?? null, 'a limit above or below, one of the two')
  return null
}

/** The figures of what a guard watches, and what they are made of. */
export function metricsOf({ workload, pool }: Pick<Guard, 'workload' | 'pool'>) {
  if (workload !== undefined) return workloadMetrics
  return pool !== undefined ? poolMetrics : fleetMetrics
}
