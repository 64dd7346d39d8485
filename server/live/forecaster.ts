import { setPriority } from 'node:os'
import type { MessagePort } from 'node:worker_threads'
import { foretell, type ForecastPlan, type Present, type Scenario, type Tally } from '../../simulation/index'

/** What a thread of forecasts is started with. */
export interface ForecasterStart {
  forecasts: true
  scenario: Scenario
}

/** Into the thread. */
export type ToForecaster =
  /** The present of the run; older ones are forgotten when nothing is asked of them. */
  | { kind: 'present'; key: number; present: Present }
  | { kind: 'tell'; id: number; key: number; rank: number; plan: ForecastPlan }
  | { kind: 'drop'; id: number }

/** Out of it: what happens in each block; `null` of a present that is forgotten. */
export interface FromForecaster {
  id: number
  tallies: Tally[] | null
}

/** Presents that are kept for questions that are on their way. */
const keptPresents = 8

/** Works on what is asked, the lowest rank first and the oldest of a rank, in pieces short enough to hear what else comes. */
export function serveForecasts({ scenario }: ForecasterStart, port: MessagePort): void {
  giveWay()
  const presents = new Map<number, Present>()
  const tasks = new Map<number, { rank: number; telling: Generator<void, Tally[]> }>()
  let working = false
  port.on('message', (message: ToForecaster) => {
    hear(message)
    if (!working) work()
  })

  function hear(message: ToForecaster): void {
    switch (message.kind) {
      case 'present':
        presents.set(message.key, message.present)
        for (const key of [...presents.keys()].slice(0, -keptPresents)) presents.delete(key)
        return
      case 'tell': {
        const { id, rank, plan } = message
        const present = presents.get(message.key)
        if (!present) port.postMessage({ id, tallies: null } satisfies FromForecaster)
        else tasks.set(id, { rank, telling: foretell({ ...present, scenario }, plan) })
        return
      }
      case 'drop':
        tasks.delete(message.id)
    }
  }

  function work(): void {
    const [next] = [...tasks].sort(([one, a], [other, b]) => a.rank - b.rank || one - other)
    working = next !== undefined
    if (!next) return
    const [id, { telling }] = next
    const { done, value } = telling.next()
    if (done) {
      tasks.delete(id)
      const buffers = value.flatMap(({ workloads }) =>
        workloads.flatMap(of => (of ? [of.ttft.counts.buffer, of.itl.counts.buffer] : [])),
      )
      port.postMessage({ id, tallies: value } satisfies FromForecaster, buffers as ArrayBuffer[])
    }
    setImmediate(work)
  }
}

/** Where all cores are busy, the run gets about twice the time of a forecast. */
const niceness = 3

/** Frames come first. Elsewhere than on Linux this would be the priority of all threads. */
function giveWay(): void {
  if (process.platform === 'linux') setPriority(0, niceness)
}
