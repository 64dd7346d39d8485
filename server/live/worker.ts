/** A thread of the simulation: the run, one of the shards it spreads over, or forecasts; nothing else runs here. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { createFeed } from './feed'
import { serveForecasts, type ForecasterStart } from './forecaster'
import type { RunStart, ToRun } from './messages'
import { createRun } from './run'
import { serveShard, type ShardStart } from './shard'
import { startShards } from './shards'

const port = parentPort
if (!port) throw new Error('live/worker runs as a thread of the server only')

const start = workerData as RunStart | ShardStart | ForecasterStart
if ('shard' in start) serveShard(start, port)
else if ('forecasts' in start) serveForecasts(start, port)
else await serveRun(start, port)

async function serveRun({ plan, foresees, resumption }: RunStart, port: MessagePort): Promise<void> {
  // a trace is fed to one thread
  const threads = plan.trace ? 1 : plan.threads
  const shards = startShards({ fleet: plan.fleet, seed: plan.seed }, threads, resumption?.snapshot)
  const run = createRun(shards, plan.speed, {
    post: (message, transfer) => port.postMessage(message, transfer),
    clock: {
      // of the same hours as other clocks
      now: () => performance.timeOrigin + performance.now(),
      after: (ms, call) => {
        const timer = setTimeout(call, ms)
        return () => clearTimeout(timer)
      },
    },
    feed: createFeed(shards.simulation, plan),
    warmUp: plan.fleet.warmUp,
    resumption,
    foresees,
  })
  port.on('message', (message: ToRun) => run.take(message))
  await run.drive()
}
