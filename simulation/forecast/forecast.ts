import { advance, timeOf, type Simulation } from '../simulation'
import { fork, type ForkPlan } from './fork'
import { outlookOf, type Outlook } from './outlook'
import { markOf, tallyBetween, type Tally } from './tally'
import { keptOf } from './thin-fleet'

/** What is to be told: so many seconds of the run from now on, under the plan. */
export interface ForecastPlan extends ForkPlan {
  seconds: number
}

/** What is told comes in so many blocks; how far they differ gives the intervals. */
export const forecastBlocks = 10

/** Seconds of a fork between two breaths. */
const stride = 0.5

/** What would come of a run under a routing; the run itself is read only. */
export function forecast(simulation: Simulation, plan: ForecastPlan): Outlook {
  const telling = foretell(simulation, plan)
  for (;;) {
    const { done, value } = telling.next()
    if (done) return outlookOf([value], { blocks: forecastBlocks, seconds: plan.seconds })
  }
}

/** The same piece by piece, for a thread that has other things to do; in the end, what happens in each block. */
export function* foretell(simulation: Simulation, plan: ForecastPlan): Generator<void, Tally[]> {
  const future = fork(simulation, plan)
  yield
  const { fleet } = simulation.scenario
  const standsFor = fleet.pools.map(pool => 1 / keptOf(fleet, pool, plan.thinning))
  const start = timeOf(future)
  const seconds = plan.seconds / plan.pace / forecastBlocks
  const tallies: Tally[] = []
  let before = markOf(future, plan.pools)
  for (let block = 0; block < forecastBlocks; block++) {
    const [from, end] = [start + block * seconds, start + (block + 1) * seconds]
    for (let time = from + stride; time < end; time += stride) {
      advance(future, time)
      yield
    }
    advance(future, end)
    const after = markOf(future, plan.pools)
    tallies.push(tallyBetween(before, after, future, { seconds, standsFor, pools: plan.pools }))
    before = after
    yield
  }
  return tallies
}
