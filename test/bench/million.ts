import { performance } from 'node:perf_hooks'
import { startShards } from '../../server/live/shards'
import { fleets, takeFrame, timeOf, type Fleet } from '../../simulation/index'
import type { Benchmark } from './benchmark'
import { measureRequests } from './engine'

/** Simulated seconds that fill the fleet up, and seconds that are timed. */
const filling = 15
const timed = 10

export const benchmarks: Benchmark[] = [
  {
    name: 'engine.million-realtime',
    unit: '× real time',
    bar: 1,
    better: 'higher',
    measure: () => measureMillion(1),
  },
  {
    name: 'engine.million-realtime-2-cores',
    unit: '× real time',
    bar: 1.6,
    better: 'higher',
    measure: () => measureMillion(2),
  },
  {
    name: 'engine.million-bytes',
    unit: 'bytes',
    bar: 1024 * 1024 * 1024,
    better: 'lower',
    measure: async () => {
      await measureMillion(1)
      return { value: process.memoryUsage().rss }
    },
  },
  {
    name: 'engine.scaling',
    unit: 'time per request at 125,000 replicas ÷ at 100',
    bar: 5,
    better: 'lower',
    measure: async () => {
      const [few, many] = [measureRequests(100, 300), measureRequests(125_000, 3)]
      return { value: Math.round((100 * few) / many) / 100, few: Math.round(few), many: Math.round(many) }
    },
  },
]

/** Speed of the fleet of a million chips on so many threads, with a frame every second, after it has filled up. */
async function measureMillion(threads: number) {
  const shards = startShards({ fleet: million(), seed: 1 }, threads)
  const { simulation } = shards
  shards.advance(filling)
  const before = takeFrame(simulation, 0).totals
  const start = performance.now()
  for (let time = filling + 1; time <= filling + timed; time++) {
    shards.advance(time)
    takeFrame(simulation, time)
  }
  const seconds = (performance.now() - start) / 1000
  const after = takeFrame(simulation, 0).totals
  const inFlight = after.running + after.waiting + after.transferring
  await shards.stop()
  return {
    value: Math.round((100 * timed) / seconds) / 100,
    threads,
    requestsPerSecond: Math.round((after.arrived - before.arrived) / timed),
    inFlight,
    rejected: after.rejected - before.rejected,
    simulated: timeOf(simulation),
  }
}

function million(): Fleet {
  const fleet = fleets.million
  if (!fleet) throw new Error('there is no fleet of a million chips')
  return fleet
}
