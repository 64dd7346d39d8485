import { describe, expect, test } from 'vitest'
import { checkFleet, checkRouting, fleets, type Pool, type Route, type Workload } from '../../simulation/index'
import { fleet, pool, routes, workload } from '../support/fleets'

test.each(Object.entries(fleets))('the fleet %s that ships can run', (_, shipped) => {
  expect(checkFleet(shipped)).toBeNull()
})

describe('a fleet is refused for', () => {
  test.each<[string, Partial<Pool>, string]>([
    ['a chip that nobody knows', { chip: 'h1000' }, 'chip'],
    ['a chip that every object has', { chip: 'constructor' }, 'chip'],
    ['a model that nobody knows', { model: 'llama' }, 'model'],
    ['a precision that the chip lacks', { precision: 'fp4' }, 'precision'],
    ['an engine without coefficients', { engine: 'neuron' }, 'engine'],
    ['no replicas', { replicas: 0 }, 'replicas'],
    ['half a rank', { tensorParallel: 1.5 }, 'tensorParallel'],
    ['experts over more ranks than there are', { tensorParallel: 2, expertParallel: 4 }, 'expertParallel'],
    ['more sequences than a step has tokens', { maxSequences: 256, stepTokenBudget: 256 }, 'maxSequences'],
    ['more memory than there is', { memoryFraction: 1.1 }, 'memoryFraction'],
    ['no memory', { memoryFraction: NaN }, 'memoryFraction'],
    ['weights that do not fit', { model: 'llama-3.1-70b', tensorParallel: 1, precision: 'bf16' }, 'model'],
  ])('%s', (_, change, field) => {
    const refusal = checkFleet(fleet([pool('p', change)], [workload('w', { model: change.model ?? 'llama-3.1-8b' })]))
    expect(refusal?.field).toBe(`pools[0].${field}`)
  })

  test('two pools of one name, two workloads of one name, a workload without pool or routes', () => {
    const [p, w] = [pool('p'), workload('w')]
    const other = workload('other', { model: 'qwen3-32b' })
    expect(checkFleet(fleet([p, p], [w]))?.field).toBe('pools[1].id')
    expect(checkFleet(fleet([p], [w, w]))?.field).toBe('workloads[1].id')
    expect(checkFleet(fleet([p], [w, other]))?.field).toBe('workloads[1].model')
    expect(checkFleet({ ...fleet([p], [w]), routing: {} })?.field).toBe('routing.w')
  })
})

describe('a routing is refused for', () => {
  const ranking: Workload = workload('ranking', { model: 'dlrm', kind: 'single-shot' })
  const two = fleet([pool('a'), pool('b'), pool('r', { model: 'dlrm', precision: 'bf16' })], [workload('w'), ranking], {
    w: routes({ a: 0.5, b: 0.5 }),
  })
  const share = (value: number): Route[] => [{ prefill: 'a', decode: 'a', share: value }]

  test.each<[string, Route[], string]>([
    ['no routes', [], 'routing.w'],
    ['a pool that is not there', routes({ c: 1 }), 'routing.w[0].prefill'],
    ['a pool with another model', routes({ a: 0.5, r: 0.5 }), 'routing.w[1].prefill'],
    ['a negative share', share(-0.1), 'routing.w[0].share'],
    ['a share over 1', share(1.1), 'routing.w[0].share'],
    ['a share that is no number', share(NaN), 'routing.w[0].share'],
    ['shares that do not add to 1', routes({ a: 0.5, b: 0.49 }), 'routing.w'],
    ['a route twice', [...share(0.5), ...share(0.5)], 'routing.w[1]'],
  ])('%s', (_, w, field) => {
    expect(checkRouting(two, { w })?.field).toBe(field)
  })

  test('two pools on one route of queries, and a chip that only decodes at the start of a route', () => {
    const second = pool('s', { model: 'dlrm', precision: 'bf16' })
    const lpus = pool('l', { chip: 'groq-3-lpu', engine: 'groq', tensorParallel: 64 })
    const mixed = fleet([...two.pools, second, lpus], two.workloads)
    const over = (prefill: string, decode: string): Route[] => [{ prefill, decode, share: 1 }]
    expect(checkRouting(mixed, { ranking: over('r', 's') })?.field).toBe('routing.ranking[0].decode')
    expect(checkRouting(mixed, { w: over('l', 'l') })?.field).toBe('routing.w[0].prefill')
    expect(checkRouting(mixed, { w: over('l', 'a') })?.field).toBe('routing.w[0].prefill')
    expect(checkRouting(mixed, { w: over('a', 'b') })).toBeNull()
  })

  test('a workload that is not there, and for nothing at all', () => {
    expect(checkRouting(two, { v: share(1) })?.value).toBe('v')
    expect(checkRouting(two, {})?.field).toBe('routing')
  })

  test('nothing where only some workloads are named and shares add to 1 but for rounding', () => {
    expect(checkRouting(two, { w: routes({ a: 0.3333335, b: 0.6666666 }) })).toBeNull()
  })
})

test('data-parallel ranks share the experts: DeepSeek V3 fits eight H200 with attention on each', () => {
  const wide = pool('p', {
    chip: 'h200',
    model: 'deepseek-v3',
    tensorParallel: 1,
    dataParallel: 8,
    expertParallel: 8,
    maxSequences: 64,
  })
  expect(checkFleet(fleet([wide], [workload('w', { model: 'deepseek-v3' })]))).toBeNull()
})
