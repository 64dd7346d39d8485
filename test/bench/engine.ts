import { performance } from 'node:perf_hooks'
import { advance, createSimulation, fleets, takeFrame } from '../../simulation/index'
import { fleet, poisson, pool, routes, workload } from '../support/fleets'
import type { Benchmark } from './benchmark'

const rate = 400

/** 100 replicas of 8 × H100 with a 70B model, each sent 4 requests a second with the lengths of chat. */
const hundredReplicas = fleet([pool('p', { model: 'llama-3.1-70b', replicas: 100, tensorParallel: 8 })], [chatLike()], {
  chat: routes({ p: 1 }),
})

function chatLike(): ReturnType<typeof workload> {
  const chat = fleets.default?.workloads.find(({ id }) => id === 'chat')
  if (!chat) throw new Error('the default fleet has no chat')
  return workload('chat', {
    model: 'llama-3.1-70b',
    arrivals: poisson(rate),
    promptTokens: chat.promptTokens,
    outputTokens: chat.outputTokens,
    objectives: chat.objectives,
  })
}

export const benchmarks: Benchmark[] = [
  {
    name: 'engine.requests-per-second',
    unit: 'requests/s',
    bar: 500_000,
    better: 'higher',
    measure: async () => {
      const runs = [measureRequests(), measureRequests(), measureRequests()].sort((a, b) => a - b)
      return { value: Math.round(runs[1] ?? 0), runs: runs.map(Math.round) }
    },
  },
]

/** Requests finished per second of one core, frames included, after a minute of warming up. */
function measureRequests(): number {
  const simulation = createSimulation({ fleet: hundredReplicas, seed: 1 })
  advance(simulation, 60)
  const before = takeFrame(simulation, 0).totals.finished
  const start = performance.now()
  for (let time = 60.25; time <= 1560; time += 0.25) {
    advance(simulation, time)
    if (time % 15 === 0) takeFrame(simulation, 0)
  }
  return ((takeFrame(simulation, 0).totals.finished - before) / (performance.now() - start)) * 1000
}
