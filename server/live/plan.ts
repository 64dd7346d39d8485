import { availableParallelism } from 'node:os'
import { fleets, withTrace, type Fleet } from '../../simulation/index'
import type { Config } from '../config'
import type { RunPlan } from './messages'
import { BadTrace, inspectTrace, type CheckedTrace } from './trace-file'

/** Denser, a replay never gets through a simulated second. */
const mostRequests = 100_000 // a second
const shortestRound = 0.1 // s

/** The run that the settings ask for. Reads a trace through once; fails with `BadTrace` at its first bad line. */
export async function planRun({ fleet: name, seed, speed, threads: wanted, trace: choice }: Config): Promise<RunPlan> {
  const fleet = fleets[name]
  if (!fleet) throw new Error(`no fleet ${name}`)
  const threads = wanted ?? threadsFor(fleet)
  if (!choice) return { fleet, seed, speed, threads, trace: null }
  const { file, workload, scale } = choice
  const checked = await inspectTrace(file)
  checkDensity(file, checked, scale)
  return { fleet: withTrace(fleet, workload, scale), seed, speed, threads, trace: { file, checked, workload, scale } }
}

/** A small fleet runs fastest on one thread; a large one on those of the machine, as far as memory keeps up with them. */
function threadsFor(fleet: Fleet): number {
  const replicas = fleet.pools.reduce((sum, pool) => sum + pool.replicas, 0)
  return replicas < 10_000 ? 1 : Math.min(4, availableParallelism())
}

function checkDensity(file: string, { requests, period, meanRate }: CheckedTrace, scale: number): void {
  if (period / scale >= shortestRound && meanRate * scale <= mostRequests) return
  throw new BadTrace(file, {
    field: 'density',
    value: `${requests} requests in ${Number((period / scale).toPrecision(3))} s at ${scale} × their rate`,
    expected: `${shortestRound} s or more, and at most ${mostRequests} requests a second`,
  })
}

/** One line for whoever started it. */
export function describePlan({ fleet, seed, speed, trace }: RunPlan): string {
  const chat = trace && fleet.workloads.find(({ id }) => id === trace.workload)?.name
  const traffic = trace
    ? `${chat} from ${trace.file}: ${trace.checked.requests} requests, ${trace.scale} × their rate`
    : 'traffic from statistics'
  return `${fleet.name}, seed ${seed}, speed ${speed}; ${traffic}`
}
