import { expect, test } from 'vitest'
import { aroundRows, leadRow, toldRows, toldWell } from '../../client/panels/changes/outcome'
import type { AuditEntry, Foretold } from '../../server/protocol'

const told = (figure: Partial<Foretold>): Foretold => ({
  metric: 'ttftP95',
  workload: null,
  value: 0.5,
  low: 0.4,
  high: 0.6,
  ...figure,
})
const entry = (more: Partial<AuditEntry>): AuditEntry => ({
  number: 1,
  id: 'a',
  kind: 'routing',
  at: '2027-04-14T13:00:00Z',
  time: 300,
  by: 'ops',
  role: 'operator',
  via: 'rest',
  reason: null,
  revision: 2,
  summary: '',
  automatic: false,
  of: null,
  routes: [],
  mirrors: [],
  predicted: null,
  score: null,
  untold: null,
  around: null,
  ...more,
})
const scored = (...figures: (Foretold & { actual: number })[]) =>
  entry({ score: { revision: 2, time: 300, seconds: 600, figures } })

test('what came says whether it lies inside of what was told, its ends included', () => {
  const rows = (actual: number) => toldRows(null, scored({ ...told({}), actual }))[0]?.inside
  expect([0.39, 0.4, 0.5, 0.6, 0.61].map(rows)).toEqual([false, true, true, true, false])
  expect(toldWell(scored({ ...told({}), actual: 0.5 }, { ...told({}), actual: 1 }))).toEqual({
    words: '1 of 2 figures came as predicted',
    all: false,
  })
  expect(toldWell(scored({ ...told({}), actual: 0.5 }))).toEqual({ words: 'its figure came as predicted', all: true })
})

test('of many figures the one stands in the list that came otherwise than predicted, else the first', () => {
  const [first, second] = [told({ workload: 'chat' }), told({ metric: 'attainment', value: 0.9, low: 0.8, high: 1 })]
  const lead = (actual: number) => leadRow(null, scored({ ...first, actual: 0.5 }, { ...second, actual }))?.name
  expect([lead(0.9), lead(0.7)]).toEqual(['chat, p95 TTFT', 'Fleet, attainment'])
  expect(leadRow(null, entry({ predicted: { seconds: 600, figures: [second] } }))?.between).toMatch(/^80.* to 100/)
  expect(leadRow(null, entry({}))).toBeNull()
})

test('an interval names its unit once, or both where they differ', () => {
  const between = (figure: Partial<Foretold>) =>
    toldRows(null, entry({ predicted: { seconds: 600, figures: [told(figure)] } }))[0]?.between
  expect(between({})).toBe('400 to 600\u00a0ms')
  expect(between({ low: 0.257, high: 5.42 })).toBe('257\u00a0ms to 5.42\u00a0s')
})

test('everything about a figure has room on its line, also what lies far outside', () => {
  const [row] = toldRows(null, scored({ ...told({}), actual: 9 }))
  const places = Object.values(row?.track ?? {})
  expect(places).toHaveLength(4)
  for (const place of places) expect(place).toSatisfy((each: number) => each >= 0 && each <= 1)
  const [same] = toldRows(null, scored({ ...told({ low: 0.5, high: 0.5 }), actual: 0.5 }))
  expect(same?.track).toEqual({ low: 0.5, high: 0.5, value: 0.5, actual: 0.5 })
})

test('until a change is scored there is what was told alone, and nothing of one of which nothing was', () => {
  expect(toldRows(null, entry({ predicted: { seconds: 600, figures: [told({})] } }))[0]).toMatchObject({
    told: '500\u00a0ms',
    actual: '',
  })
  expect(toldRows(null, entry({}))).toEqual([])
  expect(toldWell(entry({}))).toBeNull()
})

test('a difference is told where both sides are known', () => {
  const around = (before: number | null, after: number | null) =>
    entry({
      around: {
        offsets: [],
        others: [],
        figures: [{ metric: 'power', workload: null, before, after, points: [] }],
      },
    })
  expect(aroundRows(null, around(2e6, 2.5e6))[0]).toMatchObject({ name: 'Fleet, power', change: '+500\u00a0kW' })
  expect(aroundRows(null, around(null, 2.5e6))[0]?.change).toMatch(/^–/)
})
