import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseExperiment } from '../../server/experiments/experiment'
import { runExperiment } from '../../server/experiments/run-experiment'

let folder: string
beforeAll(async () => {
  // what is stale is built now, so that experiments print only what is theirs
  spawnSync(process.execPath, ['server/start.js', '--help'], { stdio: 'ignore' })
  folder = await mkdtemp(join(tmpdir(), 'headgate-simulate-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const pool = { id: 'p', chip: 'h100', model: 'llama-3.1-8b', precision: 'fp8' }
const stages = [{ duration: 60, rate: 2 }]
const workload = {
  id: 'w',
  model: 'llama-3.1-8b',
  arrivals: { kind: 'poisson', stages },
  promptTokens: { kind: 'fixed', value: 100 },
  outputTokens: { kind: 'fixed', value: 20 },
}
const experiment = { id: 'a', duration: 4, pools: [pool], workloads: [workload] }

/** `npm run simulate` with a file of this text; with `readers: 'none'` nobody reads what it prints. */
async function simulate(text: string, { name = 'e.jsonl', readers = 'one' } = {}) {
  const file = join(folder, name)
  await writeFile(file, text)
  const child = spawn(process.execPath, ['server/start.js', 'simulate', file], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', chunk => (out += chunk))
  child.stderr.on('data', chunk => (err += chunk))
  if (readers === 'none') child.stdout.destroy()
  const code = await new Promise(resolve => child.once('close', resolve))
  return { code, out, err }
}

test('a file of experiments gives one line of results each', async () => {
  const { code, out, err } = await simulate(
    [experiment, { ...experiment, id: 'b' }].map(e => JSON.stringify(e)).join('\n'),
  )
  expect([code, err]).toEqual([0, '1 of 2: a\n2 of 2: b\n'])
  const results = out
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(results.map(({ id }) => id)).toEqual(['a', 'b'])
  expect(results[0].workloads.w.requests).toMatchObject({ rejected: 0, inFlight: 0 })
  expect(results[0].workloads.w.requests.finished).toBeGreaterThan(0)
})

test('nothing runs unless every experiment is right, and the line at fault is named', async () => {
  const { code, out, err } = await simulate(`${JSON.stringify(experiment)}\n{"id":`)
  expect([code, out]).toEqual([2, ''])
  expect(err).toMatch(/e\.jsonl: line 2: not JSON, expected an experiment\n$/)
})

test('an experiment nested 100,000 deep is refused in one line', async () => {
  const { code, err } = await simulate('['.repeat(100_000) + ']'.repeat(100_000), { name: 'deep.json' })
  expect(code).toBe(2)
  expect(err).toMatch(/^.*deep\.json: experiment: "\[…", expected an object\n$/)
})

test('it ends when nobody reads its results', async () => {
  const { code, err } = await simulate(Array(500).fill(JSON.stringify(experiment)).join('\n'), { readers: 'none' })
  expect(code).toBe(1)
  expect(err).toMatch(/the result cannot be written: .*\n$/)
  expect(err).not.toContain('500 of 500')
})

test('a request that comes in the last moment is waited for', () => {
  // the only one, at 4.27 s
  const arrivals = { kind: 'constant', stages: [{ duration: 60, rate: 1 / 4.27 }] }
  const parsed = parseExperiment({ ...experiment, duration: 4.3, workloads: [{ ...workload, arrivals }] })
  if ('expected' in parsed) throw new Error(parsed.expected)
  expect(runExperiment(parsed).workloads.w?.requests).toEqual({ arrived: 1, finished: 1, rejected: 0, inFlight: 0 })
})

const withPool = (change: object) => ({ pools: [{ ...pool, ...change }] })
const withWorkload = (change: object) => ({ workloads: [{ ...workload, ...change }] })
const rate = (value: number) =>
  withWorkload({ arrivals: { kind: 'constant', stages: [{ duration: 60, rate: value }] } })
const gamma = (cv: number) => withWorkload({ arrivals: { kind: 'gamma', cv, stages } })
const prompt = (promptTokens: object) => withWorkload({ promptTokens })

test.each<[string, object, string]>([
  ['an unknown field', { more: 1 }, 'more'],
  ['a chip that every object has', withPool({ chip: 'constructor' }), 'pools[0].chip'],
  ['a model that every object has', withPool({ model: 'toString' }), 'pools[0].model'],
  ['a precision that the chip has not', withPool({ precision: 'fp4' }), 'pools[0].precision'],
  [
    'a model that does not fit',
    { ...withPool({ model: 'deepseek-v3' }), ...withWorkload({ model: 'deepseek-v3' }) },
    'pools[0].model',
  ],
  ['a billion replicas', withPool({ replicas: 1e9 }), 'pools[0].replicas'],
  ['a billion chips to a replica', withPool({ tensorParallel: 1e9 }), 'pools[0].tensorParallel'],
  ['no memory', withPool({ memoryFraction: 0 }), 'pools[0].memoryFraction'],
  ['two pools of one name', { pools: [pool, pool] }, 'pools[1].id'],
  ['two workloads of one name', { workloads: [workload, workload] }, 'workloads[1].id'],
  ['routes of a workload that is not there', { routing: { x: [{ prefill: 'p', decode: 'p', share: 1 }] } }, 'routing'],
  ['a workload of two pools without routes', { pools: [pool, { ...pool, id: 'q' }] }, 'routing.w'],
  ['a negative rate', rate(-1), 'workloads[0].arrivals.stages[0].rate'],
  ['more requests than can be simulated', rate(1e300), 'workloads[0].arrivals.stages[0].rate'],
  ['bursts without end', gamma(1e9), 'workloads[0].arrivals.cv'],
  ['gaps without spread', gamma(1e-300), 'workloads[0].arrivals.cv'],
  ['prompts beyond a column', prompt({ kind: 'fixed', value: 2 ** 32 }), 'workloads[0].promptTokens.value'],
  ['lengths turned round', prompt({ kind: 'uniform', from: 5, to: 1 }), 'workloads[0].promptTokens.to'],
  ['quantiles of no probability', prompt({ kind: 'quantiles', '': 5 }), 'workloads[0].promptTokens'],
  ['quantiles beyond 1', prompt({ kind: 'quantiles', '1.5': 5 }), 'workloads[0].promptTokens'],
  ['quantiles that fall', prompt({ kind: 'quantiles', '0.5': 9, '0.9': 3 }), 'workloads[0].promptTokens'],
  ['no time', { duration: 0 }, 'duration'],
  ['30,000 years', { duration: 1e12 }, 'duration'],
  ['nothing but warming up', { warmup: 4 }, 'warmup'],
])('an experiment with %s is refused', (_, change, field) => {
  expect(parseExperiment({ ...experiment, ...change })).toEqual({
    field,
    value: expect.anything(),
    expected: expect.stringMatching(/./),
  })
})

test('a workload may have a name that every object has', () => {
  expect(parseExperiment({ ...experiment, ...withWorkload({ id: 'constructor' }) })).toMatchObject({ id: 'a' })
})
