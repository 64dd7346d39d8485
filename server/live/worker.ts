/** A thread of the simulation: the run, or one of the shards it spreads over; nothing else runs here. */
import { parentPort, workerData } from 'node:worker_threads'
import { createFeed } from './feed'
import type { RunPlan, ToRun } from './messages'
import { createRun } from './run'
import { serveShard, type ShardStart } from './shard'
import { startShards } from './shards'

const port = parentPort
if (!port) throw new Error('live/worker runs as a thread of the server only')

const start = workerData as RunPlan | ShardStart
if ('shard' in start) serveShard(start, port)
const plan = start
// a trace is fed to one thread
const shards = startShards({ fleet: plan.fleet, seed: plan.seed }, plan.trace ? 1 : plan.threads)
const run = createRun(shards, plan.speed, {
  post: message => port.postMessage(message),
  clock: {
    now: () => performance.now(),
    after: (ms, call) => {
      const timer = setTimeout(call, ms)
      return () => clearTimeout(timer)
    },
  },
  feed: createFeed(shards.simulation, plan),
  warmUp: plan.fleet.warmUp,
})
port.on('message', (message: ToRun) => run.take(message))
await run.drive()
