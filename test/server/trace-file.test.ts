import { appendFile, mkdtemp, mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../server/config'
import { planRun } from '../../server/live/plan'
import { BadTrace, inspectTrace, openTrace } from '../../server/live/trace-file'
import type { TraceBatch } from '../../simulation/index'

const header = 'TIMESTAMP,ContextTokens,GeneratedTokens'
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'traces-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('inspecting a trace file', () => {
  test.each([
    ['LF', '\n', ''],
    ['CRLF', '\r\n', ''],
    ['a final end of line', '\n', '\n'],
    ['empty lines at the end', '\r\n', '\r\n\r\n\r\n'],
  ])('takes %s', async (_, end, last) => {
    const path = await file([header, azure(3, 100, 5), azure(4, 300, 7), azure(7, 200, 6)].join(end) + last)
    expect(await inspectTrace(path)).toMatchObject({
      format: 'azure',
      requests: 3,
      meanPrompt: 200,
      meanOutput: 6,
      tick: 0,
      period: 6,
    })
  })

  test('takes a Mooncake file, and names both its ticks and its rate', async () => {
    const lines = Array.from({ length: 500 }, (_, i) => mooncake(Math.floor(i / 10) * 3, 900, 30))
    const inspection = await inspectTrace(await file(lines.join('\n')))
    expect(inspection).toMatchObject({ format: 'mooncake', requests: 500, period: 150 })
    expect(inspection.tick).toBeCloseTo(3, 9)
    expect(inspection.meanRate).toBeCloseTo(500 / 150, 9)
  })

  test('refuses a bad line with its number, also deep in a file of many pieces', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => azure(i, 1, 1))
    lines[16_543] = azure(16_543, 'many', 1)
    await refused(await file([header, ...lines].join('\n')), 'line 16545: ContextTokens', '"many"')
  })

  test.each([
    ['nothing in it', '', 'file'],
    ['only ends of lines in it', '\n\n', 'file'],
    ['the header alone', `${header}\n`, 'trace'],
    ['a single request', `${header}\n${azure(1, 1, 1)}`, 'trace'],
    ['another header', `time,prompt\n1,2`, 'line 1: header'],
    ['no header', `${azure(1, 1, 1)}\n`, 'line 1: header'],
    ['an empty line inside', `${header}\n${azure(1, 1, 1)}\n\n${azure(2, 1, 1)}`, 'line 3'],
    ['time going back', `${header}\n${azure(2, 1, 1)}\n${azure(1, 1, 1)}`, 'line 3: TIMESTAMP'],
    ['a line of 70,000 characters', `${header}\n${azure(1, 1, 1)}\n${'9'.repeat(70_000)}`, 'line 3'],
    ['a line of a million characters', `${header}\n${'9'.repeat(1_000_000)}\n${azure(1, 1, 1)}`, 'line 2'],
    ['a single line without end', 'x'.repeat(500_000), 'line 1'],
    ['the two formats mixed', `${header}\n${azure(1, 1, 1)}\n${mooncake(2, 1, 1)}`, 'line 3'],
  ])('refuses a file with %s', async (_, text, field) => {
    await refused(await file(text), field)
  })

  test('refuses a binary file', async () => {
    await refused(await file(Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)), 'line 1')
    await refused(await file(`${header}\n${azure(1, 1, 1)}\n\0\0\0`), 'line 3', '"binary"')
  })

  test('refuses a file that is not there, a directory and a device', async () => {
    await refused(join(folder, 'nowhere.csv'), 'file', 'no such file')
    await mkdir(join(folder, 'directory'))
    await refused(join(folder, 'directory'), 'file')
    await refused('/dev/zero', 'file')
  })
})

test.each([
  [
    'a tenth of a millisecond',
    '{"timestamp":0,"input_length":1,"output_length":1}\n{"timestamp":0.05,"input_length":1,"output_length":1}',
    '1',
  ],
  ['a minute, a thousand times as fast', steady(60), '1000'],
  [
    'more requests a second than can be simulated',
    `${steady(200)}\n${Array(30_000)
      .fill(azure(200, 1, 1))
      .join('\n')}`,
    '1000',
  ],
])('a trace of %s is refused', async (_, text, scale) => {
  const config = readConfig(['--trace', await file(text), '--scale', scale], {})
  await expect(planRun(config)).rejects.toThrow(
    /density: got "\d+ requests in .* s at 1\d* × their rate", expected 0.1 s or more/,
  )
})

describe('reading a trace file', () => {
  test('brings its requests from time 0, and again after its end', async () => {
    const path = await file([header, azure(10, 1, 4), azure(11, 2, 5), azure(14, 3, 6)].join('\n'))
    const reader = openTrace(path, await inspectTrace(path), { scale: 1, seed: 1 })
    const batch = await reader.read(19)
    await reader.close()
    expect(batch.horizon).toBeGreaterThanOrEqual(19)
    const seen = requests(batch).slice(0, 8)
    expect(seen.map(([time]) => time)).toEqual([0, 1, 4, 6, 7, 10, 12, 13].map(time => expect.closeTo(time, 6)))
    expect(seen.map(([, prompt, output]) => [prompt, output])).toEqual(
      [0, 1, 2, 0, 1, 2, 0, 1].map(i => [i + 1, i + 4]),
    )
  })

  test('at scale 3 brings three times as many', async () => {
    const path = await file(steady(5000))
    const trace = await inspectTrace(path)
    const count = async (scale: number) => {
      const reader = openTrace(path, trace, { scale, seed: 1 })
      const times = requests(await reader.read(12_000)).map(([time = NaN]) => time)
      await reader.close()
      return times.filter(time => time < 12_000).length
    }
    expect(await count(1)).toBe(12_000)
    expect(await count(3)).toBe(36_000)
  })

  test('brings the same requests however often it is asked, each below the horizon promised', async () => {
    const lines = Array.from({ length: 4000 }, (_, i) => mooncake(Math.floor(i / 8) * 2, 1 + (i % 50), 1 + (i % 20)))
    const path = await file(lines.join('\n'))
    const trace = await inspectTrace(path)
    const whole = openTrace(path, trace, { scale: 2, seed: 9 })
    const sliced = openTrace(path, trace, { scale: 2, seed: 9 })
    const expected = requests(await whole.read(1500))
    const seen: number[][] = []
    let horizon = 0
    for (let time = 0; time <= 1500; time += 7.5) {
      const batch = await sliced.read(time)
      for (const [at = 0] of requests(batch)) expect(at >= horizon && at < batch.horizon).toBe(true)
      expect(batch.horizon).toBeGreaterThanOrEqual(time)
      horizon = batch.horizon
      seen.push(...requests(batch))
    }
    await whole.close()
    await sliced.close()
    expect(seen).toEqual(expected)
  })

  test('says so when the file has changed since it was inspected', async () => {
    const path = await file(steady(20))
    const trace = await inspectTrace(path)
    const reader = openTrace(path, trace, { scale: 1, seed: 1 })
    await reader.read(5)
    await appendFile(path, `\n${azure(30, 1, 1)}`)
    await expect(reader.read(500)).rejects.toThrow('it changed')

    await utimes(path, 1, 1)
    const { size } = await inspectTrace(path)
    const touched = openTrace(path, { ...trace, size }, { scale: 1, seed: 1 })
    await expect(touched.read(5)).rejects.toThrow('it changed')
    await rm(path)
    await expect(openTrace(path, trace, { scale: 1, seed: 1 }).read(5)).rejects.toThrow('no such file')
  })
})

let files = 0
async function file(content: string | Uint8Array): Promise<string> {
  const path = join(folder, `${++files}.trace`)
  await writeFile(path, content)
  return path
}

function azure(second: number, prompt: number | string, output: number): string {
  const pad = (value: number) => String(value).padStart(2, '0')
  const clock = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60].map(pad).join(':')
  return `2023-11-16 ${clock}.0000000,${prompt},${output}`
}

function mooncake(second: number, prompt: number, output: number): string {
  return JSON.stringify({ timestamp: second * 1000, input_length: prompt, output_length: output, hash_ids: [1, 2] })
}

/** One request a second. */
function steady(count: number): string {
  return [header, ...Array.from({ length: count }, (_, i) => azure(i, 1, 1))].join('\n')
}

function requests({ times, prompts, outputs, count }: TraceBatch): number[][] {
  return Array.from({ length: count }, (_, i) => [times[i] ?? NaN, prompts[i] ?? NaN, outputs[i] ?? NaN])
}

async function refused(path: string, field: string, message = ''): Promise<void> {
  const error: unknown = await inspectTrace(path).catch((reason: unknown) => reason)
  if (!(error instanceof BadTrace)) throw new Error(`expected a refusal, got ${String(error)}`)
  expect(error.refusal.field).toBe(field)
  expect(error.message).toContain(message)
  expect(error.message.length).toBeLessThan(400)
}
