import { performance } from 'node:perf_hooks'
import { advance, createSimulation, fleets, takeFrame, type Frame } from '../../simulation/index'
import { quantile, rounded, type Benchmark } from './benchmark'

const warmUp = 300
const minute = 60

export const benchmarks: Benchmark[] = [
  {
    name: 'frame.worker-ms',
    unit: 'ms',
    bar: 10,
    better: 'lower',
    measure: async () => {
      const times: number[] = []
      runDefaultFleet(ms => times.push(ms))
      return {
        value: rounded(quantile(times, 0.95)),
        median: rounded(quantile(times, 0.5)),
        p99: rounded(quantile(times, 0.99)),
        frames: times.length,
      }
    },
  },
  {
    name: 'frame.bytes',
    unit: 'bytes',
    bar: 16_384,
    better: 'lower',
    measure: async () => {
      const sizes: number[] = []
      runDefaultFleet((_, frame) => sizes.push(Buffer.byteLength(JSON.stringify(frame))))
      return { value: Math.max(...sizes), median: quantile(sizes, 0.5), frames: sizes.length }
    },
  },
]

/** A minute of the default fleet at speed 1, as the worker runs it: a quarter of a second, then its frame. */
function runDefaultFleet(take: (ms: number, frame: Frame) => void): void {
  const { default: fleet } = fleets
  if (!fleet) throw new Error('there is no default fleet')
  const simulation = createSimulation({ fleet, seed: 1 })
  advance(simulation, warmUp)
  for (let sequence = 1; sequence <= minute * 4; sequence++) {
    const start = performance.now()
    advance(simulation, warmUp + sequence / 4)
    const frame = takeFrame(simulation, sequence)
    take(performance.now() - start, frame)
  }
}
