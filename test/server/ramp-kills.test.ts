import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import type { CommandEntry } from '../../server/journal/entry'
import type { RampView } from '../../server/protocol'
import { fleets } from '../../simulation/index'
import { journalOf } from '../support/journal'
import { buildServer, freePort, startMortal } from '../support/mortal-server'
import { neverKilled } from '../support/never-killed'
import { connect } from '../support/server'

const seed = 3
beforeAll(buildServer, 120_000)

test('a ramp whose server is killed goes on where it stood, at the frames at which it would have, and frames are the same', async () => {
  const data = await mkdtemp(join(tmpdir(), 'headgate-ramp-'))
  const port = await freePort()
  const start = () => startMortal({ data, port, flags: ['--seed', String(seed)] })
  let server = start()
  try {
    await server.ready
    const shares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
    await post(server.url, {
      kind: 'ramp',
      baseRevision: 1,
      routing: { chat: moved() },
      steps: shares.map(share => ({ share, seconds: 1, requests: 1 })),
      guards: [{ action: 'roll-back', workload: 'chat', metric: 'ttftP95', above: 60 }],
    })
    for (let kill = 0; kill < 2; kill++) {
      await wait(500 + 2000 * Math.random())
      await server.kill()
      server = start()
      await server.ready
    }
    while ((await ramp(server.url))?.ended?.how !== 'done') await wait(100)
    const { socket, hello } = await connect(server.url)
    socket.disconnect()
    if (!hello.frame) throw new Error('no frame')
    const journal = (await journalOf(data)).filter((entry): entry is CommandEntry => entry.kind === 'command')
    const told = journal
      .filter(({ actor }) => actor.name === 'ramp')
      .map(({ sequence, revision }) => [sequence, revision])
    expect(told).toHaveLength(shares.length + 1)
    const { acts, frame } = neverKilled(seed, journal, hello.frame.sequence)
    expect(told.map(([sequence]) => sequence)).toEqual(acts)
    expect(JSON.stringify(frame)).toBe(JSON.stringify(hello.frame))
  } finally {
    await server.kill()
    await rm(data, { recursive: true, force: true })
  }
}, 600_000)

/** Some of the first route of chat, on its second one. */
function moved() {
  const [first, second, ...rest] = fleets.default?.routing.chat ?? []
  if (!first || !second) throw new Error('chat has no two routes')
  return [{ ...first, share: first.share - 0.02 }, { ...second, share: second.share + 0.02 }, ...rest]
}

async function post(url: string, command: object): Promise<void> {
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch(`${url}/api/v1/commands`, { method: 'POST', headers, body: JSON.stringify(command) })
  if (!response.ok) throw new Error(await response.text())
}

async function ramp(url: string): Promise<RampView | null> {
  return (await (await fetch(`${url}/api/v1/ramp`)).json()) as RampView | null
}
