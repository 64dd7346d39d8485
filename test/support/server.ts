import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { io, type Socket } from 'socket.io-client'
import { pages } from '../../server/http/pages'
import type { TracePlan } from '../../server/live/messages'
import type { ClientEvents, Hello, ServerEvents } from '../../server/protocol'
import { startServer, type ServerPlan } from '../../server/server'
import { fleets, type Fleet } from '../../simulation/index'
import { acknowledgeFrames } from './acknowledge'

export interface TestServer {
  url: string
  port: number
  /** Folder of the journal. */
  data: string
  /** What it logged. */
  log: string[]
  stop(): Promise<void>
}

export interface TestPlan {
  fleet?: Fleet
  seed?: number
  speed?: number
  trace?: TracePlan | null
  /** Waits for the end of the warm-up; true unless said otherwise. */
  ready?: boolean
  /** Before the start, in its folder of runs. */
  prepare?: (data: string) => Promise<unknown>
  plan?: Partial<ServerPlan>
}

/** A real server on a free port, with a small fleet unless said otherwise. */
export async function startTestServer({
  fleet = smallFleet(),
  seed = 1,
  speed = 1,
  trace = null,
  ready = true,
  prepare,
  plan,
}: TestPlan = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-'))
  const data = join(folder, 'data')
  await prepare?.(data)
  const log: string[] = []
  let failure: Error | null = null
  const server = await startServer({
    fleet,
    seed,
    speed,
    threads: 1,
    trace,
    host: '127.0.0.1',
    port: 0,
    data,
    historyBytes: 64 * 2 ** 20,
    dev: false,
    page: async () => ({ handle: pages(await smallPage(folder)) }),
    log: line => void log.push(line),
    failed: cause => (failure = cause),
    ...plan,
  })
  if (ready)
    await until(async () => {
      if (failure) throw failure
      return (await fetch(`${server.url}/readyz`)).ok
    })
  return {
    url: server.url,
    port: Number(new URL(server.url).port),
    data,
    log,
    stop: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Chat and coding of the default fleet on a few replicas of three chips, at a hundredth of the traffic. */
export function smallFleet(): Fleet {
  const { default: region } = fleets
  if (!region) throw new Error('there is no default fleet')
  const kept = ['chat', 'code']
  const pools = region.pools
    .filter(({ id }) => /^(h200|b200|h100)-(chat|code)$/.test(id))
    .map(pool => ({ ...pool, replicas: 2 }))
  const share = (workload: string) => pools.filter(({ id }) => id.endsWith(workload))
  return {
    ...region,
    id: 'small',
    pools,
    workloads: region.workloads
      .filter(({ id }) => kept.includes(id))
      .map(workload => ({ ...workload, arrivals: { kind: 'poisson', stages: [{ duration: Infinity, rate: 4 }] } })),
    routing: Object.fromEntries(
      kept.map(workload => [
        workload,
        share(workload).map(({ id }) => ({ prefill: id, decode: id, share: 1 / share(workload).length })),
      ]),
    ),
  }
}

export type TestSocket = Socket<ServerEvents, ClientEvents>

/** A real client, which says what frames it has; `hello` is what the server greeted it with. */
export async function connect(
  url: string,
  options: Parameters<typeof io>[1] = {},
): Promise<{ socket: TestSocket; hello: Hello }> {
  const socket: TestSocket = io(url, { transports: ['websocket'], reconnection: false, forceNew: true, ...options })
  acknowledgeFrames(socket)
  try {
    return { socket, hello: await next(socket, 'hello') }
  } catch (cause) {
    socket.disconnect()
    throw cause
  }
}

/** The next event of a kind that the condition takes; fails if the connection ends before. */
export function next<Event extends keyof ServerEvents>(
  socket: TestSocket,
  event: Event,
  takes: (message: Parameters<ServerEvents[Event]>[0]) => boolean = () => true,
): Promise<Parameters<ServerEvents[Event]>[0]> {
  return new Promise((resolve, reject) => {
    const hear = (message: Parameters<ServerEvents[Event]>[0]) => {
      if (!takes(message)) return
      done()
      resolve(message)
    }
    const fail = (cause: unknown) => {
      done()
      reject(cause instanceof Error ? cause : new Error(String(cause)))
    }
    const done = () => {
      socket.off(event, hear as never)
      socket.off('connect_error', fail)
      socket.off('disconnect', fail)
    }
    socket.on(event, hear as never)
    socket.on('connect_error', fail)
    socket.on('disconnect', fail)
  })
}

/** Asks again and again until the answer is yes. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs = 100_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not so within ${withinMs} ms: ${holds.toString()}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

async function smallPage(folder: string): Promise<string> {
  const page = join(folder, 'page')
  await mkdir(join(page, 'assets'), { recursive: true })
  await writeFile(join(page, 'index.html'), '<!doctype html><title>Headgate</title>')
  await writeFile(join(page, 'assets', 'index-1a2b3c.js'), 'export {}')
  return page
}
