import { expect, test } from 'vitest'
import { advance, createSimulation, fleets, takeFrame, viewFleet } from '../../simulation/index'

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
    expect(frame.pools.power[i] !== null, id).toBe(chipPower !== null)
  })
})
