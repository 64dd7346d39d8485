import { performance } from 'node:perf_hooks'
import { advance, createSimulation, fleets, takeFrame, type Fleet, type Frame } from '../../simulation/index'
import { wideFleet } from '../support/wide-fleet'
import { quantile, rounded, type Benchmark, type Measured } from './benchmark'

const warmUp = 300
const minute = 60

export const benchmarks: Benchmark[] = [
  {
    name: 'frame.worker-ms',
    unit: 'ms',
    bar: 10,
    better: 'lower',
    measure: async () => timesOf(defaultFleet()),
  },
  {
    name: 'frame.bytes',
    unit: 'bytes',
    bar: 16_384,
    better: 'lower',
    measure: async () => sizesOf(defaultFleet()),
  },
  {
    name: 'frame.1000-pools.worker-ms',
    unit: 'ms',
    bar: 10,
    better: 'lower',
    measure: async () => timesOf(wideFleet()),
  },
  {
    name: 'frame.1000-pools.bytes',
    unit: 'bytes',
    bar: 16_384,
    better: 'lower',
    measure: async () => sizesOf(wideFleet()),
  },
]

function timesOf(fleet: Fleet): Measured {
  const runs = [1, 2, 3].map(() => {
    const times: number[] = []
    runFleet(fleet, ms => times.push(ms))
    return [0.5, 0.95, 0.99].map(part => quantile(times, part))
  })
  const [median, p95, p99] = [0, 1, 2].map(column =>
    rounded(
      quantile(
        runs.map(run => run[column] ?? NaN),
        0.5,
      ),
    ),
  )
  return { value: p95 ?? NaN, median, p99, frames: minute * 4, runs: runs.length }
}

function sizesOf(fleet: Fleet): Measured {
  const sizes: number[] = []
  runFleet(fleet, (_, frame) => sizes.push(Buffer.byteLength(JSON.stringify(frame))))
  return { value: Math.max(...sizes), median: quantile(sizes, 0.5), frames: sizes.length }
}

function defaultFleet(): Fleet {
  const { default: fleet } = fleets
  if (!fleet) throw new Error('there is no default fleet')
  return fleet
}

/** A minute at speed 1, as the worker runs it: a quarter of a second, then its frame. */
function runFleet(fleet: Fleet, take: (ms: number, frame: Frame) => void): void {
  const simulation = createSimulation({ fleet, seed: 1 })
  advance(simulation, warmUp)
  for (let sequence = 1; sequence <= minute * 4; sequence++) {
    const start = performance.now()
    advance(simulation, warmUp + sequence / 4)
    const frame = takeFrame(simulation, sequence)
    take(performance.now() - start, frame)
  }
}
