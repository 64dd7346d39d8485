import { Worker } from 'node:worker_threads'
import { fork, type Fleet, type ForecastPlan, type Simulation, type WorkloadForecast } from '../../simulation/index'
import { worker as place } from '../place'

/** Into a thread of forecasts: a fork to run to its end. */
export interface ToForecast {
  id: number
  fleet: Fleet
  future: Simulation
  plan: ForecastPlan
}

export interface FromForecast {
  id: number
  told: Record<string, WorkloadForecast>
}

/** Threads that run forecasts beside the run, which does not wait for them. */
export interface Forecasts {
  /** What would come of a run under each of the plans, side by side. */
  tell(simulation: Simulation, plans: readonly ForecastPlan[]): Promise<Record<string, WorkloadForecast>[]>
  stop(): Promise<void>
}

/** Starts so many threads; a plan more than that waits for its turn. */
export function startForecasts(threads: number): Forecasts {
  const waiting = new Map<number, { resolve: (message: FromForecast) => void; reject: (cause: Error) => void }>()
  const crew = Array.from({ length: threads }, startThread)
  let asked = 0
  return { tell, stop }

  async function tell(simulation: Simulation, plans: readonly ForecastPlan[]) {
    const answers = await Promise.all(plans.map(plan => ask(simulation, plan)))
    return answers.map(({ told }) => told)
  }

  function ask(simulation: Simulation, plan: ForecastPlan): Promise<FromForecast> {
    const id = ++asked
    const { fleet } = simulation.scenario
    const message: ToForecast = { id, fleet, future: fork(simulation, plan), plan }
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      crew[id % threads]?.postMessage(message, buffersOf(message.future))
    })
  }

  function startThread(): Worker {
    const thread = new Worker(place.code, {
      workerData: { forecasts: true },
      eval: place.eval,
      execArgv: [],
      name: 'forecast',
    })
    thread.on('message', (message: FromForecast) => {
      waiting.get(message.id)?.resolve(message)
      waiting.delete(message.id)
    })
    thread.on('error', cause => {
      for (const { reject } of waiting.values()) reject(cause)
      waiting.clear()
    })
    return thread
  }

  async function stop(): Promise<void> {
    await Promise.all(crew.map(thread => thread.terminate()))
  }
}

/** The memory of all columns of a state, each once; it moves to another thread instead of being copied. */
function buffersOf(state: object): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  const gather = (part: unknown): void => {
    if (ArrayBuffer.isView(part)) {
      if (part.buffer instanceof ArrayBuffer) buffers.add(part.buffer)
    } else if (typeof part === 'object' && part !== null) Object.values(part).forEach(gather)
  }
  gather(state)
  return [...buffers]
}
