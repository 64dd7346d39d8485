import { performance } from 'node:perf_hooks'
import { createPreviews, type Previews } from '../../server/live/previews'
import { shareState } from '../../server/live/state'
import type { Forecast } from '../../server/protocol'
import { advance, createSimulation, fleets, presentOf, timeOf, type Routing } from '../../simulation/index'
import { judge, tryChanges, type Trial } from '../support/coverage'
import { quantile, rounded, tell, type Benchmark } from './benchmark'

export const benchmarks: Benchmark[] = [
  {
    name: 'forecast.p95-ms',
    unit: 'ms',
    bar: 200,
    better: 'lower',
    measure: () =>
      withPreviews(async (previews, draft) => {
        await previews.warm()
        const times: number[] = []
        const cpu: number[] = []
        for (let round = 0; round < 20; round++) {
          // both futures, of another present each time
          previews.turn()
          const [start, used] = [performance.now(), process.cpuUsage()]
          const asker = {}
          await previews.ask(asker, draft, () => {})
          times.push(performance.now() - start)
          const { user, system } = process.cpuUsage(used)
          cpu.push((user + system) / 1000)
          previews.leave(asker)
        }
        return {
          value: rounded(quantile(times, 0.95)),
          median: rounded(quantile(times, 0.5)),
          cpuMs: rounded(quantile(cpu, 0.5)),
        }
      }),
  },
  {
    name: 'forecast.full-ms',
    unit: 'ms',
    bar: 5000,
    better: 'lower',
    measure: () =>
      withPreviews(async (previews, draft) => {
        // as a server does when somebody opens Route
        await previews.warm()
        const start = performance.now()
        await wholeOf(previews, draft)
        return { value: rounded(performance.now() - start) }
      }),
  },
  {
    name: 'forecast.thinning-error',
    unit: 'share of p95 TTFT',
    bar: 0.05,
    better: 'lower',
    measure: () =>
      withPreviews(async (previews, draft) => {
        const errors: number[] = []
        for (let round = 0; round < 4; round++) {
          previews.turn()
          const { first, whole } = await wholeOf(previews, draft)
          for (const future of ['stay', 'draft'] as const) {
            whole[future].workloads.ttftP95.forEach(({ value }, index) => {
              const other = first[future].workloads.ttftP95[index]?.value
              if (value !== null && other != null) errors.push(Math.abs(other / value - 1))
            })
          }
        }
        return { value: rounded(quantile(errors, 0.5)) }
      }),
  },
  {
    name: 'forecast.coverage',
    unit: 'of 200 changes',
    bar: [170, 194],
    better: 'between',
    long: true,
    measure: async () => {
      const trials: Trial[] = []
      for (const trial of tryChanges(200, 600)) {
        trials.push(trial)
        if (trials.length % 20 === 0) tell(`${trials.length} changes: ${judge(trials).inside} inside`)
      }
      const { inside, ...rest } = judge(trials)
      return { value: inside, ...rest }
    },
  },
]

/** Both answers to one question. */
function wholeOf(previews: Previews, draft: Routing): Promise<{ first: Forecast; whole: Forecast }> {
  return new Promise((resolve, reject) => {
    const first = previews.ask({}, draft, told => {
      if (told.whole) first.then(answer => resolve({ first: checked(answer), whole: told }), reject)
    })
    first.catch(reject)
  })
}

function checked(answer: Awaited<ReturnType<Previews['ask']>>): Forecast {
  if (!answer.ok || 'superseded' in answer) throw new Error('a preview was not answered')
  return answer
}

/** Of a default fleet that ran for five minutes, and a draft that moves a tenth of its chat traffic. */
async function withPreviews<Result>(measure: (previews: Previews, draft: Routing) => Promise<Result>): Promise<Result> {
  const { default: fleet } = fleets
  if (!fleet) throw new Error('there is no default fleet')
  const scenario = { fleet, seed: 1 }
  const simulation = createSimulation(scenario)
  advance(simulation, 300)
  const [from, to, ...rest] = simulation.routing.chat ?? []
  if (!from || !to) throw new Error('chat has no two routes')
  const previews = createPreviews({
    scenario,
    threads: 2,
    copy: async () => ({ sequence: 0, time: timeOf(simulation), present: shareState(presentOf(simulation)) }),
    now: () => performance.now(),
    failed: cause => {
      throw cause
    },
  })
  try {
    return await measure(previews, {
      chat: [{ ...from, share: from.share - 0.1 }, { ...to, share: to.share + 0.1 }, ...rest],
    })
  } finally {
    await previews.stop()
  }
}
