import { expect, test } from 'vitest'
import { csvOf, fileName, jsonOf, type Origin, type Sheet } from '../../client/export'
import { flowSheet, headlineSheet, ledgerSheet } from '../../client/panels/live/sheets'
import { toldFigure } from '../../client/pool-figure'
import { matrixSheet } from '../../client/panels/route/matrix-sheet'
import type { PoolMetric } from '../../simulation/index'
import { buildFleet, buildFrame } from '../support/frames'

const fleet = buildFleet()
const frame = buildFrame(fleet)
const poolFigure = (index: number, metric: PoolMetric) => toldFigure(frame, index, metric) ?? null
const all = { families: null, workloads: null }
const origin: Origin = {
  run: 'run-1',
  scenario: 'small',
  seed: 7,
  revision: 3,
  simulated: 61.5,
  clock: '13:01:01',
  saved: '2027-04-14T14:00:00.000Z',
}
const sheet: Sheet = {
  title: 'Power',
  columns: [{ name: 'pool' }, { name: 'power', unit: 'W' }, { name: 'why' }],
  rows: [
    ['a', 1.5, 'x, "y"'],
    ['=b', null, null],
  ],
}

test('a CSV says of which run, routing and time it is, has units in its head and nothing that a spreadsheet would run', () => {
  const [said, table] = csvOf([sheet], origin).trimEnd().split('\r\n\r\n')
  expect(said?.split('\r\n')).toEqual([
    '# run: run-1',
    '# scenario: small',
    '# seed: 7',
    '# revision: 3',
    '# simulated: 61.5',
    '# clock: 13:01:01',
    '# saved: 2027-04-14T14:00:00.000Z',
  ])
  expect(table?.split('\r\n')).toEqual(['# Power', 'pool,power [W],why', 'a,1.5,"x, ""y"""', "'=b,,"])
})

test('JSON holds the same, with missing figures as null', () => {
  expect(JSON.parse(jsonOf([sheet], origin))).toEqual({ ...origin, panels: [sheet] })
})

test('a file is called after what it shows, the routing and the simulated time', () => {
  expect(fileName('p95 TTFT by family', origin, 'csv')).toBe('headgate-p95-ttft-by-family-r3-13h01m01s.csv')
  expect(fileName('Live', { ...origin, revision: null, clock: '' }, 'png')).toBe('headgate-live.png')
})

test.for([
  headlineSheet(frame),
  ledgerSheet(fleet, frame, all, poolFigure),
  flowSheet(fleet, frame, all),
  matrixSheet(fleet, {}, { chat: [{ prefill: 'b200-chat', decode: 'b200-chat', share: 1 }] }),
])('$title has a cell for every column', ({ rows, columns }) => {
  expect(rows.length).toBeGreaterThan(0)
  expect(rows.every(row => row.length === columns.length)).toBe(true)
})

test('tables follow the filter', () => {
  const trainium = { families: ['trainium' as const], workloads: ['chat'] }
  expect(ledgerSheet(fleet, frame, trainium, poolFigure).rows.map(row => row[1])).toEqual(['all', 'trn2-chat'])
  expect(flowSheet(fleet, frame, trainium).rows.map(row => [row[0], row[1]])).toEqual([['Chat', 'trn2-chat']])
})

test('of too many pools for a frame, the flows to families are saved, and of pools the figures that are known', () => {
  const wide = {
    ...frame,
    familyFlows: { requests: [30, 50, 20, 0, 700, 0], outputTokens: [3000, 5000, 2000, 0, 0, 0] },
  }
  expect(flowSheet(fleet, wide, all).rows.map(row => row.slice(0, 5))).toContainEqual([
    'Chat',
    'all',
    'Trainium',
    50,
    5000,
  ])
  const sheet = ledgerSheet(fleet, wide, all, index => (index === 0 ? 1 : null))
  expect(sheet.title).toContain('figures of those in sight')
  expect(sheet.rows.find(row => row[1] === 'b200-chat')?.at(-1)).toBe(1)
  expect(sheet.rows.find(row => row[1] === 'b300-chat')?.at(-1)).toBeNull()
})
