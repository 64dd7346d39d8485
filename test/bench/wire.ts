import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openBare } from '../support/bare-client'
import { startBuiltServer, type BuiltServer } from '../support/built-server'
import { quantile, rounded, tell, type Benchmark } from './benchmark'
import type { BoundTask, Way } from './wire-bound'
import type { WireTask, WireWord } from './wire-clients'

const crowd = { healthy: 940, frozen: 50, hostile: 10, seconds: 20, says: true }
const few = { healthy: 100, frozen: 0, hostile: 0, seconds: 30, says: true }
const rounds = 3

export const benchmarks: Benchmark[] = [
  {
    name: 'wire.p99-ms',
    unit: 'ms',
    bar: 50,
    better: 'lower',
    measure: async () => {
      const server = await startBuiltServer()
      try {
        const { delays } = await listen(server.pid, { port: server.port, ...few })
        return { ...figuresOf(delays), clients: few.healthy }
      } finally {
        await server.stop()
      }
    },
  },
  {
    name: 'wire.1000.p99-ms',
    unit: 'ms',
    bar: 75,
    better: 'lower',
    measure: async () => {
      const server = await startBuiltServer()
      try {
        const { delays, ...rest } = await listen(server.pid, { port: server.port, ...crowd })
        return { ...figuresOf(delays), ...rest }
      } finally {
        await server.stop()
      }
    },
  },
  {
    name: 'wire.1000.cpu-ratio',
    unit: 'processor time ÷ that of the bound',
    bar: 1.5,
    better: 'lower',
    measure: async () => {
      const server = await startBuiltServer()
      try {
        const bounds: number[] = []
        const bare: number[] = []
        const costs: number[] = []
        const packet = await aFrame(server)
        for (let round = 0; round < rounds; round++) {
          bounds.push(await costOfBound('ws', packet))
          bare.push(await costOfBound('tcp', packet))
          costs.push(await costOfClients(server))
          tell(
            `round ${round + 1}: ${costs.at(-1)} % of a core, ${bounds.at(-1)} % for the bound, ${bare.at(-1)} % past ws`,
          )
        }
        const [cost, bound, least] = [quantile(costs, 0.5), quantile(bounds, 0.5), quantile(bare, 0.5)]
        return {
          value: rounded(cost / bound),
          toBareTcp: rounded(cost / least),
          percentOfCore: cost,
          bound,
          costs,
          bounds,
          bytes: packet.length,
          ...crowd,
        }
      } finally {
        await server.stop()
      }
    },
  },
]

function figuresOf(delays: readonly number[]) {
  return {
    value: rounded(quantile(delays, 0.99)),
    median: rounded(quantile(delays, 0.5)),
    max: rounded(quantile(delays, 1)),
    frames: delays.length,
  }
}

/** What the clients tell of a server, the share of a core that it took meanwhile [%], and how much it grew [MB]. */
async function listen(pid: number, task: WireTask) {
  const clients = fork(fileURLToPath(new URL('./wire-clients.js', import.meta.url)))
  try {
    tell(`${task.healthy + task.frozen + task.hostile} clients for ${task.seconds} s`)
    clients.send(task)
    await heard<WireWord>(clients)
    const before = { cpu: processorTime(pid), memory: residentMemory(pid) }
    const word = await heard<WireWord>(clients)
    if (word.kind !== 'ended') throw new Error(`clients said ${word.kind}, expected their end`)
    const { kind: _, ...told } = word
    if (task.hostile > 0 && told.cut === 0) throw new Error('no hostile client was cut off')
    if (told.lost > 0) throw new Error(`${told.lost} healthy clients lost their connection`)
    return {
      ...told,
      percent: rounded((100 * (processorTime(pid) - before.cpu)) / task.seconds),
      grownMb: rounded(residentMemory(pid) - before.memory),
      residentMb: rounded(residentMemory(pid)),
    }
  } finally {
    clients.kill()
  }
}

/** Processor time that a crowd costs beside what the server takes without it, the simulation first of all [% of a core]. */
async function costOfClients(server: BuiltServer): Promise<number> {
  // those of the round before are gone, and their address is welcome again
  await wait(12_000)
  const alone = processorTime(server.pid)
  await wait(crowd.seconds * 1000)
  const without = (100 * (processorTime(server.pid) - alone)) / crowd.seconds
  const { percent } = await listen(server.pid, { port: server.port, ...crowd })
  return rounded(percent - without)
}

/** The same bytes at the same rate to the healthy ones, by a bare ws server [% of a core]. */
async function costOfBound(way: Way, packet: string): Promise<number> {
  const bound = fork(fileURLToPath(new URL('./wire-bound.js', import.meta.url)))
  try {
    bound.send({ way, packet } satisfies BoundTask)
    const port = await heard<number>(bound)
    const { percent } = await listen(bound.pid ?? 0, { ...crowd, port, frozen: 0, hostile: 0, says: false })
    return percent
  } finally {
    bound.kill()
  }
}

/** A packet with a frame, as it goes over the wire. */
function aFrame({ port }: BuiltServer): Promise<string> {
  return new Promise(resolve => {
    const client = openBare({
      port,
      hear: packet => {
        const text = packet.toString()
        if (!text.startsWith('42["frame"')) return
        client.leave()
        resolve(text)
      },
    })
  })
}

async function heard<Word>(child: ChildProcess): Promise<Word> {
  const [word] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`a process of the benchmark ended (code ${code})`))),
  ])
  return word as Word
}

/** Of all threads of a process, as Linux counts it [s]. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const [user, system] = [fields[11], fields[12]]
  return (Number(user) + Number(system)) / 100
}

/** [MB] */
function residentMemory(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kilobytes) * 1024) / 1e6
}
