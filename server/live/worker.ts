/** The thread of the simulation: nothing else runs here. */
import { parentPort, workerData } from 'node:worker_threads'
import { createSimulation } from '../../simulation/index'
import { createFeed } from './feed'
import type { RunPlan, ToRun } from './messages'
import { createRun } from './run'

const port = parentPort
if (!port) throw new Error('live/worker runs as a thread of the server only')

const plan = workerData as RunPlan
const simulation = createSimulation({ fleet: plan.fleet, seed: plan.seed })
const run = createRun(simulation, plan.speed, {
  post: message => port.postMessage(message),
  clock: {
    now: () => performance.now(),
    after: (ms, call) => {
      const timer = setTimeout(call, ms)
      return () => clearTimeout(timer)
    },
  },
  feed: createFeed(simulation, plan),
})
port.on('message', (message: ToRun) => run.take(message))
await run.drive()
