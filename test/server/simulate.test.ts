import { spawn, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { experiment, workload } from '../support/experiments'

let folder: string
beforeAll(async () => {
  // what is stale is built now, so that experiments print only what is theirs
  spawnSync(process.execPath, ['server/start.js', '--help'], { stdio: 'ignore' })
  folder = await mkdtemp(join(tmpdir(), 'headgate-simulate-'))
}, 120_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Call {
  name?: string
  flags?: string[]
  /** Given on standard input instead of in a file. */
  piped?: boolean
  /** With `none` nobody reads what it prints. */
  readers?: 'one' | 'none'
}

/** `npm run simulate` with a file of this text. */
async function simulate(text: string, { name = 'e.jsonl', flags = [], piped = false, readers = 'one' }: Call = {}) {
  const file = piped ? '-' : await write(name, text)
  const child = spawn(process.execPath, ['server/start.js', 'simulate', file, ...flags], { stdio: 'pipe' })
  let [out, err] = ['', '']
  child.stdout.on('data', chunk => (out += chunk))
  child.stderr.on('data', chunk => (err += chunk))
  if (readers === 'none') child.stdout.destroy()
  child.stdin.end(piped ? text : '')
  const code = await new Promise(resolve => child.once('close', resolve))
  return { code, out, err }
}

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  return file
}

function lines(experiments: object[]): string {
  return experiments.map(each => JSON.stringify(each)).join('\n')
}

/** The results, without the time that they took. */
function results(out: string) {
  return out
    .trimEnd()
    .split('\n')
    .map(line => ({ ...JSON.parse(line), wallSeconds: 0 }))
}

describe('a file of experiments', () => {
  test('gives one line of results each', async () => {
    const { code, out, err } = await simulate(`${lines([experiment, { ...experiment, id: 'b' }])}\n\n`)
    expect([code, err]).toEqual([0, '1 of 2: a\n2 of 2: b\n'])
    const [a, b] = results(out)
    expect([a.id, b.id]).toEqual(['a', 'b'])
    expect(a.workloads.w.requests).toMatchObject({ rejected: 0, inFlight: 0 })
    expect(a.workloads.w.requests.finished).toBeGreaterThan(0)
  })

  test('may hold one experiment, over many lines', async () => {
    const { code, out } = await simulate(`\uFEFF${JSON.stringify(experiment, null, 2)}`, { name: 'one.json' })
    expect(code).toBe(0)
    expect(results(out)).toHaveLength(1)
  })

  test.each([
    ['one', JSON.stringify(experiment, null, 2), 1],
    ['one per line', lines([experiment, experiment]), 2],
  ])('may come through standard input, %s', async (_, text, count) => {
    const { code, out } = await simulate(text, { piped: true })
    expect(code).toBe(0)
    expect(results(out)).toHaveLength(count)
  })

  test('gives the same results in the same order on several threads', async () => {
    // the first ones take the longest
    const experiments = [900, 300, 20, 5, 1].map(duration => ({
      ...experiment,
      id: `${duration} s`,
      duration,
      workloads: [{ ...workload, arrivals: { kind: 'gamma', cv: 2, stages: [{ duration, rate: 20 }] } }],
    }))
    const alone = await simulate(lines(experiments))
    const together = await simulate(lines(experiments), { flags: ['--jobs', '2'] })
    expect([alone.code, together.code]).toEqual([0, 0])
    expect(results(together.out)).toEqual(results(alone.out))
    expect(results(alone.out).map(({ id }) => id)).toEqual(experiments.map(({ id }) => id))
  })
})

describe('nothing runs unless every experiment is right', () => {
  test.each<[string, string, Call, RegExp]>([
    [
      'a line that is no JSON',
      `${lines([experiment])}\n{"id":`,
      {},
      /e\.jsonl: line 2: not JSON, expected an experiment/,
    ],
    ['no line', '\n \n', {}, /e\.jsonl: no experiment, expected one or more/],
    ['two lines in a file of one', lines([experiment, experiment]), { name: 'two.json' }, /two\.json: not JSON/],
    [
      'an experiment nested 100,000 deep',
      '['.repeat(100_000) + ']'.repeat(100_000),
      { name: 'deep.json' },
      /deep\.json: experiment: "\[…", expected an object/,
    ],
    [
      'a field that is wrong in the last one',
      lines([experiment, { ...experiment, id: 'the\nlast', duration: -4 }]),
      {},
      /e\.jsonl: line 2: experiment "the\\nlast": duration: -4, expected more than 0/,
    ],
    [
      'an unknown field of many lines',
      lines([{ ...experiment, 'a\nb': { c: 'd\ne' } }]),
      {},
      /experiment "a": a b: {"c":"d\\ne"}, expected no such field/,
    ],
    [
      'no thread',
      lines([experiment]),
      { flags: ['--jobs', '0'] },
      /--jobs: "0", expected a whole number from 1 to 256/,
    ],
    ['threads without a number', lines([experiment]), { flags: ['--jobs'] }, /--jobs: "", expected a whole number/],
    ['two files', lines([experiment]), { flags: ['more.json'] }, /expected one file of experiments/],
    ['an unknown flag', lines([experiment]), { flags: ['--fast'] }, /expected one file of experiments/],
  ])('with %s', async (_, text, call, message) => {
    const { code, out, err } = await simulate(text, call)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
    expect(err.trimEnd()).not.toContain('\n')
  })

  test('with a file that is not there', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['server/start.js', 'simulate', 'nowhere.json'])
    expect([status, String(stdout)]).toEqual([2, ''])
    expect(String(stderr)).toMatch(/^nowhere\.json: cannot be read, ENOENT.*\n$/)
  })
})

test('it ends when nobody reads its results', async () => {
  const { code, err } = await simulate(lines(Array(500).fill(experiment)), { readers: 'none' })
  expect(code).toBe(1)
  expect(err).toMatch(/the result cannot be written: .*\n$/)
  expect(err).not.toContain('500 of 500')
})

test.each([['1'], ['2']])('an experiment that cannot end has no result, the others have: --jobs %s', async jobs => {
  const slow = { peakFlops: { fp8: 1 }, memoryBandwidth: 1 }
  const stuck = { ...experiment, id: 'stuck', chips: { h100: slow } }
  const { code, out, err } = await simulate(lines([stuck, experiment]), { flags: ['--jobs', jobs] })
  expect(code).toBe(1)
  expect(results(out).map(({ id }) => id)).toEqual(['a'])
  expect(err).toMatch(
    /experiment "stuck" has no result: \d+ requests are still under way 3600 s after the last arrival\n/,
  )
})

describe('a trace', () => {
  const header = 'TIMESTAMP,ContextTokens,GeneratedTokens'
  const request = (second: number) => {
    const clock = [Math.floor(second / 60), second % 60].map(part => String(part).padStart(2, '0')).join(':')
    return `2023-11-16 18:${clock}.0000000,${100 + second},${20 + (second % 5)}`
  }
  const azure = [header, ...Array.from({ length: 120 }, (_, second) => request(second))].join('\n')
  const twice = azure.replace(/^2023.*$/gm, '$&\n$&')
  const replay = (change: object = {}, more: object = {}) => ({
    ...experiment,
    duration: 1000,
    workloads: [
      {
        ...workload,
        arrivals: { kind: 'trace', file: 'day/requests.csv', ...change },
        promptTokens: { kind: 'trace' },
        outputTokens: { kind: 'trace' },
        ...more,
      },
    ],
  })
  /** Results of experiments that lie beside the folder of the trace. */
  const replayed = async (...experiments: object[]) => {
    await write('traces/day/requests.csv', azure)
    const { code, out, err } = await simulate(lines(experiments), { name: 'traces/e.jsonl' })
    if (code !== 0) throw new Error(err)
    return results(out)
  }

  test('is replayed once, with its lengths, from a file beside the experiment', async () => {
    const [whole, endless, cut] = await replayed(
      replay(),
      { ...replay(), duration: undefined },
      { ...replay(), duration: 60, warmup: 10 },
    )
    expect(whole.workloads.w).toMatchObject({ requests: { arrived: 120, finished: 120 }, stages: [] })
    expect(whole.workloads.w.goodput).toBeCloseTo(1, 9)
    expect(whole.simulated.seconds).toBeLessThan(125)
    const prompts = 120 * 100 + (119 * 120) / 2
    expect(whole.pools.p.promptTokensPerSecond * whole.simulated.seconds).toBeCloseTo(prompts, 6)
    expect(endless).toEqual(whole)
    expect(cut.simulated.requests).toBe(60)
    expect(cut.workloads.w.requests).toMatchObject({ arrived: 50, finished: 50 })
  })

  test('comes as many times as fast as its scale, and with other lengths where they are given', async () => {
    const [faster, longer] = await replayed(
      replay({ scale: 3 }),
      replay({}, { outputTokens: { kind: 'fixed', value: 200 } }),
    )
    expect(faster.workloads.w.requests.finished).toBe(120)
    expect(faster.workloads.w.goodput).toBeCloseTo(3, 9)
    expect(longer.pools.p.outputTokensPerSecond * longer.simulated.seconds).toBeCloseTo(120 * 200, 6)
    const prompts = 120 * 100 + (119 * 120) / 2
    expect(longer.pools.p.promptTokensPerSecond * longer.simulated.seconds).toBeCloseTo(prompts, 6)
  })

  test.each<[string, string, object, RegExp]>([
    ['that is not there', '', { file: 'nowhere.csv' }, /arrivals\.file: "nowhere\.csv", expected .*: no such file/],
    ['that is a folder', '', { file: '.' }, /arrivals\.file: "\.", expected a file, no directory/],
    [
      'with a bad line',
      `${azure}\n2023-11-16 18:30:00.0000000,many,1`,
      { file: 'bad.csv' },
      /arrivals\.file: bad\.csv: line 122: ContextTokens: "many", expected a whole number/,
    ],
    ['with one request', `${header}\n${request(0)}`, { file: 'bad.csv' }, /arrivals\.file: bad\.csv: trace: /],
    ['at too high a rate', twice, { file: 'bad.csv', scale: 1e6 }, /arrivals\.scale: 1000000, expected .*rate/],
    ['at too low a rate', azure, { file: 'bad.csv', scale: 1e-6 }, /arrivals\.scale: 0\.000001, expected .*rate/],
  ])('%s is refused before anything runs', async (_, text, change, message) => {
    await write('bad.csv', text)
    const { code, out, err } = await simulate(lines([experiment, { ...replay(change), id: 'replay' }]))
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/e\.jsonl: line 2: experiment "replay": workloads\[0\]\.arrivals/)
    expect(err).toMatch(message)
    expect(err.trimEnd()).not.toContain('\n')
  })

  test('that is over before the warm-up is refused', async () => {
    await write('day/requests.csv', azure)
    const { code, err } = await simulate(lines([{ ...replay(), duration: undefined, warmup: 120 }]))
    expect(code).toBe(2)
    expect(err).toMatch(/warmup: 120, expected less than the 120 s of the trace/)
  })
})
