import { beforeAll, describe, expect, test } from 'vitest'
import { parseExperiment } from '../../server/experiments/experiment'
import { runExperiment } from '../../server/experiments/run-experiment'
import { chips } from '../../simulation/catalog/chips'
import { measuredModel } from '../../simulation/catalog/measurements/models'
import { closedLoopMeasurements, type ClosedLoopMeasurement } from '../../simulation/catalog/measurements/silicon'
import { models } from '../../simulation/catalog/models'

/**
 * Highest errors that are let pass, per chip family and kind of model: medians of |simulated ÷ measured − 1| on the table,
 * a little above what they were when the coefficients were fitted.
 */
const highest = {
  'hopper dense': { tpot: 0.03, ttft: 0.065 },
  'blackwell dense': { tpot: 0.04, ttft: 0.1 },
  'hopper mixture': { tpot: 0.033, ttft: 0.14 },
  'blackwell mixture': { tpot: 0.07, ttft: 0.2 },
}

interface Errors {
  tpot: number[]
  ttft: number[]
}

describe('closed loops of the silicon sample, run as experiments', () => {
  const errors = new Map<string, Errors>()

  beforeAll(() => {
    for (const measured of closedLoopMeasurements) {
      const kind = `${chips[measured.chip]?.family} ${measuredModel(measured.model).experts ? 'mixture' : 'dense'}`
      const own = errors.get(kind) ?? { tpot: [], ttft: [] }
      errors.set(kind, own)
      for (const row of measured.rows) {
        const { tpot, ttft } = simulate(measured, row)
        own.tpot.push(Math.abs(tpot / (row[4] / 1000) - 1))
        own.ttft.push(Math.abs(ttft / (row[3] / 1000) - 1))
      }
    }
  }, 600_000)

  test.each(Object.entries(highest))('%s: time per output token and to the first token', (kind, limit) => {
    const own = errors.get(kind)
    if (!own) throw new Error(`no measurement of ${kind}`)
    const [tpot, ttft] = [median(own.tpot), median(own.ttft)]
    console.log(`${kind}: ${own.tpot.length} rows, TPOT ${percent(tpot)}, TTFT ${percent(ttft)}`)
    expect(tpot).toBeLessThan(limit.tpot)
    expect(ttft).toBeLessThan(limit.ttft)
  })
})

/** Mean times [s] of one row, through the door that planners use. */
function simulate(
  measured: ClosedLoopMeasurement,
  [prompt, output, concurrency]: ClosedLoopMeasurement['rows'][number],
): { tpot: number; ttft: number } {
  const { chip, engine, model, precision, tensorParallel, dataParallel, expertParallel } = measured
  const experiment = parseExperiment({
    id: `${model} on ${chip} with ${engine}, ${concurrency}`,
    seed: 1,
    ...(models[model] ? {} : { models: { [model]: measuredModel(model) } }),
    pools: [
      {
        id: 'p',
        chip,
        model,
        precision,
        replicas: 1,
        tensorParallel,
        pipelineParallel: 1,
        expertParallel,
        dataParallel,
        engine,
        maxSequences: concurrency,
        stepTokenBudget: 8192,
        memoryFraction: 0.9,
        picker: 'round-robin',
      },
    ],
    workloads: [
      {
        id: 'w',
        model,
        arrivals: { kind: 'closed', concurrency, requests: 10 * concurrency },
        promptTokens: { kind: 'uniform', from: Math.round(0.8 * prompt), to: prompt },
        outputTokens: { kind: 'uniform', from: Math.round(0.8 * output), to: output },
      },
    ],
  })
  if (!('scenario' in experiment)) throw new Error(JSON.stringify(experiment))
  const { w: result } = runExperiment(experiment).workloads
  const [tpot, ttft] = [result?.tpot.mean, result?.ttft.mean]
  if (typeof tpot !== 'number' || typeof ttft !== 'number') throw new Error(`${experiment.id}: nothing measured`)
  return { tpot, ttft }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
