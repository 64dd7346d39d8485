import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import type { ClientEvents, ServerEvents } from '../../server/protocol'
import { killAgainAndAgain } from '../support/kills'
import { buildServer, freePort, startMortal } from '../support/mortal-server'
import { quantile, rounded, tell, type Benchmark } from './benchmark'

const returns = 7
const commands = 300

export const benchmarks: Benchmark[] = [
  {
    name: 'recovery.kills',
    unit: 'commands lost or repeated, frames that differ, steps back',
    bar: 0,
    better: 'lower',
    long: true,
    measure: async () => {
      await buildServer()
      const { lost, duplicated, differing, backwards, returns, errors, ...counts } = await killAgainAndAgain(
        100,
        Math.random,
      )
      if (errors) tell(errors)
      const faults = [...lost, ...duplicated, ...differing, ...backwards]
      return {
        value: faults.length + (errors ? 1 : 0),
        ...counts,
        lost: lost.length,
        duplicated: duplicated.length,
        differing: differing.length,
        backwards: backwards.length,
        readyMs: { median: rounded(quantile(returns, 0.5)), most: rounded(Math.max(...returns)) },
      }
    },
  },
  {
    name: 'journal.recovery-ms',
    unit: 'ms',
    bar: 3000,
    better: 'lower',
    measure: async () => {
      const times: number[] = []
      // the faster a run, the more of it lies between a snapshot and the kill
      for (const speed of [1, 20]) {
        await onDefaultFleet(speed, async (_, restart) => {
          for (let count = 0; count < returns; count++) {
            await wait(500 + 5000 * (count / returns))
            times.push(await restart())
          }
        })
      }
      return { value: rounded(Math.max(...times)), median: rounded(quantile(times, 0.5)), kills: times.length }
    },
  },
  {
    name: 'command.acknowledge-p99-ms',
    unit: 'ms',
    bar: 50,
    better: 'lower',
    measure: () =>
      onDefaultFleet(1, async url => {
        const socket: Socket<ServerEvents, ClientEvents> = io(url, { transports: ['websocket'] })
        const { revision, routing } = await new Promise<Parameters<ServerEvents['hello']>[0]['routing']>(resolve =>
          socket.once('hello', hello => resolve(hello.routing)),
        )
        const [first, second, ...rest] = routing.chat ?? []
        if (!first || !second) throw new Error('chat has no two routes')
        const times: number[] = []
        for (let count = 0; count < commands; count++) {
          await wait(20 + 60 * Math.random())
          const by = count % 2 === 0 ? 0.01 : 0
          const chat = [{ ...first, share: first.share - by }, { ...second, share: second.share + by }, ...rest]
          const begun = performance.now()
          const answer = await socket.emitWithAck('command', {
            kind: 'routing',
            baseRevision: revision + count,
            routing: { chat },
          })
          times.push(performance.now() - begun)
          if (!answer.ok || answer.revision !== revision + count + 1) throw new Error(JSON.stringify(answer))
        }
        socket.disconnect()
        return { value: rounded(quantile(times, 0.99)), median: rounded(quantile(times, 0.5)), commands }
      }),
  },
]

/** A server of the default fleet, warmed up; `restart` kills it and takes the time from the new start until it is ready [ms]. */
async function onDefaultFleet<Result>(
  speed: number,
  measure: (url: string, restart: () => Promise<number>) => Promise<Result>,
): Promise<Result> {
  await buildServer()
  const data = await mkdtemp(join(tmpdir(), 'headgate-bench-'))
  const port = await freePort()
  let server = startMortal({ data, port, flags: ['--speed', String(speed)] })
  try {
    await server.ready
    return await measure(server.url, async () => {
      await server.kill()
      const begun = performance.now()
      server = startMortal({ data, port, flags: ['--speed', String(speed)] })
      await server.ready
      return performance.now() - begun
    })
  } finally {
    await server.kill()
    await rm(data, { recursive: true, force: true })
  }
}
