import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** The server as it ships, in its own process. */
export interface BuiltServer {
  url: string
  port: number
  pid: number
  /** As an operator does it, with SIGTERM; fails if the server does not end with code 0. */
  stop(): Promise<void>
}

export interface Start {
  flags?: string[]
  /** Flags of Node. */
  node?: string[]
  /** 0 picks a free one. */
  port?: number
  /** Before the start, in its folder of runs. */
  prepare?: (data: string) => Promise<unknown>
}

/** `npm start`: builds what is stale, and is over when the warm-up of the run is. Start it from the root of the project. */
export async function startBuiltServer({ flags = [], node = [], port = 0, prepare }: Start = {}): Promise<BuiltServer> {
  const data = await mkdtemp(join(tmpdir(), 'headgate-'))
  await prepare?.(data)
  const args = [...node, 'server/start.js', '--port', String(port), '--data', data, ...flags]
  // what is stale is built as it ships; a test runner says otherwise to those it starts
  const env = { ...process.env, NODE_ENV: 'production' }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'exit').then(([code, signal]) => `${signal ?? `code ${code}`}`)
  const output = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', text => (output.out += text))
  child.stderr.setEncoding('utf8').on('data', text => (output.err += text))

  try {
    await Promise.race([
      ready(),
      ended.then(how => Promise.reject(new Error(`the server ended (${how}): ${output.err}`))),
      wait(120_000, undefined, { ref: false }).then(() =>
        Promise.reject(new Error('the server is not ready after 120 s')),
      ),
    ])
  } catch (cause) {
    child.kill('SIGKILL')
    await clean()
    throw cause
  }
  const url = firstLine()
  return { url, port: Number(new URL(url).port), pid: child.pid ?? 0, stop }

  async function ready(): Promise<void> {
    while (!output.out.includes('\n')) await once(child.stdout, 'data')
    while (!(await fetch(`${firstLine()}/readyz`)).ok) await wait(100)
  }

  function firstLine(): string {
    return output.out.slice(0, output.out.indexOf('\n'))
  }

  async function stop(): Promise<void> {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
    const how = await ended
    clearTimeout(timer)
    await clean()
    if (how !== 'code 0') throw new Error(`the server did not stop clean (${how}): ${output.err}`)
  }

  async function clean(): Promise<void> {
    await ended
    await rm(data, { recursive: true, force: true })
  }
}
