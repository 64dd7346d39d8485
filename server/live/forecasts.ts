import { Worker } from 'node:worker_threads'
import type { ForecastPlan, Present, Scenario, Tally } from '../../simulation/index'
import { worker as place } from '../place'
import type { ForecasterStart, FromForecaster, ToForecaster } from './forecaster'

/** What is wanted first goes first: a first answer, a whole one, one that nobody waits for. */
export const ranks = { first: 0, whole: 1, idle: 2 } as const
export type Rank = keyof typeof ranks

/** Threads that run forecasts beside the run, which does not wait for them. */
export interface Forecasts {
  /** Tells the threads of a present that is asked about next. */
  know(key: number, present: Present): void
  /** What would happen in each block from a known present on. */
  tell(key: number, plan: ForecastPlan, rank: Rank): Telling
  stop(): Promise<void>
}

export interface Telling {
  /** `null` if it was dropped, or its present is forgotten. */
  tallies: Promise<Tally[] | null>
  drop(): void
}

interface Waiting {
  thread: number
  rank: number
  weight: number
  resolve: (tallies: Tally[] | null) => void
  reject: (cause: Error) => void
}

/** Starts so many threads; what is asked goes to the one that has least to do before it. */
export function startForecasts(scenario: Scenario, threads: number): Forecasts {
  const waiting = new Map<number, Waiting>()
  const crew = Array.from({ length: threads }, (_, index) => startThread(index))
  let asked = 0
  return { know, tell, stop }

  function know(key: number, present: Present): void {
    for (const thread of crew) thread.postMessage({ kind: 'present', key, present } satisfies ToForecaster)
  }

  function tell(key: number, plan: ForecastPlan, name: Rank): Telling {
    const id = ++asked
    const rank = ranks[name]
    const loads = crew.map((_, thread) => loadOf(thread, rank))
    const thread = loads.indexOf(Math.min(...loads))
    const tallies = new Promise<Tally[] | null>((resolve, reject) => {
      waiting.set(id, { thread, rank, weight: weightOf(scenario, plan), resolve, reject })
    })
    crew[thread]?.postMessage({ kind: 'tell', id, key, rank, plan } satisfies ToForecaster)
    return { tallies, drop: () => drop(id) }
  }

  function drop(id: number): void {
    const dropped = waiting.get(id)
    if (!dropped) return
    waiting.delete(id)
    crew[dropped.thread]?.postMessage({ kind: 'drop', id } satisfies ToForecaster)
    dropped.resolve(null)
  }

  /** Replicas that a thread has to simulate before or beside a question of a rank. */
  function loadOf(thread: number, rank: number): number {
    return [...waiting.values()].reduce(
      (sum, each) => (each.thread === thread && each.rank <= rank ? sum + each.weight : sum),
      0,
    )
  }

  /** One that fails takes what it was asked with it; the next one begins anew. */
  function startThread(index: number): Worker {
    const thread = new Worker(place.code, {
      workerData: { forecasts: true, scenario } satisfies ForecasterStart,
      eval: place.eval,
      execArgv: [],
      name: 'forecast',
    })
    thread.on('message', ({ id, tallies }: FromForecaster) => {
      waiting.get(id)?.resolve(tallies)
      waiting.delete(id)
    })
    thread.on('error', cause => {
      for (const [id, { thread, reject }] of waiting) {
        if (thread !== index) continue
        waiting.delete(id)
        reject(cause)
      }
      crew[index] = startThread(index)
    })
    return thread
  }

  async function stop(): Promise<void> {
    for (const id of [...waiting.keys()]) drop(id)
    await Promise.all(crew.map(thread => thread.terminate()))
  }
}

function weightOf({ fleet }: Scenario, { pools, thinning }: ForecastPlan): number {
  return fleet.pools.reduce(
    (sum, pool, index) => (!pools || pools.includes(index) ? sum + Math.min(pool.replicas, thinning.tokens) : sum),
    0,
  )
}
