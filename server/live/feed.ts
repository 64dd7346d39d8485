import { feedTrace, traceHorizon, type Simulation } from '../../simulation/index'
import type { RunPlan } from './messages'
import { openTrace } from './trace-file'

/** Simulated seconds that are read at a time. */
const readAhead = 5

/** Hands the plan's trace to a simulation as it is needed; see `RunPorts.feed`. */
export function createFeed(
  simulation: Simulation,
  { trace, seed }: RunPlan,
): ((time: number) => Promise<void> | null) | undefined {
  if (!trace) return undefined
  const { file, checked, workload, scale } = trace
  const reader = openTrace(file, checked, { scale, seed })
  return time => {
    if (traceHorizon(simulation, workload) >= time) return null
    return reader.read(time + readAhead).then(batch => feedTrace(simulation, workload, batch))
  }
}
