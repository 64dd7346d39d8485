import { feedTrace, traceHorizon, type Simulation } from '../../simulation/index'
import type { RunPlan } from './messages'
import { openTrace, type TraceReader } from './trace-file'

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
  let skipped = traceHorizon(simulation, workload) === 0
  return time => (traceHorizon(simulation, workload) >= time ? null : read(time))

  async function read(time: number): Promise<void> {
    if (!skipped) await skip(reader, traceHorizon(simulation, workload))
    skipped = true
    feedTrace(simulation, workload, await reader.read(time + readAhead))
  }
}

/** Brings a reader to where the requests that a simulation has been handed end [s]. */
async function skip(reader: TraceReader, end: number): Promise<void> {
  for (let horizon = 0; horizon < end;) {
    horizon = (await reader.read(Math.min(end, horizon + readAhead))).horizon
    if (horizon > end) throw new Error(`trace: read up to ${horizon} s, the run was fed up to ${end} s`)
  }
}
