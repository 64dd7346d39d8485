import { expect, test } from 'vitest'
import { judge, toPools, toRows, toTrack, verdictOf } from '../../client/panels/route/futures'
import type { Forecast, Score } from '../../server/protocol'
import { advance, createSimulation, fleets, forecast, thinned, viewFleet, type Outlook } from '../../simulation/index'

const { default: region } = fleets
if (!region) throw new Error('there is no default fleet')
const fleet = viewFleet(region)
const chat = fleet.workloads.findIndex(({ id }) => id === 'chat')
const pool = fleet.pools.findIndex(({ id }) => id === 'h200-chat')
const simulation = createSimulation({ fleet: region, seed: 1 })
advance(simulation, 2)
const outlook = forecast(simulation, { ...thinned, routing: {}, seed: 1, seconds: 60 })

/** With another time to first token of chat, and another saturation of one of its pools. */
function after(ttft: number, saturation = 0.5): Outlook {
  const told = { value: ttft, low: ttft * 0.9, high: ttft * 1.1 }
  const full = { value: saturation, low: saturation, high: saturation }
  return {
    ...outlook,
    workloads: { ...outlook.workloads, ttftP95: outlook.workloads.ttftP95.with(chat, told) },
    pools: { ...outlook.pools, saturation: outlook.pools.saturation.with(pool, full) },
  }
}

function verdict(stay: Outlook, draft: Outlook) {
  const answer: Forecast = { ok: true, whole: true, revision: 1, time: 2, stay, draft }
  const rows = toRows(fleet, answer, ['chat'])
  return { rows, ...verdictOf(rows, toPools(fleet, answer, [pool])) }
}

test('the workloads that a draft moves come first, then the fleet', () => {
  const names = verdict(after(0.3), after(0.4)).rows.map(({ name }) => name)
  expect(names.slice(0, 2)).toEqual(['Chat p95 TTFT', 'p95 ITL'])
  expect(names).toEqual(expect.arrayContaining(['Goodput', 'Rejected', 'Cost', 'Energy', 'Power']))
})

test('a change inside the interval is none', () => {
  expect(verdict(after(0.3), after(0.31)).rows[0]?.change).toBeNull()
  expect(verdict(after(0.3), after(0.6)).rows[0]?.change).toBe('+300\u00a0ms')
})

test('a change of cost is told without its unit, which stands beside it', () => {
  const priced = (value: number): Outlook => ({
    ...after(0.3),
    fleet: { ...outlook.fleet, costPerMtok: { value, low: value - 0.01, high: value + 0.01 } },
  })
  const { rows } = verdict(priced(1), priced(1.2))
  expect(rows.find(({ name }) => name === 'Cost')?.change).toBe('+0.200')
})

test('a lost objective leads, and is trouble', () => {
  const goal = fleet.workloads[chat]?.objectives.ttft ?? 0
  const { worse, lead } = verdict(after(goal / 2), after(goal * 2))
  expect(worse).toBe(true)
  expect(lead).toMatch(/^Chat p95 TTFT .* past its objective\.$/)
  expect(verdict(after(goal * 2), after(goal / 2))).toMatchObject({ worse: false })
})

test('a pool beyond its limit is named', () => {
  const { worse, rest } = verdict(after(0.3), after(0.3, 0.95))
  expect(worse).toBe(true)
  expect(rest).toMatch(/^Pool h200-chat at 95/)
})

test('both futures lie on one track, and an objective far off is not drawn', () => {
  const [row] = verdict(after(0.3), after(0.6)).rows
  if (!row) throw new Error('no row')
  const track = toTrack(row)
  expect(track.stay ?? 1).toBeLessThan(track.draft ?? 0)
  for (const place of [track.stayFrom, track.stayTo, track.from, track.to]) {
    expect(place).toBeGreaterThanOrEqual(0)
    expect(place).toBeLessThanOrEqual(1)
  }
  expect(toTrack({ ...row, goal: 100 }).goal).toBeNull()
})

test('past forecasts are judged by their first figure', () => {
  const score = (revision: number, actual: number): Score => ({
    revision,
    time: 0,
    seconds: 600,
    figures: [{ metric: 'ttftP95', workload: 'chat', value: 1, low: 0.9, high: 1.1, actual }],
  })
  expect(judge([])).toBeNull()
  expect(judge([score(2, 1), score(3, 1.05), score(4, 2)])).toMatchObject({ changes: 3, inside: 2 })
})
