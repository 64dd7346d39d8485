/**
 * Preloaded into the server that is measured: each frame carries the wall time at which the run had made it [ms].
 * The server's code stays as it ships.
 */
import { syncBuiltinESMExports } from 'node:module'
import threads from 'node:worker_threads'

const { Worker, isMainThread, parentPort } = threads

if (isMainThread) {
  threads.Worker = class extends Worker {
    /** @param {ConstructorParameters<typeof Worker>} parameters */
    constructor(...[code, options]) {
      super(code, { ...options, execArgv: ['--import', import.meta.url] })
    }
  }
  syncBuiltinESMExports()
} else if (parentPort) {
  const post = parentPort.postMessage.bind(parentPort)
  parentPort.postMessage = message => {
    if (message.kind === 'frame') message.frame.madeAt = performance.timeOrigin + performance.now()
    post(message)
  }
}
