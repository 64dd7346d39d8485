import { packState, unpackState } from '../../server/live/state'
import {
  advance,
  createSimulation,
  createStream,
  figuresOf,
  fleets,
  forecast,
  markOf,
  revive,
  separateParts,
  setRouting,
  tallySince,
  uniform,
  whole,
  type Fleet,
  type Routing,
  type Simulation,
} from '../../simulation/index'

/** A random change of the default fleet: what was told of the workload that it moves, and what came. */
export interface Trial {
  workload: string
  /** p95 TTFT [s]. */
  told: { value: number; low: number; high: number }
  actual: number
  /** Used cost of the pools that the change reaches [$/Mtok]. */
  cost: { value: number; low: number; high: number; actual: number }
}

/**
 * Makes so many random changes, each from another second of the run, and goes `seconds` on. Of the fleet only the pools are
 * simulated that a change can reach: the others have the same future with and without it.
 */
export function* tryChanges(count: number, seconds: number): Generator<Trial> {
  const { default: fleet } = fleets
  if (!fleet) throw new Error('there is no default fleet')
  const draws = createStream(1, 'changes')
  const moved = fleet.workloads.filter(
    ({ id, kind }) => kind === 'tokens' && (fleet.routing[id] ?? []).filter(({ share }) => share > 0).length > 1,
  )
  const runs = moved.map(({ id }) => partRun(fleet, id))
  for (let trial = 0; trial < count; trial++) {
    const { id } = moved[trial % moved.length] ?? { id: '' }
    const run = runs[trial % moved.length]
    if (!run) throw new Error('no workload can be moved')
    const { simulation, pools } = run
    advance(simulation, 300 + 10 * Math.floor(trial / moved.length))
    const routing = { [id]: move(fleet.routing[id] ?? [], () => uniform(draws)) }
    const told = forecast(simulation, { ...whole, routing, seed: 1000 + trial, seconds, pools })
    const came = goOn(simulation, routing, seconds, pools)
    const index = fleet.workloads.findIndex(workload => workload.id === id)
    yield {
      workload: id,
      told: known(told.workloads.ttftP95[index]),
      actual: came.ttftP95[index] ?? NaN,
      cost: { ...known(told.fleet.costPerMtok), actual: came.fleet.costPerMtok ?? NaN },
    }
  }
}

/** The run of the pools that a workload has to do with. */
function partRun(fleet: Fleet, id: string): { simulation: Simulation; pools: number[] } {
  const served = new Set(fleet.routing[id]?.map(({ decode }) => decode))
  const parts = separateParts(fleet, [])
  const pools = parts.find(part => part.some(pool => served.has(fleet.pools[pool]?.id ?? ''))) ?? []
  const { telemetry } = createSimulation({ fleet, seed: 1 }).fleet
  return { simulation: createSimulation({ fleet, seed: 1 }, { pools, telemetry }), pools }
}

/** Up to a tenth of the requests from one route to another. */
function move(routes: Routing[string], draw: () => number): Routing[string] {
  const filled = routes.filter(({ share }) => share > 0)
  const from = filled[Math.floor(draw() * filled.length)]
  const others = routes.filter(route => route !== from)
  const to = others[Math.floor(draw() * others.length)]
  const amount = Math.round(1000 * draw() * Math.min(0.1, from?.share ?? 0)) / 1000
  return routes.map(route => ({
    ...route,
    share: route.share + (route === to ? amount : 0) - (route === from ? amount : 0),
  }))
}

/** What comes of a twin of the run, the run as it is. */
function goOn(simulation: Simulation, routing: Routing, seconds: number, pools: number[]) {
  const twin = revive(unpackState(packState(simulation)) as Simulation)
  setRouting(twin, routing, 2)
  const before = markOf(twin)
  advance(twin, twin.ticks / twin.ticksPerSecond + seconds)
  return figuresOf(tallySince(before, twin, { seconds, pools }))
}

function known(told: { value: number | null; low: number | null; high: number | null } | undefined) {
  return { value: told?.value ?? NaN, low: told?.low ?? NaN, high: told?.high ?? NaN }
}

/** How well trials were told: how many came inside the interval, and medians of errors and half widths by the value. */
export function judge(trials: readonly Trial[]) {
  const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
  return {
    inside: trials.filter(({ told, actual }) => actual >= told.low && actual <= told.high).length,
    costInside: trials.filter(({ cost }) => cost.actual >= cost.low && cost.actual <= cost.high).length,
    halfWidth: median(trials.map(({ told }) => (told.high - told.low) / 2 / told.value)),
    error: median(trials.map(({ told, actual }) => Math.abs(told.value / actual - 1))),
    costError: median(trials.map(({ cost }) => Math.abs(cost.value / cost.actual - 1))),
  }
}
