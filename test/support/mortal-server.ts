import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'

/** The built server in a process that can be killed at any instant. */
export interface MortalServer {
  url: string
  /** Resolves when it is listening. */
  listening: Promise<void>
  /** Resolves when its run is ready; fails if it ends before. */
  ready: Promise<void>
  err: () => string
  /** A place in its data folder, as the server sees it. */
  path: (name: string) => string
  /** As the system does it: no signal that it could handle. */
  kill(): Promise<void>
  /** Asks it to stop, and gives its exit code. */
  stop(): Promise<number | null>
}

export interface MortalStart {
  data: string
  port: number
  flags?: string[]
  /** A line of a shell that comes before it, such as a limit. */
  before?: string
  /** The data folder is a disk of its own of this size, seen by the server alone, and gone with it. */
  mounted?: string
}

/** Builds what is stale, so that no start waits for it. */
export async function buildServer(): Promise<void> {
  const [code] = await once(spawn(process.execPath, ['server/start.js', '--help'], { stdio: 'ignore' }), 'exit')
  if (code !== 0) throw new Error(`the build failed (code ${code})`)
}

/** Start it from the root of the project, with a port of its own, so that clients find it again after a restart. */
export function startMortal({ data, port, flags = [], before = '', mounted }: MortalStart): MortalServer {
  const args = ['server/start.js', '--port', String(port), '--data', data, ...flags]
  const mount = mounted ? `mount -t tmpfs -o size=${mounted} tmpfs ${data} &&` : ''
  const shell = ['sh', '-c', `${mount} ${before} exec "$0" "$@"`, process.execPath, ...args]
  const [command = '', ...rest] = mounted ? ['unshare', '-rm', ...shell] : shell
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
  const url = `http://127.0.0.1:${port}`
  let err = ''
  child.stderr.setEncoding('utf8').on('data', text => (err += text))
  child.stdout.resume()
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const listening = waitFor(child, () => answers(`${url}/healthz`))
  const ready = waitFor(child, () => answers(`${url}/readyz`))
  // whoever kills it early need not wait for them
  for (const promise of [listening, ready]) promise.catch(() => {})
  return {
    url,
    listening,
    ready,
    err: () => err,
    path: name => `/proc/${child.pid}/root${data}/${name}`,
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      return child.exitCode
    },
  }

  async function waitFor(child: ChildProcess, holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended: ${err}`)
      await wait(20)
    }
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no address')
  return address.port
}
