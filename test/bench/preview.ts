import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startBuiltServer } from '../support/built-server'
import { quantile, rounded, tell, type Benchmark } from './benchmark'
import type { PreviewMeasure, PreviewTask } from './preview-client'

/** Drags of so many drafts each, and the time from one draft to the next while a slider moves [ms]. */
const task = { drags: 40, steps: 5, stepMs: 60, restMs: 1200 }

export const benchmarks: Benchmark[] = [
  {
    name: 'preview.p95-ms',
    unit: 'ms',
    bar: 200,
    better: 'lower',
    measure: async () => {
      const { answers, wholes } = await measured()
      return {
        value: rounded(quantile(answers, 0.95)),
        median: rounded(quantile(answers, 0.5)),
        wholeP95: rounded(quantile(wholes, 0.95)),
        drags: answers.length,
      }
    },
  },
  {
    name: 'preview.frame-late-p99-ms',
    unit: 'ms',
    bar: 20,
    better: 'lower',
    measure: async () => {
      const { late, quiet } = await measured()
      return {
        value: rounded(quantile(late, 0.99)),
        median: rounded(quantile(late, 0.5)),
        quiet: rounded(quantile(quiet, 0.99)),
        frames: late.length,
      }
    },
  },
]

let round: Promise<PreviewMeasure> | null = null

/** One round serves both figures. */
function measured(): Promise<PreviewMeasure> {
  return (round ??= measure())
}

/** An operator drags sliders of the default fleet, at a real server and over its socket. */
async function measure(): Promise<PreviewMeasure> {
  const server = await startBuiltServer()
  const child = fork(fileURLToPath(new URL('./preview-client.js', import.meta.url)))
  try {
    tell(`${task.drags} drags`)
    child.send({ url: server.url, ...task } satisfies PreviewTask)
    const [answer] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`the client ended (code ${code})`))),
    ])
    return answer as PreviewMeasure
  } finally {
    child.kill()
    await server.stop()
  }
}
