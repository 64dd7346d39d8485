import { finishedIn, overdue, takeFrame, takePools, timeOf, type Frame, type Simulation } from '../../simulation/index'
import { judgeWindow, type Sight } from './guard'
import type { Progress } from '../live/messages'
import type { Guard, RampPlan } from './plan'
import { beginRamp, look, turn, type Due, type Ramp, type Turn } from './ramp'

/** The ramp of a run, if there is one: it decides on the frames of the run alone, so that the same run decides the same. */
export interface Pilot {
  ramp(): Ramp | null
  begin(plan: RampPlan): void
  /** To be called after each frame. */
  look(frame: Frame): void
  due(): Due | null
  turn(done: Turn): void
  progress(): Progress | null
}

export function createPilot(simulation: Simulation, before: Ramp | null): Pilot {
  const { fleet } = simulation.scenario
  const places = { workloads: fleet.workloads.map(({ id }) => id), pools: fleet.pools.map(({ id }) => id) }
  let ramp = before
  return {
    ramp: () => ramp,
    begin: plan => (ramp = beginRamp(plan, timeOf(simulation))),
    look: frame =>
      (ramp = ramp && look(ramp, sightOf(ramp.plan, frame), { ...places, pools: guardedPools(ramp.plan) })),
    due: () => ramp?.due ?? null,
    turn: done => {
      if (ramp?.plan.id !== done.id) return
      ramp = turn(ramp, done, { time: timeOf(simulation), finished: finished(ramp.plan) })
    },
    progress: () => {
      if (!ramp) return null
      const { plan, held, verdicts, before, finishedBefore } = ramp
      return { id: plan.id, held, verdicts, before, requests: ramp.step > 0 ? finished(plan) - finishedBefore : 0 }
    },
  }

  function sightOf(plan: RampPlan, window: Frame): Sight {
    const pools = guardedPools(plan).map(id => places.pools.indexOf(id))
    const withPools = (frame: Frame, seconds?: number): Frame =>
      pools.length > 0 ? { ...frame, pools: takePools(simulation, pools, seconds) } : frame
    const newest = plan.guards.length > 0 ? takeFrame(simulation, window.sequence, judgeWindow) : window
    return {
      time: timeOf(simulation),
      newest: withPools(newest, judgeWindow),
      window: withPools(window),
      overdue: overdueFor,
      finished: finished(plan),
    }
  }

  function overdueFor(guard: Guard, limit: number): number {
    return overdue(
      simulation,
      ({ workload, pool }) =>
        (guard.workload === undefined || places.workloads[workload] === guard.workload) &&
        (guard.pool === undefined || places.pools[pool] === guard.pool),
      limit,
    )
  }

  /** Where the ramp leads to, not where it comes from. */
  function finished({ from, to }: RampPlan): number {
    return Object.entries(to).reduce((sum, [workload, routes]) => {
      const shareBefore = (pool: string): number => sharesOn(from[workload] ?? [], pool)
      const gaining = new Set(
        routes.flatMap(({ decode }) => (sharesOn(routes, decode) > shareBefore(decode) ? [decode] : [])),
      )
      return sum + finishedIn(simulation, workload, [...gaining])
    }, 0)
  }
}

/** A frame may lack them. */
function guardedPools({ guards }: RampPlan): string[] {
  return [...new Set(guards.flatMap(({ pool }) => pool ?? []))]
}

function sharesOn(routes: readonly { decode: string; share: number }[], pool: string): number {
  return routes.reduce((sum, { decode, share }) => (decode === pool ? sum + share : sum), 0)
}
