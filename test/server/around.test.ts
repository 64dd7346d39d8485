import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aroundOf, createSurroundings } from '../../server/audit/around'
import type { History } from '../../server/protocol'
import { connect, next, startTestServer } from '../support/server'

/** A history of one workload, whose p95 TTFT is told by a function of time, at every second or more. */
function historyOf(from: number, to: number, step: number, ttft: (at: number) => number | null): History {
  const time = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, point) => from + point * step)
  return { time, fleet: {}, families: [], pools: [], workloads: [{ ttftP95: time.map(ttft) }] }
}

const change = { revision: 2, time: 200, workloads: ['chat'] }
const ttftOf = (history: History, at = 200) => {
  const { figures } = aroundOf(history, { ...change, time: at }, ['chat'])
  return figures.find(({ metric, workload }) => metric === 'ttftP95' && workload === 'chat')
}

test('the minute before a change is held against the one after it, without the seconds that tell of both', () => {
  const history = historyOf(0, 400, 1, at => (at <= 200 ? 1 : at <= 215 ? 100 : 3))
  expect(ttftOf(history)).toMatchObject({ before: 1, after: 3 })
  const { offsets } = aroundOf(history, change, ['chat'])
  expect([offsets[0], offsets[1], offsets.at(-1)]).toEqual([-57, -54, 75])
  expect(ttftOf(history)?.points[offsets.indexOf(9)]).toBe(100)
})

test('points may lie seconds apart, but have to cover the minute', () => {
  const history = historyOf(0, 300, 5, at => (at <= 200 ? 1 : 3))
  expect(ttftOf(history)).toMatchObject({ before: 1, after: 3 })
  expect(ttftOf(history, 250)).toMatchObject({ before: (1 * 2 + 3 * 10) / 12, after: null })
  expect(ttftOf(history, 20)?.before).toBeNull()
})

test('gaps count for nothing', () => {
  const history = historyOf(0, 400, 1, at => (at > 150 && at < 190 ? null : 2))
  expect(ttftOf(history)).toMatchObject({ before: 2, after: 2 })
  expect(ttftOf(history, 185)?.before).toBeNull()
})

test('a change is told of once, when the time after it is over', () => {
  const history = historyOf(0, 400, 1, () => 2)
  const surroundings = createSurroundings({
    history: { view: () => history },
    workloadIds: ['chat'],
    changesWithin: (from, to) => [1, 2, 3].filter(revision => revision * 100 >= from && revision * 100 <= to),
  })
  surroundings.await(change)
  expect(surroundings.look(274)).toEqual([])
  expect(surroundings.look(275)).toMatchObject([{ kind: 'around', revision: 2, time: 200, others: [] }])
  expect(surroundings.look(300)).toEqual([])
})

test('figures around a change are in its entry, told to who looks, in files, and there again after a restart', async () => {
  const data = await mkdtemp(join(tmpdir(), 'headgate-around-'))
  const first = await startTestServer({ plan: { data } })
  const { socket, hello } = await connect(first.url)
  await socket.emitWithAck('command', { kind: 'pace', speed: 60 })
  const [from, to, ...rest] = hello.routing.routing.chat ?? []
  if (!from || !to) throw new Error('chat has no two routes')
  await next(socket, 'frame', ({ time }) => time > 70)
  const chat = [{ ...from, share: from.share - 0.05 }, { ...to, share: to.share + 0.05 }, ...rest]
  await socket.emitWithAck('command', { kind: 'routing', baseRevision: 1, routing: { chat } })
  const told = await next(socket, 'entry', ({ around }) => around !== null)
  expect(told).toMatchObject({ kind: 'routing', revision: 2 })
  const power = told.around?.figures.find(({ metric }) => metric === 'power')
  expect(power?.before).toBeGreaterThan(0)
  expect(power?.after).toBeGreaterThan(0)
  const csv = await (await fetch(`${first.url}/api/v1/changes.csv?revision=2`)).text()
  expect(csv).toContain(`,${power?.before},${power?.after}`)
  socket.disconnect()
  await first.stop()

  const second = await startTestServer({ plan: { data } })
  const { entries } = await (await fetch(`${second.url}/api/v1/changes?revision=2`)).json()
  expect(entries[0].around).toEqual(told.around)
  await second.stop()
  await rm(data, { recursive: true })
})
