import { Worker } from 'node:worker_threads'
import type { ForecastPlan, Present, Scenario, Tally } from '../../simulation/index'
import { worker as place } from '../place'
import type { ForecasterStart, FromForecaster, ToForecaster } from './forecaster'

/** What is wanted first goes first: a first answer, a longer look, a whole answer, one that nobody waits for. */
export const ranks = { first: 0, longer: 1, whole: 2, idle: 3 } as const
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
  /** `null` until a thread takes it. */
  thread: number | null
  rank: number
  message: ToForecaster
  weight: number
  resolve: (tallies: Tally[] | null) => void
  reject: (cause: Error) => void
}

/**
 * Starts so many threads. First answers go at once to the one that has least to do before them; of the others, which take
 * long, each thread has one of a rank and takes the next when it is done.
 */
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
    const message: ToForecaster = { kind: 'tell', id, key, rank, plan }
    const tallies = new Promise<Tally[] | null>((resolve, reject) => {
      waiting.set(id, { thread: null, rank, message, weight: weightOf(scenario, plan), resolve, reject })
    })
    if (rank === ranks.first) {
      const loads = crew.map((_, thread) => firstLoadOf(thread))
      give(id, loads.indexOf(Math.min(...loads)))
    } else {
      giveNext()
    }
    return { tallies, drop: () => drop(id) }
  }

  function drop(id: number): void {
    const dropped = waiting.get(id)
    if (!dropped) return
    waiting.delete(id)
    if (dropped.thread !== null) crew[dropped.thread]?.postMessage({ kind: 'drop', id } satisfies ToForecaster)
    dropped.resolve(null)
    giveNext()
  }

  function give(id: number, thread: number): void {
    const given = waiting.get(id)
    if (!given) return
    given.thread = thread
    crew[thread]?.postMessage(given.message)
  }

  /** What takes long goes to threads that have none of it: the lowest rank first and the oldest of a rank. */
  function giveNext(): void {
    for (const thread of crew.keys()) {
      const long = [...waiting].filter(([, { rank }]) => rank !== ranks.first)
      const kept = long.filter(([, each]) => each.thread === thread)
      const [next] = long
        .filter(([, each]) => each.thread === null && kept.every(([, { rank }]) => rank > each.rank))
        .sort(([one, a], [other, b]) => a.rank - b.rank || one - other)
      if (next) give(next[0], thread)
    }
  }

  /** Replicas that a thread has to simulate for first answers. */
  function firstLoadOf(thread: number): number {
    return [...waiting.values()].reduce(
      (sum, each) => (each.thread === thread && each.rank === ranks.first ? sum + each.weight : sum),
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
      giveNext()
    })
    thread.on('error', cause => {
      for (const [id, { thread, reject }] of waiting) {
        if (thread !== index) continue
        waiting.delete(id)
        reject(cause)
      }
      crew[index] = startThread(index)
      giveNext()
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
