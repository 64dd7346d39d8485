import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { chipsToHold, fitLpu } from '../../server/calibrate/lpu'
import { fitNeuronRows, neuronRows, readNeuron } from '../../server/calibrate/neuron'
import { fitTrainium2, readTrainium2 } from '../../server/calibrate/trainium2'
import { fitPower } from '../../server/calibrate/power'
import { neuronMeasurements } from '../../simulation/catalog/measurements/neuron'

const rows = neuronRows(neuronMeasurements)
const fits = fitNeuronRows(rows)
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

test.each(fits)('step times of $chip are near what was measured, also for shapes that the fit did not see', fit => {
  const { chip, error, heldOut } = fit
  console.log(
    `neuron, ${chip}: ${fit.rows} rows, TPOT ${percent(error.tpot)}, TTFT ${percent(error.ttft)}, shape left out: ` +
      `TPOT ${percent(heldOut.tpot)}, TTFT ${percent(heldOut.ttft)}`,
  )
  expect(error.tpot).toBeLessThanOrEqual(0.06)
  expect(error.ttft).toBeLessThanOrEqual(0.13)
  expect(heldOut.tpot).toBeLessThanOrEqual(0.15)
  expect(heldOut.ttft).toBeLessThanOrEqual(0.15)
})

test('no coefficient beats the hardware', () => {
  for (const { mfu, mbu, kvEfficiency, attentionEfficiency } of fits) {
    for (const share of [mfu, mbu, kvEfficiency, attentionEfficiency]) {
      expect(share).toBeGreaterThan(0)
      expect(share).toBeLessThanOrEqual(0.92)
    }
  }
})

test('some hundreds of LPUs hold Llama 2 70B, and 576 also the KV cache of a few dozen long requests', () => {
  expect(chipsToHold('llama-2-70b')).toBeGreaterThan(300)
  expect(chipsToHold('llama-2-70b', { requests: 36, tokens: 4096 })).toBeLessThanOrEqual(576)
  expect(chipsToHold('llama-2-70b', { requests: 64, tokens: 4096 })).toBeGreaterThan(576)
})

describe('files of measurements', () => {
  const folders: string[] = []
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })

  function folderOf(files: Record<string, string>): string {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-'))
    folders.push(folder)
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    return folder
  }

  const header =
    'Model,TTFT Latency P50 (ms),TPOT Latency P50 (ms),TP Degree,Batch Size,Input Length,Output Length,Weight Storage Data Type'
  const tables = (line: string) =>
    Object.fromEntries(
      ['trn1_latency', 'trn1_throughput', 'inf2_latency', 'inf2_throughput'].map(name => [
        `neuron_${name}_decoder.csv`,
        `${header}\nLlama-2-7b,13,6.7,32,1,128,8064,bf16\n${line}\n`,
      ]),
    )

  test('are read once where they repeat', () => {
    expect(readNeuron(folderOf(tables('Llama-2-7b,13,6.7,32,1,128,8064,bf16')))).toHaveLength(2)
  })

  test.each([
    ['Llama-2-7b,fast,6.7,32,1,128,8064,bf16', ':3: ["TTFT Latency P50 (ms)"]: "fast", expected a number'],
    ['Llama-2-7b,13,6.7,32,0,128,8064,bf16', ':3: ["Batch Size"]: "0", expected more than 0'],
    ['Llama-9,13,6.7,32,1,128,8064,bf16', ':3: Model: "Llama-9", expected one of'],
    ['Llama-2-7b,13,6.7', ':3: columns: 3, expected 8'],
  ])('%s is refused with its place', (line, message) => {
    const refusal = refusalOf(() => readNeuron(folderOf(tables(line))))
    expect(refusal).toMatch(/^neuron_trn1_latency_decoder\.csv/)
    expect(refusal.replaceAll(/[[\]"]/g, '')).toContain(message.replaceAll(/[[\]"]/g, ''))
  })

  test('of power are refused with the field, and a missing one by its name', () => {
    const bad = { configurations: [{ gpu_model: 'H100', model_id: 'Qwen/Qwen3-8B', weight_precision: 'bfloat16' }] }
    const name = 'mlenergy_v3_lm-arena-chat.json'
    expect(refusalOf(() => fitPower(folderOf({ [name]: JSON.stringify(bad) })))).toBe(
      `${name}: configurations[0].num_gpus: null, expected a number`,
    )
    expect(refusalOf(() => fitPower(folderOf({ [name]: '{' })))).toContain('expected JSON')
    expect(refusalOf(() => fitPower(folderOf({})))).toContain('expected a file of measurements')
  })

  test('with few rows are fitted too: Trainium2 near Trainium1, the LPU by its layers', () => {
    const [trainium1] = fits
    if (!trainium1) throw new Error('trainium1')
    const run = { chip_key: 'trn2', tp: 64, isl: 10_000, osl: 1500, concurrency_or_batch: 1 }
    const speed = { chip_key: 'groq-lpu-v1', tp: null, isl: null, osl: null, concurrency_or_batch: 'per user' }
    const folder = folderOf({
      'published.json': JSON.stringify([
        { ...run, id: 'a', model: 'Llama-3.3-70B', metric: 'ttft_p50', value: 814.2 },
        { ...run, id: 'b', model: 'Llama-3.3-70B', metric: 'tpot_p50', value: 19.6 },
        { ...run, id: 'c-spec-d', model: 'Llama-3.3-70B', metric: 'tpot_p50', value: 5.3 },
        { ...speed, id: 'e', model: 'Llama-2-7B', metric: 'output_speed_per_user', value: 750 },
        { ...speed, id: 'f', model: 'Mixtral-8x7B', metric: 'output_speed_per_user', value: 480 },
      ]),
      'llmperf_groq_llama2_70b_summary.json': JSON.stringify({
        mean_output_tokens: 150,
        results_ttft_s_quantiles_p50: 0.2219,
        results_end_to_end_latency_s_quantiles_p50: 0.8052,
      }),
    })
    const runs = readTrainium2(folder)
    expect(runs).toHaveLength(1)
    expect(fitTrainium2(runs, trainium1).error.tpot).toBeLessThan(0.1)
    const lpu = fitLpu(folder)
    expect(lpu.layerOverhead.dense * 80).toBeCloseTo(1 / 300, 4)
    expect(lpu.ingest).toBeLessThan(0.2219)
  })
})

function refusalOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  throw new Error('nothing was refused')
}
