import { expect, test } from 'vitest'
import { familyRows, poolRow, trainingPools } from '../../client/panels/live/ledger'
import { toldFigure } from '../../client/pool-figure'
import { buildFleet, buildFrame, buildPool } from '../support/frames'

const fleet = buildFleet()

function pool(id: string, frame = buildFrame(fleet)) {
  const index = fleet.pools.findIndex(candidate => candidate.id === id)
  const [row] = poolRow(fleet, index, {
    figure: metric => toldFigure(frame, index, metric) ?? null,
    training: trainingPools(fleet),
  })
  if (!row) throw new Error(`no row ${id}`)
  return row
}

test('before the first frame the rows stand and every figure is a dash', () => {
  const [family] = familyRows(fleet, null)
  expect([family?.tokens, family?.cost, family?.itl].map(cell => cell?.value)).toEqual(['–', '–', '–'])
  expect(family?.saturationText).toBe('–')
})

test('a figure from modelled coefficients is marked and says why; a measured one is not', () => {
  expect(pool('trn2-chat').tokens).toMatchObject({ modelled: true, title: expect.stringContaining('modelled from') })
  expect(pool('b200-chat').tokens.modelled).toBe(false)
})

test('a family is modelled only if all of its pools are', () => {
  const [, trainium] = familyRows(fleet, buildFrame(fleet))
  expect(trainium?.tokens.modelled).toBe(false)
})

test('an unknown cost or power is a dash with its cause', () => {
  const frame = buildFrame(fleet)
  frame.pools.costPerMtok[4] = null
  frame.pools.power[4] = null
  const row = pool('h100-chat', frame)
  expect(row.cost).toMatchObject({ value: '–', title: 'no public price of h100' })
  expect(row.power).toMatchObject({ value: '–', title: 'no public power figure of h100' })
})

test('a percentile of few samples is withheld, with their number', () => {
  const frame = buildFrame(fleet)
  frame.pools.itlCount[0] = 7
  expect(pool('b200-chat', frame).itl).toMatchObject({ value: '–', unit: ' n 7', title: expect.stringContaining('20') })
})

test('a pool of single-shot queries shows queries, not tokens', () => {
  const frame = buildFrame(fleet)
  frame.pools.outputTokens[3] = 0
  frame.pools.finished[3] = 720
  expect(pool('trn1-ranking', frame).tokens).toMatchObject({ value: '720', unit: 'q/s' })
  expect(pool('trn1-ranking', frame).itl.value).toBe('–')
})

test('a pool at 90 % saturation is past its limit', () => {
  const frame = buildFrame(fleet)
  frame.pools.saturation = [0.9, 0.899, 0.5, 0.5, 0.5]
  expect([pool('b200-chat', frame).past, pool('b300-chat', frame).past]).toEqual([true, false])
})

test('a pool that has lost replicas says how many are left', () => {
  const frame = buildFrame(fleet)
  const { replicas = 0 } = fleet.pools[0] ?? {}
  frame.pools.available = [1 - 1 / replicas, 1, 1, 1, 1]
  expect(pool('b200-chat', frame).left).toBe(`${replicas - 1} of ${replicas} replicas`)
  // of those that it has now: some were provisioned to another pool
  frame.pools.replicas = [4, 1, 1, 1, 1]
  frame.pools.available = [3 / 4, 1, 1, 1, 1]
  expect(pool('b200-chat', frame).left).toBe('3 of 4 replicas')
  expect(pool('b300-chat', frame).left).toBeNull()
})

test('a family says how many of its pools are in trouble and which, also of those that a frame has no columns of', () => {
  const frame = buildFrame(fleet)
  frame.pools.available = [1, 1, 1, 1, 1]
  frame.pools.saturation = [0.95, 0.5, 0.5, 0.5, 0.5]
  frame.troubled = {
    pool: [5, 6],
    saturation: [0.93, 0.1],
    available: [1, 0.5],
    replicas: [8, 8],
    drained: [0, 0],
    running: [1, 1],
    waiting: [0, 0],
  }
  const wide = { ...fleet, pools: [...fleet.pools, buildPool('b200-late', 0), buildPool('h100-late', 2)] }
  const [blackwell, trainium, hopper] = familyRows(wide, frame)
  expect(blackwell?.trouble).toEqual({
    words: '2 past 90\u202f%',
    names: 'past 90\u202f% saturation: b200-chat, b200-late',
  })
  expect(trainium?.trouble).toBeNull()
  expect(hopper?.trouble).toEqual({ words: '1 short of replicas', names: 'short of replicas: h100-late' })
})

test('a pool of which nothing comes says why', () => {
  const [row] = poolRow(fleet, 0, { figure: () => null, training: new Set(), silent: 'on its way' })
  expect(row?.tokens).toMatchObject({ value: '–', title: 'on its way' })
  expect(row?.itl).toMatchObject({ value: '–', unit: '', title: 'on its way' })
})
