/** A thread that runs experiments, one after the other. */
import { parentPort } from 'node:worker_threads'
import { attempt, type Outcome } from './outcome'
import type { ReadyExperiment } from './traces'

const port = parentPort
if (!port) throw new Error('experiments/worker runs as a thread only')
port.on('message', (experiment: ReadyExperiment) => {
  void attempt(experiment).then(outcome => port.postMessage(outcome satisfies Outcome))
})
