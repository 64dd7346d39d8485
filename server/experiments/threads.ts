import { Worker } from 'node:worker_threads'
import { experimentWorker as place } from '../place'
import { attempt, type Outcome } from './outcome'
import type { ReadyExperiment } from './traces'

/** Where experiments run, as many at a time as there are runners. */
export interface Runner {
  run(experiment: ReadyExperiment): Promise<Outcome>
  stop(): Promise<void>
}

/** So many runners: one needs no thread of its own. */
export function startRunners(count: number): Runner[] {
  return count === 1 ? [{ run: attempt, stop: async () => {} }] : Array.from({ length: count }, startThread)
}

function startThread(): Runner {
  let thread: Worker | null = null
  return {
    run(experiment) {
      const worker = (thread ??= new Worker(place.code, { eval: place.eval, execArgv: [], name: 'experiments' }))
      return new Promise(resolve => {
        const end = (outcome: Outcome): void => {
          worker.off('message', end).off('error', fail).off('exit', exit)
          resolve(outcome)
        }
        // a thread that has ended, of too little memory for instance, is replaced with the next experiment
        const fail = (reason: unknown): void => {
          thread = null
          end({ failure: String(reason) })
        }
        const exit = (code: number): void => fail(`its thread ended (code ${code})`)
        worker.on('message', end).on('error', fail).on('exit', exit)
        worker.postMessage(experiment)
      })
    },
    async stop() {
      await thread?.terminate()
    },
  }
}
