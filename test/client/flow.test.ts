import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layoutFlow, thinnest } from '../../client/charts/flow'
import { everything, shownIn } from '../../client/charts/members'
import { demands, endsOf, flows } from '../../client/panels/live/demand'
import { buildFleet, buildFrame } from '../support/frames'

const box = { left: 100, right: 500, top: 0, bottom: 400 }
const places = (count: number) => Array.from({ length: count }, (_, index) => ({ at: 20 + index * 60 }))

function layout(rows: [workload: number, end: number, tokens: number][]) {
  return layoutFlow(
    {
      workloads: places(4),
      ends: places(5),
      labelHeight: 48,
      flows: rows.map(([workload, end, tokens]) => ({ workload, end, tokens, requests: 1 })),
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
  const { ribbons, ends } = layoutFlow(
    {
      workloads: places(1),
      ends: places(2),
      labelHeight: 48,
      flows: [
        { workload: 0, end: 0, tokens: 0, requests: 700 },
        { workload: 0, end: 1, tokens: 0, requests: 0 },
      ],
    },
    box,
  )
  expect(ribbons.map(ribbon => [ribbon.flow, ribbon.width])).toEqual([[0, thinnest]])
  expect(ends[1]).toBeNull()
})

test('a bar is as high as its ribbons together; labels and bars do not overlap and stay inside', () => {
  const flow = fc.tuple(fc.nat(3), fc.nat(4), fc.double({ min: 1, max: 1e6, noNaN: true }))
  const rows = fc.uniqueArray(flow, { selector: ([workload, pool]) => workload * 5 + pool, minLength: 1 })
  fc.assert(
    fc.property(rows, drawn => {
      const { workloads, ends, ribbons, labels } = layout(drawn)
      for (const [bars, side] of [[workloads, 0] as const, [ends, 1] as const]) {
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

describe('ribbons', () => {
  const fleet = buildFleet()
  const all = shownIn(fleet, everything)
  const plain = (text: string) => text.replace(/[\u202f\u00a0]/g, ' ')

  function busy() {
    const frame = buildFrame(fleet)
    frame.flows.requests = [30, 10, 40, 20, 700]
    frame.flows.outputTokens = [3000, 1000, 4000, 2000, 0]
    frame.pools.saturation = [0.5, 0.5, 0.94, 0.5, 0.5]
    return frame
  }

  test('end in the pools of families that are open, and read as sentences with their share of the workload', () => {
    const ends = endsOf(fleet, () => true)
    const rows = flows(fleet, busy(), ends, all)
    expect(rows.map(({ end }) => ends[end]?.name)).toEqual([
      'b200-chat',
      'b300-chat',
      'trn2-chat',
      'h100-chat',
      'trn1-ranking',
    ])
    expect(plain(rows[0]?.sentence ?? '')).toBe('Chat to b200-chat, Blackwell: 30 % of its requests, 3 000 tok/s.')
    expect(plain(rows[2]?.sentence ?? '')).toContain('the pool is 94 % saturated, past its limit')
    expect(plain(rows[4]?.sentence ?? '')).toContain('100 % of its requests, 700 req/s')
  })

  test('of a family that is folded are one, which is as wide as they were and says which pool is past its limit', () => {
    const ends = endsOf(fleet, family => family === 2)
    expect(ends.map(({ name }) => name)).toEqual(['Blackwell', 'Trainium', 'h100-chat'])
    const rows = flows(fleet, busy(), ends, all)
    expect(rows.map(({ workload, end, tokens }) => [workload, end, tokens])).toEqual([
      [0, 0, 4000],
      [0, 1, 4000],
      [0, 2, 2000],
      [1, 1, 0],
    ])
    expect(plain(rows[0]?.sentence ?? '')).toBe('Chat to all of Blackwell: 40 % of its requests, 4 000 tok/s.')
    expect(plain(rows[1]?.sentence ?? '')).toContain('trn2-chat is 94 % saturated, past its limit')
    expect(rows.map(({ past }) => past)).toEqual([false, true, false, false])
  })

  test('that the filter leaves out do not flow, and the shares of the others stay what they are', () => {
    const ends = endsOf(fleet, () => false)
    const rows = flows(fleet, busy(), ends, shownIn(fleet, { families: ['hopper'], workloads: null }))
    expect(rows.map(({ name, share }) => [name, share])).toEqual([['Chat → Hopper', 0.2]])
  })

  test('of a fleet with too many pools for a frame end in its families', () => {
    const frame = busy()
    frame.familyFlows = { requests: [30, 50, 20, 0, 700, 0], outputTokens: [3000, 5000, 2000, 0, 0, 0] }
    frame.families.saturation = [0.5, 0.92, 0.5]
    const rows = flows(
      fleet,
      frame,
      endsOf(fleet, () => false),
      all,
    )
    expect(rows.filter(({ requests }) => requests > 0).map(({ name, share }) => [name, share])).toEqual([
      ['Chat → Blackwell', 0.3],
      ['Chat → Trainium', 0.5],
      ['Chat → Hopper', 0.2],
      ['Ranking → Trainium', 1],
    ])
    expect(plain(rows[1]?.sentence ?? '')).toContain('the family is 92 % saturated, past its limit')
  })
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
