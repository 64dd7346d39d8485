import { fleets, withTrace } from '../../simulation/index'
import type { Config } from '../config'
import type { RunPlan } from './messages'
import { inspectTrace } from './trace-file'

/** The run that the settings ask for. Reads a trace through once; fails with `BadTrace` at its first bad line. */
export async function planRun({ fleet: name, seed, speed, trace: choice }: Config): Promise<RunPlan> {
  const fleet = fleets[name]
  if (!fleet) throw new Error(`no fleet ${name}`)
  if (!choice) return { fleet, seed, speed, trace: null }
  const { file, workload, scale } = choice
  const checked = await inspectTrace(file)
  return { fleet: withTrace(fleet, workload, scale), seed, speed, trace: { file, checked, workload, scale } }
}

/** One line for whoever started it. */
export function describePlan({ fleet, seed, speed, trace }: RunPlan): string {
  const chat = trace && fleet.workloads.find(({ id }) => id === trace.workload)?.name
  const traffic = trace
    ? `${chat} from ${trace.file}: ${trace.checked.requests} requests, ${trace.scale} × their rate`
    : 'traffic from statistics'
  return `${fleet.name}, seed ${seed}, speed ${speed}; ${traffic}`
}
