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
        const settle = (outcome: Outcome): void => {
          worker.removeAllListeners()
          resolve(outcome)
        }
        // a thread that has ended, of too little memory for instance, is replaced with the next experiment
        const fail = (reason: string): void => {
          thread = null
          settle({ failure: reason })
        }
        worker.once('message', settle)
        worker.once('error', error => fail(String(error)))
        worker.once('exit', code => fail(`its thread ended (code ${code})`))
        worker.postMessage(experiment)
      })
    },
    async stop() {
      await thread?.terminate()
    },
  }
}
