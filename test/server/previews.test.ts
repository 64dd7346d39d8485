import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Forecast, ForecastAnswer, Score } from '../../server/protocol'
import { createPreviews } from '../../server/live/previews'
import { shareState } from '../../server/live/state'
import { advance, createSimulation, fleets, presentOf, timeOf, type Routing } from '../../simulation/index'
import { connect, next, startTestServer, until, type TestServer, type TestSocket } from '../support/server'

let server: TestServer
let socket: TestSocket
let inForce: Routing
beforeAll(async () => {
  server = await startTestServer({ plan: { forecasts: 1 } })
  const met = await connect(server.url)
  socket = met.socket
  inForce = met.hello.routing.routing
})
afterAll(async () => {
  socket.disconnect()
  await server.stop()
})

/** Chat with so much of its share moved from its first route to its second. */
function moved(part: number): Routing {
  const [from, to, ...rest] = inForce.chat ?? []
  if (!from || !to) throw new Error('chat has no two routes')
  return { chat: [{ ...from, share: from.share - part }, { ...to, share: to.share + part }, ...rest] }
}

function asForecast(answer: ForecastAnswer): Forecast {
  if (!answer.ok || 'superseded' in answer) throw new Error(`no forecast: ${JSON.stringify(answer)}`)
  return answer
}

test('a draft is answered at once from a part of the fleet, and then from all of it', async () => {
  const whole = next(socket, 'forecast', told => told.whole)
  const first = asForecast(await socket.emitWithAck('preview', { routing: moved(0.3) }))
  expect(first.whole).toBe(false)
  const later = await whole
  expect(later.whole).toBe(true)
  for (const { stay, draft } of [first, later]) {
    expect(draft.workloads.ttftP95[0]?.value).not.toBe(stay.workloads.ttftP95[0]?.value)
    // nobody touched the requests of coding
    expect(draft.workloads.ttftP95[1]).toEqual(stay.workloads.ttftP95[1])
    for (const { value, low, high } of Object.values(draft.fleet)) {
      expect(low).toBeLessThanOrEqual(value ?? NaN)
      expect(high).toBeGreaterThanOrEqual(value ?? NaN)
    }
  }
})

test('a pool that fills up over minutes is told of before the whole answer is there', async () => {
  const { default: fleet } = fleets
  if (!fleet) throw new Error('there is no default fleet')
  const scenario = { fleet, seed: 1 }
  const run = createSimulation(scenario)
  advance(run, 300)
  const previews = createPreviews({
    scenario,
    threads: 2,
    copy: async () => ({ sequence: 0, time: timeOf(run), present: shareState(presentOf(run)) }),
    now: () => performance.now(),
    failed: cause => expect.fail(String(cause)),
  })
  // a tenth of chat is more than its second pool can take, though not at once
  const [from, to, ...rest] = run.routing.chat ?? []
  if (!from || !to) throw new Error('chat has no two routes')
  const chat = [{ ...from, share: from.share - 0.1 }, { ...to, share: to.share + 0.1 }, ...rest]
  let first: Promise<ForecastAnswer> | undefined
  const longer = await new Promise<Forecast>(resolve => (first = previews.ask({}, { chat }, resolve)))
  await previews.stop()
  const wait = (told: Forecast) => told.draft.workloads.ttftP95[fleet.workloads.findIndex(({ id }) => id === 'chat')]
  expect(longer.whole).toBe(false)
  expect(wait(asForecast((await first) as ForecastAnswer))?.value).toBeLessThan(1)
  expect(wait(longer)?.value).toBeGreaterThan(2)
})

test('a draft that changes nothing has the future of what is in force', async () => {
  const { stay, draft } = asForecast(await socket.emitWithAck('preview', { routing: moved(0) }))
  expect(draft).toEqual(stay)
})

test('of several questions of one client the latest is answered', async () => {
  const wholes: Forecast[] = []
  socket.on('forecast', told => void (told.whole && wholes.push(told)))
  const answers = await Promise.all(
    [0.1, 0.2, 0.3].map(part => socket.emitWithAck('preview', { routing: moved(part) })),
  )
  for (const earlier of answers.slice(0, 2)) expect(earlier).toEqual({ ok: true, superseded: true })
  asForecast(answers[2] as ForecastAnswer)
  await until(() => wholes.length > 0)
  expect(wholes).toHaveLength(1)
  socket.off('forecast')
})

test('an impossible draft is refused with the reason and the nearest that could be', async () => {
  const [first, second] = moved(0).chat ?? []
  if (!first || !second) throw new Error('chat has no two routes')
  const wrong = [
    { ...first, share: 0.7 },
    { ...second, share: 0.5 },
    { prefill: 'h100-code', decode: 'h100-code', share: 0.2 },
  ]
  const answer = await socket.emitWithAck('preview', { routing: { chat: wrong } })
  expect(answer).toMatchObject({
    ok: false,
    error: { field: 'routing.chat[2].prefill', value: 'h100-code' },
    nearest: { chat: [{ share: 0.6 }, { share: 0.4 }] },
  })
  expect(await socket.emitWithAck('preview', { routing: { chat: 3 } } as never)).toMatchObject({ ok: false })
})

test('the same by REST, in one answer', async () => {
  const ask = (body: unknown) =>
    fetch(`${server.url}/api/v1/preview`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  const answer = await ask({ routing: moved(0.2) })
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({ ok: true, whole: true, revision: 1 })
  expect((await ask({ routing: { chat: [] } })).status).toBe(400)
})

test('what was told of a change is held against what came, cut short by the next change, and kept in the journal', async () => {
  await socket.emitWithAck('command', { kind: 'pace', speed: 120 })
  const change = (revision: number, part: number) =>
    socket.emitWithAck('command', { kind: 'routing', baseRevision: revision, routing: moved(part) })
  const scores: Score[] = []
  socket.on('score', score => scores.push(score))
  const { effectiveAt } = (await change(1, 0.2)) as { effectiveAt: number }
  // the forecast is there long before its horizon is over
  await next(socket, 'score')
  expect(scores[0]).toMatchObject({ revision: 2, time: effectiveAt, seconds: 600 })
  const [chat] = scores[0]?.figures ?? []
  expect(chat).toMatchObject({ metric: 'ttftP95', workload: 'chat' })
  expect(Math.abs((chat?.actual ?? NaN) / (chat?.value ?? NaN) - 1)).toBeLessThan(0.5)

  const again = next(socket, 'score')
  const second = (await change(2, 0.1)) as { effectiveAt: number }
  await next(socket, 'frame', ({ time }) => time > second.effectiveAt + 330)
  await change(3, 0.3)
  expect(await again).toMatchObject({ revision: 3, seconds: 300 })
  const late = await connect(server.url)
  expect(late.hello.scores.map(({ revision }) => revision)).toEqual([2, 3])
  late.socket.disconnect()
  const { entries } = await (await fetch(`${server.url}/api/v1/changes?revision=2`)).json()
  expect(entries[0].score).toEqual(scores[0])
  const [run = ''] = await readdir(join(server.data, 'runs'))
  const journal = await readFile(join(server.data, 'runs', run, 'journal.ndjson'), 'utf8')
  for (const kind of ['prediction', 'score']) expect(journal.split(`"kind":"${kind}"`).length - 1).toBeGreaterThan(1)
})
