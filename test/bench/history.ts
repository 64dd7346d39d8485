import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { openHistory, type HistoryRecord } from '../../server/history/history'
import { charted, advance, createSimulation, fleets, takeFrame, viewFleet, type Frame } from '../../simulation/index'
import { quantile, rounded, tell, type Benchmark } from './benchmark'

const budget = 512 * 2 ** 20
/** A day and a half: more than the ring of seconds holds. */
const seconds = 130_000
const asked = 300
const points = 600

export const benchmarks: Benchmark[] = [
  {
    name: 'history.range-ms',
    unit: 'ms',
    bar: 200,
    better: 'lower',
    measure: async () => {
      const { default: fleet } = fleets
      if (!fleet) throw new Error('there is no default fleet')
      const folder = await mkdtemp(join(tmpdir(), 'headgate-bench-'))
      const simulation = createSimulation({ fleet, seed: 1 })
      advance(simulation, 60)
      const history = await openHistory({ folder, fleet: viewFleet(fleet), bytes: budget, horizon: Infinity })
      try {
        tell(`a history of ${seconds} s is written`)
        const addMs = await fill(history, takeFrame(simulation, 1))
        const { times, moments } = await ask(history)
        const { oldest = 0 } = history.extent() ?? {}
        return {
          value: rounded(quantile(times, 0.95)),
          median: rounded(quantile(times, 0.5)),
          most: rounded(Math.max(...times)),
          momentP95: rounded(quantile(moments, 0.95)),
          addMs: rounded(addMs),
          ranges: asked,
          points,
          seconds: seconds - oldest,
        }
      } finally {
        await history.close()
        await rm(folder, { recursive: true, force: true })
      }
    },
  },
]

/** Mean time that a frame is held up by what is kept of it [ms]. */
async function fill(history: HistoryRecord, frame: Frame): Promise<number> {
  let spent = 0
  for (let time = 1; time <= seconds; time++) {
    const begun = performance.now()
    history.add({ ...frame, time, sequence: time * 4 })
    spent += performance.now() - begun
    if (time % 300 === 0) await history.flush()
  }
  await history.flush()
  return spent / seconds
}

/** Ranges of any length and place, as a client gets them: read, thinned and written as JSON. */
async function ask(history: HistoryRecord): Promise<{ times: number[]; moments: number[] }> {
  const times: number[] = []
  const moments: number[] = []
  for (let count = 0; count < asked; count++) {
    const length = 60 * Math.exp(Math.random() * Math.log(seconds / 60))
    const from = Math.random() * (seconds - length)
    const begun = performance.now()
    JSON.stringify(await history.range({ from, to: from + length, points, series: charted }))
    const between = performance.now()
    JSON.stringify(await history.moment(from))
    times.push(between - begun)
    moments.push(performance.now() - between)
  }
  return { times, moments }
}
