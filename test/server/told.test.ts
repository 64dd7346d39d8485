import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AuditEntry } from '../../server/protocol'
import { connect, next, startTestServer, until, type TestServer, type TestSocket } from '../support/server'

let data: string
let server: TestServer
let socket: TestSocket
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'headgate-told-'))
  await start()
})
afterEach(async () => {
  socket.disconnect()
  await server.stop()
  await rm(data, { recursive: true })
})

async function start(forecasts = 1) {
  server = await startTestServer({ plan: { data, forecasts } })
  socket = (await connect(server.url)).socket
}

async function restart(forecasts?: number, meanwhile?: () => Promise<void>) {
  socket.disconnect()
  await server.stop()
  await meanwhile?.()
  await start(forecasts)
}

/** Moves so much of chat from its first route to its second. */
async function change(part: number): Promise<{ revision: number; time: number }> {
  const { revision, routing } = await (await fetch(`${server.url}/api/v1/routing`)).json()
  const [first, second, ...others] = routing.chat
  const chat = [{ ...first, share: first.share - part }, { ...second, share: second.share + part }, ...others]
  const answer = await socket.emitWithAck('command', { kind: 'routing', baseRevision: revision, routing: { chat } })
  if (!('effectiveAt' in answer)) throw new Error(JSON.stringify(answer))
  return { revision: answer.revision, time: answer.effectiveAt }
}

const heard = (revision: number, is: (entry: AuditEntry) => boolean) =>
  next(socket, 'entry', entry => entry.revision === revision && is(entry))
const predicted = (revision: number) => heard(revision, entry => entry.predicted !== null)
async function entryOf(revision: number): Promise<AuditEntry> {
  const { entries } = await (await fetch(`${server.url}/api/v1/changes?revision=${revision}`)).json()
  return entries[0]
}

async function row(revision: number): Promise<Record<string, string>> {
  const text = await (await fetch(`${server.url}/api/v1/changes.csv?revision=${revision}`)).text()
  // no cell of these has a comma but the summary, which is left out
  const [names = '', values = ''] = text.split('\r\n').map(line => line.replace(/"[^"]*"/g, ''))
  const cells = values.split(',')
  return Object.fromEntries(names.split(',').map((name, place) => [name, cells[place] ?? '']))
}

test('what a change is told to do is in its entry at once, and beside it what came when that is known', async () => {
  const told = predicted(2)
  await change(0.05)
  const entry = await told
  expect(entry).toMatchObject({ score: null, untold: null, predicted: { seconds: 600 } })
  expect(entry.predicted?.figures[0]).toMatchObject({ metric: 'ttftP95', workload: 'chat' })
  const power = entry.predicted?.figures.find(({ metric }) => metric === 'power')
  expect(power?.low).toBeLessThan(power?.high ?? 0)
  expect(await row(2)).toMatchObject({ powerPredicted: String(power?.value), powerActual: '', figuresScored: '' })

  const scored = heard(2, ({ score }) => score !== null)
  await socket.emitWithAck('command', { kind: 'pace', speed: 120 })
  const { score } = await scored
  expect(score?.seconds).toBeGreaterThanOrEqual(600)
  const inside = score?.figures.filter(({ low, high, actual }) => actual >= low && actual <= high).length
  expect(await row(2)).toMatchObject({
    powerActual: String(score?.figures.find(({ metric }) => metric === 'power')?.actual),
    workload: 'chat',
    scoredSeconds: String(score?.seconds),
    figuresScored: String(score?.figures.length),
    figuresInside: String(inside),
    notScored: '',
  })
  const lines = await (await fetch(`${server.url}/api/v1/changes.ndjson?revision=2`)).text()
  expect(JSON.parse(lines)).toEqual(await entryOf(2))
})

test('a change that cannot be held against what came says why, after a restart too', async () => {
  let told = predicted(2)
  await change(0.05)
  const first = await told
  told = predicted(3)
  const why = heard(2, ({ untold }) => untold !== null)
  await change(0.05)
  expect((await why).untold).toBe('the next change came within a minute')
  await told
  const disturbed = heard(3, ({ untold }) => untold !== null)
  await socket.emitWithAck('command', { kind: 'drain', pool: 'b200-chat', replica: 0 })
  expect((await disturbed).untold).toBe('something else was done to the run within a minute')
  expect(await row(2)).toMatchObject({ notScored: 'the next change came within a minute' })

  await restart(0)
  expect(await entryOf(2)).toMatchObject({
    predicted: first.predicted,
    untold: 'the next change came within a minute',
  })
  expect((await entryOf(3)).untold).toBe('something else was done to the run within a minute')
  await change(0.05)
  expect((await entryOf(4)).untold).toBe('the server has no threads for forecasts')
  await restart()
  expect((await entryOf(4)).untold).toMatch(/^the server had no threads for forecasts then, or was restarted/)
})

test('a score survives a restart; one that was under way comes all the same, or says that it cannot', async () => {
  const told = predicted(2)
  await change(0.05)
  const { predicted: before } = await told
  await restart()
  expect((await entryOf(2)).predicted).toEqual(before)
  await socket.emitWithAck('command', { kind: 'pace', speed: 120 })
  await until(async () => {
    const { score, untold } = await entryOf(2)
    return score !== null || untold === 'the server was restarted in between'
  })
  const after = await entryOf(2)
  await restart()
  expect(await entryOf(2)).toMatchObject({ score: after.score, predicted: before })
})

test('a torn line of what came is cut, told, and takes no other with it', async () => {
  const told = predicted(2)
  await change(0.05)
  await told
  const scored = heard(2, ({ score }) => score !== null)
  await socket.emitWithAck('command', { kind: 'pace', speed: 120 })
  await scored
  const { predicted: kept } = await entryOf(2)
  await restart(1, async () => {
    const [run = ''] = await readdir(join(data, 'runs'))
    const path = join(data, 'runs', run, 'journal.ndjson')
    const text = await readFile(path, 'utf8')
    // in the middle of the line with the score
    await truncate(path, Buffer.byteLength(text.slice(0, text.indexOf('"kind":"score"') + 40)))
  })
  expect(server.log.join('\n')).toMatch(/was torn or corrupt: its last \d+ bytes are kept in journal\.cut-/)
  const entry = await entryOf(2)
  expect(entry).toMatchObject({ predicted: kept, kind: 'routing' })
  const health = await (await fetch(`${server.url}/healthz`)).json()
  expect(health).toMatchObject({ ok: true, cut: { bytes: expect.any(Number) } })
})
