import fc from 'fast-check'
import { expect, test } from 'vitest'
import { layoutFlow, thinnest } from '../../client/charts/flow'
import { demands, flows } from '../../client/panels/live/demand'
import { buildFleet, buildFrame } from '../support/frames'

const box = { left: 100, right: 500, top: 0, bottom: 400 }
const places = (count: number) => Array.from({ length: count }, (_, index) => ({ at: 20 + index * 60 }))

function layout(rows: [workload: number, pool: number, tokens: number][]) {
  return layoutFlow(
    {
      workloads: places(4),
      pools: places(5),
      labelHeight: 48,
      flows: rows.map(([workload, pool, tokens]) => ({ workload, pool, tokens, requests: 1 })),
    },
    box,
  )
}

test('all ribbons share one scale', () => {
  const { ribbons } = layout([
    [0, 0, 3000],
    [0, 1, 1000],
    [1, 1, 2000],
  ])
  const [first, second, third] = ribbons.map(ribbon => ribbon.width)
  expect(first).toBeCloseTo((second ?? 0) * 3)
  expect(third).toBeCloseTo((second ?? 0) * 2)
})

test('queries without tokens are still seen, and an unused route is not', () => {
  const { ribbons, pools } = layoutFlow(
    {
      workloads: places(1),
      pools: places(2),
      labelHeight: 48,
      flows: [
        { workload: 0, pool: 0, tokens: 0, requests: 700 },
        { workload: 0, pool: 1, tokens: 0, requests: 0 },
      ],
    },
    box,
  )
  expect(ribbons.map(ribbon => [ribbon.flow, ribbon.width])).toEqual([[0, thinnest]])
  expect(pools[1]).toBeNull()
})

test('a bar is as high as its ribbons together; labels and bars do not overlap and stay inside', () => {
  const flow = fc.tuple(fc.nat(3), fc.nat(4), fc.double({ min: 1, max: 1e6, noNaN: true }))
  const rows = fc.uniqueArray(flow, { selector: ([workload, pool]) => workload * 5 + pool, minLength: 1 })
  fc.assert(
    fc.property(rows, drawn => {
      const { workloads, pools, ribbons, labels } = layout(drawn)
      for (const [bars, side] of [[workloads, 0] as const, [pools, 1] as const]) {
        const solid = bars.flatMap((bar, index) => (bar ? [{ ...bar, index }] : []))
        for (const bar of solid) {
          const mine = ribbons.filter(ribbon => drawn[ribbon.flow]?.[side] === bar.index)
          expect(mine.reduce((sum, ribbon) => sum + ribbon.width, 0)).toBeCloseTo(bar.height, 6)
          expect(bar.top).toBeGreaterThanOrEqual(box.top - 1e-6)
          expect(bar.top + bar.height).toBeLessThanOrEqual(box.bottom + 1e-6)
        }
        solid.forEach((bar, index) => {
          const above = solid[index - 1]
          if (above) expect(bar.top).toBeGreaterThanOrEqual(above.top + above.height - 1e-6)
        })
      }
      labels.forEach((label, index) => {
        if (index > 0) expect(label - (labels[index - 1] ?? 0)).toBeGreaterThanOrEqual(48)
      })
    }),
    { numRuns: 60 },
  )
})

test('a ribbon reads as a sentence with its share of the workload', () => {
  const fleet = buildFleet()
  const frame = buildFrame(fleet)
  frame.flows.requests = [30, 10, 40, 20, 700]
  frame.flows.outputTokens = [3000, 1000, 4000, 2000, 0]
  frame.pools.saturation = [0.5, 0.5, 0.94, 0.5, 0.5]
  const rows = flows(fleet, frame).map(flow => flow.sentence.replace(/[\u202f\u00a0]/g, ' '))
  expect(rows[0]).toBe('Chat to b200-chat, Blackwell: 30 % of its requests, 3 000 tok/s.')
  expect(rows[2]).toContain('94 % saturated, past its limit')
  expect(rows[4]).toContain('100 % of its requests, 700 req/s')
})

test('a workload past an objective says which one', () => {
  const fleet = buildFleet()
  const frame = buildFrame(fleet)
  frame.workloads.ttftP95 = [0.812, null]
  frame.workloads.e2eP95 = [9, 0.012]
  const [chat, ranking] = demands(fleet, frame)
  expect(chat).toMatchObject({
    past: true,
    objective: { name: 'p95 TTFT', value: '812\u00a0ms', limit: '500\u00a0ms' },
  })
  expect(ranking).toMatchObject({ past: false, tokens: 'no tokens', objective: { name: 'p95 e2e' } })
})
