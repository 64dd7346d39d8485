import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createStream } from '../../simulation/random'
import { chooseFrom, createPicker, look, pick, type PickerState } from '../../simulation/routing/picker'
import type { Picker } from '../../simulation/catalog/fleets'

/** What a pool behind another one of two replicas has outstanding after some picks on one snapshot. */
function spread(kind: Picker, outstanding: number[], requests: number): number[] {
  const picker = createPicker(kind, { first: 2, replicas: outstanding.length }, createStream(1, 'picker'))
  look(picker, Int32Array.from([0, 0, ...outstanding]))
  const load = [...outstanding]
  for (let i = 0; i < requests; i++) {
    const replica = pick(picker, -1) - 2
    expect(load[replica], 'a replica of the pool').toBeDefined()
    load[replica] = (load[replica] ?? 0) + 1
  }
  return load
}

test('round robin takes turns, whatever is outstanding', () => {
  expect(spread('round-robin', [9, 0, 0], 7)).toEqual([12, 2, 2])
})

test('least outstanding always takes a replica with the fewest', () => {
  const anySnapshot = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(anySnapshot, fc.integer({ min: 0, max: 100 }), (outstanding, requests) => {
      const filled = [...outstanding]
      for (let i = 0; i < requests; i++) {
        const least = filled.indexOf(Math.min(...filled))
        filled[least] = (filled[least] ?? 0) + 1
      }
      const ascending = (load: number[]) => load.sort((a, b) => a - b)
      expect(ascending(spread('least-outstanding', outstanding, requests))).toEqual(ascending(filled))
    }),
  )
})

test('power of two prefers the emptier of two, and counts what it sent since the snapshot', () => {
  const [full = 0, empty = 0] = spread('power-of-two', [1000, 0], 400)
  // the full one is taken only when both draws name it, a quarter of the time
  expect((full - 1000) / 400).toBeCloseTo(0.25, 1)
  expect(full - 1000 + empty).toBe(400)
  const even = spread('power-of-two', Array(8).fill(0), 8000)
  expect(Math.max(...even) - Math.min(...even)).toBeLessThan(20)
})

describe.each(['round-robin', 'least-outstanding', 'power-of-two', 'prefix-affinity'] as const)('%s', kind => {
  const picks = (picker: PickerState, count: number): number[] => {
    const load = [0, 0, 0, 0, 0, 0]
    for (let i = 0; i < count; i++) {
      const replica = pick(picker, i)
      load[replica] = (load[replica] ?? 0) + 1
    }
    return load
  }

  test('takes only replicas that take requests, all of them alike, and all again when they do', () => {
    const outstanding = new Int32Array(6)
    const picker = createPicker(kind, { first: 2, replicas: 4 }, createStream(1, 'picker'))
    chooseFrom(picker, [0, 3], outstanding)
    const some = picks(picker, 1000)
    expect(some.map(count => count > 0)).toEqual([false, false, true, false, false, true])
    expect(Math.abs((some[2] ?? 0) - (some[5] ?? 0))).toBeLessThanOrEqual(250)
    chooseFrom(picker, [0, 1, 2, 3], outstanding)
    expect(picks(picker, 1000).map(count => count > 0)).toEqual([false, false, true, true, true, true])
  })

  test('chooses as it always did where all take requests', () => {
    const [a, b] = [1, 2].map(() => createPicker(kind, { first: 2, replicas: 4 }, createStream(1, 'picker')))
    if (!a || !b) throw new Error('no picker')
    look(a, new Int32Array(6))
    chooseFrom(b, [0, 1, 2, 3], new Int32Array(6))
    expect(picks(b, 50)).toEqual(picks(a, 50))
  })
})
