import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createStream, integer } from '../../simulation/random'
import { addRecord, createSums, inspect, type TraceInspection } from '../../simulation/traffic/inspection'
import { beginLap, createReplay, replayRecord } from '../../simulation/traffic/replay'
import { parseTimestamp } from '../../simulation/traffic/timestamp'
import { detectTraceFormat, isRefusal, parseTraceLine, type TraceRecord } from '../../simulation/traffic/trace'
import { createBatch, push } from '../../simulation/traffic/trace-batch'
import {
  createFeed,
  feed,
  feedHorizon,
  nextOutput,
  nextPrompt,
  nextRequestTime,
  passFed,
} from '../../simulation/traffic/trace-feed'

describe('a line', () => {
  test('of the Azure trace gives time, prompt and output, with LF or CRLF', () => {
    const record = { time: 1700158623.97996, prompt: 4808, output: 10 }
    expect(parseTraceLine('azure', '2023-11-16 18:17:03.9799600,4808,10', 2)).toEqual(record)
    expect(parseTraceLine('azure', '2023-11-16 18:17:03.9799600,4808,10\r', 2)).toEqual(record)
  })

  test('of the Mooncake trace gives time, prompt and output, with or without block hashes', () => {
    const line = '{"timestamp": 27482, "input_length": 6955, "output_length": 52, "hash_ids": [46, 47]}'
    expect(parseTraceLine('mooncake', line, 1)).toEqual({ time: 27.482, prompt: 6955, output: 52 })
    const bare = '{"output_length": 52, "timestamp": 0, "input_length": 1}\r'
    expect(parseTraceLine('mooncake', bare, 1)).toEqual({ time: 0, prompt: 1, output: 52 })
  })

  test('shows the format of a file when it is the first', () => {
    expect(detectTraceFormat('TIMESTAMP,ContextTokens,GeneratedTokens\r')).toBe('azure')
    expect(detectTraceFormat('\uFEFFTIMESTAMP,ContextTokens,GeneratedTokens')).toBe('azure')
    expect(detectTraceFormat('{"timestamp": 0, "input_length": 1, "output_length": 1}')).toBe('mooncake')
    expect(detectTraceFormat('TIMESTAMP,ContextTokens')).toMatchObject({ field: 'line 1: header' })
    expect(detectTraceFormat('\u001f\u008b')).toMatchObject({ field: 'line 1: header' })
  })

  test.each([
    ['2023-11-16 18:17:03.97,4808', 'line 17'],
    ['2023-11-16 18:17:03.97,4808,10,3', 'line 17'],
    ['2023-11-16 18:17:03.97,4808.5,10', 'line 17: ContextTokens'],
    ['2023-11-16 18:17:03.97,-3,10', 'line 17: ContextTokens'],
    ['2023-11-16 18:17:03.97,0,10', 'line 17: ContextTokens'],
    ['2023-11-16 18:17:03.97,,10', 'line 17: ContextTokens'],
    ['2023-11-16 18:17:03.97,1e3,10', 'line 17: ContextTokens'],
    ['2023-11-16 18:17:03.97,9999999999,10', 'line 17: ContextTokens'],
    ['2023-11-16 18:17:03.97,4808,NaN', 'line 17: GeneratedTokens'],
    ['2023-13-16 18:17:03.97,4808,10', 'line 17: TIMESTAMP'],
    ['yesterday,4808,10', 'line 17: TIMESTAMP'],
    ['2023-11-16 18:17:02,4808,10', 'line 17: TIMESTAMP'],
    ['x'.repeat(65537), 'line 17'],
  ])('%j of an Azure trace is refused at %s', (line, field) => {
    const refusal = parseTraceLine('azure', line, 17, 1700158623)
    expect(refusal).toMatchObject({ field })
    expect(JSON.stringify(refusal).length).toBeLessThan(300)
  })

  test.each([
    ['{"timestamp": 1', 'line 4'],
    ['[1, 2]', 'line 4'],
    ['null', 'line 4'],
    ['{"input_length": 1, "output_length": 1}', 'line 4: timestamp'],
    ['{"timestamp": "5000", "input_length": 1, "output_length": 1}', 'line 4: timestamp'],
    ['{"timestamp": -1, "input_length": 1, "output_length": 1}', 'line 4: timestamp'],
    ['{"timestamp": 1e999, "input_length": 1, "output_length": 1}', 'line 4: timestamp'],
    ['{"timestamp": 3999, "input_length": 1, "output_length": 1}', 'line 4: timestamp'],
    ['{"timestamp": 5000, "output_length": 1}', 'line 4: input_length'],
    ['{"timestamp": 5000, "input_length": 1.5, "output_length": 1}', 'line 4: input_length'],
    ['{"timestamp": 5000, "input_length": 1, "output_length": -1}', 'line 4: output_length'],
  ])('%j of a Mooncake trace is refused at %s', (line, field) => {
    expect(parseTraceLine('mooncake', line, 4, 4)).toMatchObject({ field })
  })

  test('of an answer without tokens is taken, and replayed as one token', () => {
    const record = parseTraceLine('azure', '2024-05-10 00:00:00.009930+00:00,2162,0', 2)
    expect(record).toMatchObject({ prompt: 2162, output: 0 })
    const inspection = inspected([record as TraceRecord, { time: 1.8e9, prompt: 1, output: 3 }])
    expect(inspection).toMatchObject({ withoutOutput: 1, meanOutput: 2 })
    expect(replayed(inspection, [record as TraceRecord], { scale: 1, laps: 2 })).toMatchObject([{ output: 1 }])
  })
})

describe('a timestamp', () => {
  test('is the same moment as the calendar says, in any year', () => {
    const years = { min: new Date('1600-01-01'), max: new Date('2999-12-31'), noInvalidDate: true }
    fc.assert(
      fc.property(fc.date(years), date => {
        expect(parseTimestamp(date.toISOString())).toBeCloseTo(date.getTime() / 1000, 3)
      }),
    )
  })

  test.each([
    ['2024-05-10T00:00:00+02:00', '2024-05-09T22:00:00Z'],
    ['2024-05-10 00:00:00-0530', '2024-05-10T05:30:00Z'],
    ['2024-02-29 12:00:00', '2024-02-29T12:00:00Z'],
  ])('%s is %s', (text, utc) => {
    expect(parseTimestamp(text)).toBe(Date.parse(utc) / 1000)
  })

  test.each(['2023-02-29 00:00:00', '2023-04-31 00:00:00', '2023-11-16 24:00:00', '2023-11-16', '2023-00-10 00:00:00'])(
    '%s is none',
    text => {
      expect(parseTimestamp(text)).toBeNull()
    },
  )
})

describe('an inspection', () => {
  test('counts and averages, and finds no ticks in times that have none', () => {
    const records = [0, 1, 3, 6].map(time => ({ time: 100 + time, prompt: 10 * (time + 1), output: time + 1 }))
    expect(inspected(records)).toMatchObject({
      requests: 4,
      first: 100,
      last: 106,
      tick: 0,
      period: 8,
      meanRate: 0.5,
      meanPrompt: 35,
      meanOutput: 3.5,
      longestPrompt: 70,
      longestOutput: 7,
    })
  })

  test.each([3, 1, 0.25])('finds ticks of %d s, though some stand a little off them', tick => {
    const times = Array.from({ length: 4000 }, (_, i) => Math.floor(i / 7) * tick + ((i % 70) - 34 < 7 ? 0.0005 : 0))
    expect(inspected(at(times.sort((a, b) => a - b))).tick).toBeCloseTo(tick, 3)
  })

  test('finds ticks where most of them bring nothing', () => {
    const stream = createStream(3, 'ticks')
    const times = Array.from({ length: 4000 }, () => integer(stream, 9000))
    expect(inspected(at(times.sort((a, b) => a - b))).tick).toBe(1)
  })

  test('finds no ticks in batches sent at any time', () => {
    const times = Array.from({ length: 4000 }, (_, i) => Math.sqrt(Math.floor(i / 4)) * 5)
    expect(inspected(at(times)).tick).toBe(0)
  })

  test('refuses a trace without requests, or all at one time', () => {
    expect(inspect('azure', createSums())).toMatchObject({ value: 'no request' })
    const sums = createSums()
    for (const record of at([5, 5, 5])) addRecord(sums, record)
    expect(inspect('azure', sums)).toMatchObject({ value: '3 at one time' })
  })
})

describe('a replay', () => {
  test('starts at 0 and goes round with one mean gap between the rounds', () => {
    const records = at([50, 51, 54])
    const times = replayed(inspected(records), records, { scale: 1, laps: 3 }).map(({ time }) => time)
    expect(times).toEqual([0, 1, 4, 6, 7, 10, 12, 13])
  })

  test('at scale 3 brings the same requests three times as fast', () => {
    const records = at([50, 51, 54])
    const times = replayed(inspected(records), records, { scale: 3, laps: 2 }).map(({ time }) => time)
    expect(times).toEqual([0, 1 / 3, 4 / 3, 2, 7 / 3])
  })

  test('spreads a tick evenly, in order, and leaves none out', () => {
    const records = at(Array.from({ length: 6000 }, (_, i) => Math.floor(i / 20) * 3))
    const inspection = inspected(records)
    expect(inspection).toMatchObject({ tick: 3, period: 900 })
    const requests = replayed(inspection, records, { scale: 1, laps: 2 })
    const times = requests.map(({ time }) => time)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(times.filter(time => time < 900).length).toBe(6000)
    const byThird = [0, 1, 2].map(third => times.filter(time => Math.floor(time % 3) === third).length / times.length)
    for (const share of byThird) expect(share).toBeCloseTo(1 / 3, 1)
  })

  test('holds no more than a tick of requests', () => {
    const records = at(Array.from({ length: 6000 }, (_, i) => Math.floor(i / 20) * 3))
    const replay = createReplay(inspected(records), { scale: 1, seed: 1 })
    for (const record of records) {
      replayRecord(replay, record, createBatch())
      expect(replay.waiting.count).toBeLessThanOrEqual(20)
    }
  })

  test('promises no request before the horizon and keeps it, also as a clone', () => {
    const records = at(Array.from({ length: 300 }, (_, i) => Math.floor(i / 5)))
    const replay = createReplay(inspected(records), { scale: 2, seed: 5 })
    let horizon = 0
    for (const record of records) {
      const batch = createBatch()
      const fork = structuredClone(replay)
      const forked = createBatch()
      replayRecord(replay, record, batch)
      replayRecord(fork, record, forked)
      expect(forked).toEqual(batch)
      for (const time of batch.times.subarray(0, batch.count)) {
        expect(time).toBeGreaterThanOrEqual(horizon)
        expect(time).toBeLessThan(batch.horizon)
      }
      horizon = batch.horizon
    }
  })

  test.each([0, -1, NaN, Infinity])('at scale %d is refused', scale => {
    expect(() => createReplay(inspected(at([0, 1])), { scale, seed: 1 })).toThrow('scale')
  })
})

describe('a feed', () => {
  test('gives back in order what it was fed, however it was cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 40 }), fc.nat({ max: 50 }), (sizes, takes) => {
        const queue = createFeed()
        const fed: number[] = []
        const taken: number[] = []
        let time = 0
        for (const size of sizes) {
          const batch = createBatch()
          for (let i = 0; i < size; i++) push(batch, ++time, time * 2, time * 3)
          fed.push(...batch.times.subarray(0, batch.count))
          batch.horizon = time + 0.5
          feed(queue, batch)
          expect(feedHorizon(queue)).toBe(time + 0.5)
          for (let i = 0; i < takes && nextRequestTime(queue) < Infinity; i++) {
            const next = nextRequestTime(queue)
            expect(nextPrompt(queue)).toBe(next * 2)
            expect(nextOutput(queue)).toBe(next * 3)
            passFed(queue)
            taken.push(next)
          }
        }
        for (; nextRequestTime(queue) < Infinity; passFed(queue)) taken.push(nextRequestTime(queue))
        expect(taken).toEqual(fed)
      }),
    )
  })

  test('refuses a request from before its horizon, and has none to take when empty', () => {
    const queue = createFeed()
    feed(queue, { ...createBatch(), horizon: 10 })
    const late = createBatch()
    push(late, 9, 1, 1)
    expect(() => feed(queue, { ...late, horizon: 20 })).toThrow('out of order')
    expect(() => nextPrompt(createFeed())).toThrow('no request')
  })
})

function at(times: number[]): TraceRecord[] {
  return times.map(time => ({ time, prompt: 100, output: 10 }))
}

function inspected(records: TraceRecord[]): TraceInspection {
  const sums = createSums()
  for (const record of records) addRecord(sums, record)
  const inspection = inspect('azure', sums)
  if (isRefusal(inspection)) throw new Error(inspection.expected)
  return inspection
}

/** The requests that are certain after so many rounds. */
function replayed(inspection: TraceInspection, records: TraceRecord[], plan: { scale: number; laps: number }) {
  const replay = createReplay(inspection, { scale: plan.scale, seed: 1 })
  const batch = createBatch()
  for (let lap = 0; lap < plan.laps; lap++) {
    for (const record of records) replayRecord(replay, record, batch)
    beginLap(replay)
  }
  return Array.from({ length: batch.count }, (_, i) => ({
    time: batch.times[i] as number,
    prompt: batch.prompts[i] as number,
    output: batch.outputs[i] as number,
  }))
}
