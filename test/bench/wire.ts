import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startBuiltServer } from '../support/built-server'
import { quantile, rounded, tell, type Benchmark } from './benchmark'
import type { WireTask } from './wire-clients'

const clients = 100
const seconds = 30

export const benchmarks: Benchmark[] = [
  {
    name: 'wire.p99-ms',
    unit: 'ms',
    bar: 50,
    better: 'lower',
    measure: async () => {
      const delays = await measureDelays()
      return {
        value: rounded(quantile(delays, 0.99)),
        median: rounded(quantile(delays, 0.5)),
        max: rounded(quantile(delays, 1)),
        clients,
        frames: delays.length,
      }
    },
  },
]

/** From the frame made in the server's worker to the frame in the hands of each client, over a quiet half minute. */
async function measureDelays(): Promise<number[]> {
  const server = await startBuiltServer({ node: ['--import', './test/bench/stamp.js'] })
  const child = fork(fileURLToPath(new URL('./wire-clients.js', import.meta.url)))
  try {
    tell(`${clients} clients listen for ${seconds} s`)
    child.send({ url: server.url, clients, seconds } satisfies WireTask)
    const [answer] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`the clients ended (code ${code})`))),
    ])
    return answer as number[]
  } finally {
    child.kill()
    await server.stop()
  }
}
