import { expect, test } from 'vitest'
import { ledgerRows } from '../../client/panels/live/ledger'
import { buildFleet, buildFrame } from '../support/frames'

const fleet = buildFleet()

function pool(id: string, frame = buildFrame(fleet)) {
  const row = ledgerRows(fleet, frame)
    .flatMap(family => family.pools)
    .find(candidate => candidate.id === id)
  if (!row) throw new Error(`no row ${id}`)
  return row
}

test('every pool stands under its family, once', () => {
  const rows = ledgerRows(fleet, buildFrame(fleet))
  expect(rows.map(family => [family.id, family.pools.map(row => row.id)])).toEqual([
    ['blackwell', ['b200-chat', 'b300-chat']],
    ['trainium', ['trn2-chat', 'trn1-ranking']],
    ['hopper', ['h100-chat']],
  ])
})

test('before the first frame the rows stand and every figure is a dash', () => {
  const [family] = ledgerRows(fleet, null)
  expect([family?.tokens, family?.cost, family?.itl].map(cell => cell?.value)).toEqual(['–', '–', '–'])
  expect(family?.saturationText).toBe('–')
})

test('a figure from modelled coefficients is marked and says why; a measured one is not', () => {
  expect(pool('trn2-chat').tokens).toMatchObject({ modelled: true, title: expect.stringContaining('modelled from') })
  expect(pool('b200-chat').tokens.modelled).toBe(false)
})

test('a family is modelled only if all of its pools are', () => {
  const [, trainium] = ledgerRows(fleet, buildFrame(fleet))
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
