import { z } from 'zod'
import {
  advance,
  checkAct,
  createSimulation,
  perform,
  SAMPLE,
  type Act,
  type Refusal,
  type Scenario,
  type Simulation,
} from '../../simulation/index'
import { Unfinished } from './unfinished'

const at = z.number().min(0).max(1e6)
const target = { at, pool: z.string(), replica: z.int().min(0).optional() }

/** What an operator does at a time of the run [s]. */
export const commands = z
  .array(
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('drain'), ...target }),
      z.strictObject({ kind: z.literal('stop'), ...target }),
      z.strictObject({ kind: z.literal('resume'), ...target }),
      z.strictObject({
        kind: z.literal('reprovision'),
        at,
        from: z.string(),
        to: z.string(),
        replicas: z.int().min(1),
        grace: z.number().min(0).optional(),
        saves: z.boolean().optional(),
      }),
    ]),
  )
  .max(1000)
  .default([])

export type TimedCommand = z.infer<typeof commands>[number]

/** So much a rehearsal may take. */
const mostReplicaTicks = 4e9

/** Why one of the commands cannot be done when its time comes, or `null` if all can: tried on the fleet without requests. */
export function rehearse(given: readonly TimedCommand[], { fleet, ...scenario }: Scenario): Refusal | null {
  if (given.length === 0) return null
  const replicas = fleet.pools.reduce((sum, pool) => sum + pool.replicas, 0)
  const longest = (mostReplicaTicks / replicas) * SAMPLE
  const late = given.findIndex(({ at }) => at > longest)
  if (late >= 0) return { field: `commands[${late}].at`, value: given[late]?.at, expected: `at most ${longest} s` }
  const workloads = fleet.workloads.map(workload => ({ ...workload, arrivals: null }))
  const simulation = createSimulation({ ...scenario, fleet: { ...fleet, workloads, tick: SAMPLE } })
  for (const command of inOrder(given)) {
    advanceToTick(simulation, command.at)
    const refusal = obey(simulation, command)
    if (refusal) return { ...refusal, field: `commands[${given.indexOf(command)}].${refusal.field}` }
  }
  return null
}

/** Advances a run, and does what is commanded on the way. */
export function createAdvance(simulation: Simulation, given: readonly TimedCommand[]): (time: number) => void {
  const left = inOrder(given)
  return time => {
    for (let next = left[0]; next && next.at <= time; next = left[0]) {
      advanceToTick(simulation, next.at)
      const refusal = obey(simulation, next)
      if (refusal)
        throw new Unfinished(
          `${next.kind} at ${next.at} s: ${refusal.field}: ${JSON.stringify(refusal.value)}, expected ${refusal.expected}`,
        )
      left.shift()
    }
    advance(simulation, time)
  }
}

function inOrder(given: readonly TimedCommand[]): TimedCommand[] {
  return [...given].sort((a, b) => a.at - b.at)
}

/** To the first tick at or after a time [s]. */
function advanceToTick(simulation: Simulation, time: number): void {
  const { ticksPerSecond } = simulation
  advance(simulation, Math.ceil(time * ticksPerSecond - 1e-6) / ticksPerSecond)
}

function obey(simulation: Simulation, { at: _at, ...act }: TimedCommand): Refusal | null {
  const refusal = checkAct(simulation, act satisfies Act)
  if (!refusal) perform(simulation, act)
  return refusal
}
