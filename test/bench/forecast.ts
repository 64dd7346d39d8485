import { performance } from 'node:perf_hooks'
import { startForecasts } from '../../server/live/forecasts'
import {
  advance,
  createSimulation,
  fleets,
  thinned,
  whole,
  type ForecastPlan,
  type Routing,
  type Simulation,
  type WorkloadForecast,
} from '../../simulation/index'
import { quantile, rounded, type Benchmark } from './benchmark'

/** Ten simulated minutes ahead. */
const horizon = 600

export const benchmarks: Benchmark[] = [
  {
    name: 'forecast.p95-ms',
    unit: 'ms',
    bar: 200,
    better: 'lower',
    measure: () =>
      withForecasts(async (tell, simulation) => {
        const times: number[] = []
        for (let seed = 1; seed <= 25; seed++) {
          const start = performance.now()
          await tell(plansOf(simulation, { ...thinned, seed }))
          // the first ones find cold code
          if (seed > 5) times.push(performance.now() - start)
        }
        return { value: rounded(quantile(times, 0.95)), median: rounded(quantile(times, 0.5)) }
      }),
  },
  {
    name: 'forecast.full-ms',
    unit: 'ms',
    bar: 5000,
    better: 'lower',
    measure: () =>
      withForecasts(async (tell, simulation) => {
        const start = performance.now()
        await tell(plansOf(simulation, { ...whole, seed: 1 }))
        return { value: rounded(performance.now() - start) }
      }),
  },
  {
    name: 'forecast.thinning-error',
    unit: 'share of p95 TTFT',
    bar: 0.05,
    better: 'lower',
    measure: () =>
      withForecasts(async (tell, simulation) => {
        const errors: Record<string, number[]> = {}
        for (let seed = 1; seed <= 4; seed++) {
          const full = await tell(plansOf(simulation, { ...whole, seed }))
          const thin = await tell(plansOf(simulation, { ...thinned, seed }))
          full.forEach((told, routing) => compare(told, thin[routing] ?? {}, errors))
        }
        const byWorkload = Object.fromEntries(
          Object.entries(errors).map(([id, all]) => [id, rounded(all.reduce((a, b) => a + b, 0) / all.length)]),
        )
        return { value: rounded(quantile(Object.values(errors).flat().map(Math.abs), 0.5)), byWorkload }
      }),
  },
]

/** Relative difference of p95 TTFT by workload. */
function compare(
  full: Record<string, WorkloadForecast>,
  thin: Record<string, WorkloadForecast>,
  errors: Record<string, number[]>,
): void {
  for (const [id, { ttft }] of Object.entries(full)) {
    const other = thin[id]?.ttft.p95
    if (ttft.p95 !== null && other != null) (errors[id] ??= []).push(other / ttft.p95 - 1)
  }
}

/** The present routing, and one that moves a tenth of the chat traffic. */
function plansOf(simulation: Simulation, how: Omit<ForecastPlan, 'routing' | 'seconds'>): ForecastPlan[] {
  const [from, to, ...rest] = simulation.routing.chat ?? []
  if (!from || !to) throw new Error('chat has no two routes')
  const moved: Routing = {
    chat: [{ ...from, share: from.share - 0.1 }, { ...to, share: to.share + 0.1 }, ...rest],
  }
  return [{}, moved].map(routing => ({ ...how, routing, seconds: horizon }))
}

async function withForecasts<Result>(
  measure: (
    tell: (plans: ForecastPlan[]) => Promise<Record<string, WorkloadForecast>[]>,
    simulation: Simulation,
  ) => Promise<Result>,
): Promise<Result> {
  const fleet = fleets.default
  if (!fleet) throw new Error('there is no default fleet')
  const simulation = createSimulation({ fleet, seed: 1 })
  advance(simulation, 300)
  const forecasts = startForecasts(2)
  try {
    return await measure(plans => forecasts.tell(simulation, plans), simulation)
  } finally {
    await forecasts.stop()
  }
}
