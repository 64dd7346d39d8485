import { NoTokens } from './access/access'
import { isLoopback } from './access/loopback'
import { BadTokens } from './access/token-file'
import { availableParallelism } from 'node:os'
import { BadConfig, bad, readConfig, usage } from './config'
import { devPage } from './http/dev-page'
import { isBuilt, pages } from './http/pages'
import { Locked } from './journal/lock'
import { OtherRun } from './journal/store'
import { describePlan, planRun } from './live/plan'
import { BadTrace } from './live/trace-file'
import { builtPage } from './place'
import { startServer, type RunningServer } from './server'
import { tune } from './tune'

// whoever read the output may be gone; the server goes on
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
tune()
await main(process.argv.slice(2))

async function main(flags: string[]): Promise<void> {
  try {
    const config = readConfig(flags)
    if (config.help) return print(usage)
    const { host, port, data, fresh, historyBytes, dev } = config
    if (!dev && !isBuilt(builtPage))
      throw new BadConfig(`page: got no build in ${builtPage}, expected one by npm run build`)
    const plan = await planRun(config)
    const page = dev ? devPage : async () => ({ handle: pages(builtPage) })
    const server = await startServer({
      ...plan,
      host,
      port,
      data,
      // each change of the code would be another run
      fresh: fresh || dev,
      historyBytes,
      dev,
      forecasts: Math.min(2, availableParallelism()),
      page,
      log,
      failed: cause => fail(server, cause),
    })
    endOnSignal(server)
    if (!isLoopback(host)) log('tokens go over the network as they are: put TLS in front of this address')
    print(server.url)
    const { run, resumed, speed } = server
    print(`${describePlan({ ...plan, speed })}; ${resumed ? 'goes on with' : 'begins'} run ${run}`)
  } catch (cause) {
    end(explain(cause))
  }
}

/** What ends a start, in one line where it can be known: a setting (2), or the machine (1). */
function explain(cause: unknown): { line: string; code: number } {
  if (cause instanceof BadConfig) return { line: cause.message, code: 2 }
  if (cause instanceof BadTrace) return { line: cause.message, code: 2 }
  if (cause instanceof BadTokens) return { line: cause.message, code: 1 }
  if (cause instanceof NoTokens) {
    const expected = 'a loopback address such as 127.0.0.1, or a token first: npm run token -- add NAME --role admin'
    return { line: bad('--host', cause.host, expected).message, code: 2 }
  }
  if (cause instanceof Locked) {
    const expected = `a folder that no other server uses: process ${cause.pid} does`
    return { line: bad('--data', cause.folder, expected).message, code: 1 }
  }
  if (cause instanceof OtherRun) {
    const { folder, found, wanted } = cause
    const expected = `${wanted}; it holds ${found}: begin a new one with --fresh, which keeps it, or in another folder`
    return { line: bad('--data', folder, expected).message, code: 1 }
  }
  if (!(cause instanceof Error)) return { line: String(cause), code: 1 }
  const code = 'code' in cause ? cause.code : null
  const place = 'path' in cause ? String(cause.path) : null
  if (code === 'EADDRINUSE' && 'port' in cause) {
    return { line: bad('--port', cause.port, 'a port that no other program listens on').message, code: 1 }
  }
  if (code === 'EACCES' && 'port' in cause) {
    return { line: bad('--port', cause.port, 'a port that this user may listen on').message, code: 1 }
  }
  if (code === 'ENOTFOUND' && 'hostname' in cause) {
    return { line: bad('--host', cause.hostname, 'an address of this machine').message, code: 1 }
  }
  if (code === 'EADDRNOTAVAIL' && 'address' in cause) {
    return { line: bad('--host', cause.address, 'an address of this machine').message, code: 1 }
  }
  if (place) return { line: bad('--data', place, `a folder that can be written (${cause.message})`).message, code: 1 }
  return { line: cause.stack ?? cause.message, code: 1 }
}

function endOnSignal(server: RunningServer): void {
  let stopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // a second one does not wait
      if (stopping) process.exit(1)
      stopping = true
      server.stop().then(
        () => process.exit(0),
        cause => end(explain(cause)),
      )
    })
  }
}

function fail(server: RunningServer, cause: Error): void {
  // of a refused trace all is said; anything else is a fault of this program
  log(`the run ended by itself: ${'refusal' in cause ? cause.message : (cause.stack ?? cause.message)}`)
  server.stop().then(
    () => process.exit(1),
    () => process.exit(1),
  )
}

function end({ line, code }: { line: string; code: number }): never {
  log(line)
  process.exit(code)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function log(line: string): void {
  process.stderr.write(`headgate: ${line}\n`)
}
