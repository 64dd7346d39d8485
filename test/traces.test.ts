import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspectTrace, openTrace } from '../server/live/trace-file'

/** Real traces that may lie beside the checkout; the project ships none. */
const folder = join(import.meta.dirname, '../../shared/traces')

interface Statistics {
  arrivals: { requests: number; mean_rate_rps: number; iat_cv: number }
  arrivals_jittered_uniform_3s?: Statistics['arrivals']
  isl: { mean: number; p99: number }
  osl: { mean: number; p99: number }
}

describe.runIf(existsSync(folder))('a real trace, replayed whole', () => {
  test.each([
    ['azure2023/AzureLLMInferenceTrace_conv.csv', 'azure2023_conv'],
    ['azure2023/AzureLLMInferenceTrace_code.csv', 'azure2023_code'],
    ['mooncake/conversation_trace.jsonl', 'mooncake_conversation'],
  ])('%s has the counts, lengths and arrivals of its statistics', async (name, key) => {
    const all: unknown = JSON.parse(readFileSync(join(folder, 'trace_stats.json'), 'utf8'))
    const statistics = (all as Record<string, Statistics>)[key]
    if (!statistics) throw new Error(`no statistics of ${key}`)
    const arrivals = statistics.arrivals_jittered_uniform_3s ?? statistics.arrivals

    const path = join(folder, name)
    const trace = await inspectTrace(path)
    expect(trace.requests).toBe(arrivals.requests)
    expect(trace.tick).toBeCloseTo(statistics.arrivals_jittered_uniform_3s ? 3 : 0, 3)

    const reader = openTrace(path, trace, { scale: 1, seed: 1 })
    const { times, prompts, outputs, count } = await reader.read(trace.period)
    await reader.close()
    const inRound = times.subarray(0, count).filter(time => time < trace.period)
    expect(inRound.length).toBe(arrivals.requests)
    near(inRound.length / trace.period, arrivals.mean_rate_rps, 0.02)
    near(variation(inRound.subarray(1).map((time, i) => time - (inRound[i] ?? NaN))), arrivals.iat_cv, 0.05)

    for (const [lengths, expected] of [
      [prompts, statistics.isl],
      [outputs, statistics.osl],
    ] as const) {
      const round = lengths.slice(0, inRound.length).sort()
      near(mean(round), expected.mean, 0.01)
      near(round[Math.floor(0.99 * round.length)] ?? NaN, expected.p99, 0.01)
    }
  })
})

function near(value: number, expected: number, share: number): void {
  expect(value).toBeGreaterThan(expected * (1 - share))
  expect(value).toBeLessThan(expected * (1 + share))
}

function mean(values: Int32Array | Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

function variation(values: Float64Array): number {
  const average = mean(values)
  return Math.sqrt(mean(values.map(value => (value - average) * (value - average)))) / average
}
