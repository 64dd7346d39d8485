import { expect, test } from 'vitest'
import { chips as catalog } from '../../simulation/catalog/chips'
import {
  advance,
  createSimulation,
  fleets,
  perform,
  takeFrame,
  takeHealth,
  takePools,
  viewFleet,
  type Figure,
} from '../../simulation/index'
import { wideFleet } from '../support/wide-fleet'

const fleet = fleets.default
if (!fleet) throw new Error('there is no default fleet')
const view = viewFleet(fleet)
const simulation = createSimulation({ fleet, seed: 1 })
advance(simulation, 20)
const frame = takeFrame(simulation, 1)

test('every column has a row for each family, workload, pool and flow of the view', () => {
  for (const part of ['families', 'workloads', 'pools', 'flows'] as const)
    for (const [metric, column] of Object.entries(frame[part])) expect(column.length, metric).toBe(view[part].length)
})

test('rows stand in the order of the view: what flows take adds up to that of their pool, family and workload', () => {
  const sumBy = (row: (flow: (typeof view.flows)[number]) => number | undefined, rows: number): number[] => {
    const sums = Array<number>(rows).fill(0)
    view.flows.forEach((flow, i) => {
      const index = row(flow) ?? -1
      sums[index] = (sums[index] ?? 0) + (frame.flows.outputTokens[i] ?? 0)
    })
    return sums
  }
  const close = (sums: number[], column: (number | null)[]) =>
    sums.forEach((sum, i) => expect(Math.abs(sum - (column[i] ?? 0))).toBeLessThanOrEqual(2e-3 * sum))
  close(
    sumBy(flow => flow.pool, view.pools.length),
    frame.pools.outputTokens,
  )
  close(
    sumBy(flow => view.pools[flow.pool]?.family, view.families.length),
    frame.families.outputTokens,
  )
  close(
    sumBy(flow => flow.workload, view.workloads.length),
    frame.workloads.outputTokens,
  )
})

test('a pool has a cost exactly where the view has a price, and power where it has a limit', () => {
  view.pools.forEach(({ id, chipHour, chipPower }, i) => {
    expect(frame.pools.usedCost[i] !== null, id).toBe(chipHour !== null && view.flows.some(({ pool }) => pool === i))
    expect(frame.pools.heldCost[i] !== null, id).toBe(chipHour !== null)
    for (const metric of ['power', 'carbon'] as const)
      expect(frame.pools[metric][i] !== null, `${id} ${metric}`).toBe(chipPower !== null)
  })
})

test('a frame of the default fleet takes at most 16 KB', () => {
  expect(JSON.stringify(frame).length).toBeLessThanOrEqual(16_384)
})

test('a screen can list the system of every pool whose chip comes in a known one', () => {
  for (const { id, chip, system } of view.pools) {
    const shown = view.systems.find(candidate => candidate.chip === chip)
    expect(shown?.name ?? null, id).toBe(system)
    if (shown) expect(shown.parts.length, id).toBeGreaterThan(0)
  }
  expect(new Set(view.systems.flatMap(({ parts }) => parts.map(({ kind }) => kind)))).toEqual(
    new Set(['host CPU', 'scale-up switch', 'network card', 'data processing unit', 'Ethernet switch']),
  )
})

test('the power of a chip and its share of the system is that of the chip, its parts and the rest', () => {
  for (const { chip, chips, parts, rest } of view.systems) {
    const pool = view.pools.find(candidate => candidate.chip === chip)
    const limit = catalog[chip]?.powerLimit ?? null
    if (!pool?.chipPower || limit === null) continue
    const drawn = parts.reduce((sum, { count, watts }) => sum + (count ?? 0) * (watts?.value ?? 0), rest?.value ?? 0)
    expect(pool.chipPower.value, chip).toBeCloseTo(limit + drawn / chips, 6)
  }
})

test('a frame of a thousand pools is as small as any: it has the first 64 and their flows', () => {
  const wide = wideFleet()
  const run = createSimulation({ fleet: wide, seed: 1 })
  advance(run, 1)
  const whole = takeFrame(run, 1)
  expect(Buffer.byteLength(JSON.stringify(whole))).toBeLessThanOrEqual(16_384)
  for (const column of Object.values(whole.pools)) expect(column).toHaveLength(64)
  expect(whole.flows.requests).toHaveLength(viewFleet(wide).flows.filter(({ pool }) => pool < 64).length)
  // what is taken of some pools is what the frame says of them
  const some = takePools(run, [63, 5])
  expect(some.outputTokens).toEqual([whole.pools.outputTokens[63], whole.pools.outputTokens[5]])
  expect(takePools(run, [999]).replicas).toEqual([1])
}, 400_000)

test('a frame of many pools has what flows to each family, and names the other pools that are in trouble', () => {
  const wide = wideFleet(200)
  const run = createSimulation({ fleet: wide, seed: 1 })
  advance(run, 2)
  expect(takeFrame(run, 1).troubled?.pool).toEqual([])
  perform(run, { kind: 'drain', pool: wide.pools[150]?.id ?? '' })
  advance(run, 3)
  const whole = takeFrame(run, 2)
  const { families, workloads } = viewFleet(wide)
  const sumOf = (workload: number, column: Figure[] = []) =>
    column
      .slice(workload * families.length, (workload + 1) * families.length)
      .reduce<number>((sum, figure) => sum + (figure ?? 0), 0)
  for (const [index, { id }] of workloads.entries()) {
    const arrived = whole.workloads.arrived[index] ?? 0
    expect(Math.abs(sumOf(index, whole.familyFlows?.requests) - arrived), id).toBeLessThanOrEqual(arrived / 100)
  }
  expect(whole.troubled?.pool).toEqual([150])
  expect(whole.troubled?.drained).toEqual([1])
  // what is soon counted of all is what is taken of each
  const [health, some] = [takeHealth(run), takePools(run, [5, 150])]
  for (const metric of ['running', 'waiting', 'saturation', 'available', 'drained'] as const)
    expect([5, 150].map(index => health[metric][index])).toEqual(some[metric])
}, 400_000)
