/**
 * Fits the step time of Trainium1 and Inferentia2 to the latency and throughput tables of the AWS Neuron documentation.
 * Both chips have two NeuronCores of the same version and the same memory, so they share one set of coefficients.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { chips, kvBytesPerToken, measuredModel, type NeuronMeasurement } from '../../simulation'
import { heldOutErrors, medianError, round } from './held-out'
import { fitRelative, predict } from './least-squares'
import { readCsv } from './measured-file'

/** One batch of equal requests. */
export interface NeuronRow extends Pick<NeuronMeasurement, 'chip' | 'model' | 'weights' | 'cores'> {
  batch: number
  prompt: number
  output: number
  /** Median times [s]; `null` where the source has none. */
  ttft: number | null
  tpot: number | null
}

/** Coefficients of a step: decode = overheads + weights / mbu + KV / kvEfficiency; prefill adds arithmetic and ingest. */
export interface NeuronCoefficients {
  /** Per step, per layer and step, and per request and step [s]. */
  stepOverhead: number
  layerOverhead: number
  sequenceOverhead: number
  /** Share of the bandwidth that reading weights, and reading KV cache, reaches. */
  mbu: number
  kvEfficiency: number
  /** Share of the peak that matrix work, and attention, of a prompt reaches. */
  mfu: number
  attentionEfficiency: number
  /** From arrival until the first step [s]. */
  ingest: number
}

export interface NeuronErrors {
  tpot: number
  /** Of requests alone in their batch: larger batches are prefilled whole before any of them has a token. */
  ttft: number
}

export interface NeuronFit extends NeuronCoefficients {
  chip: string
  rows: number
  /** Median relative errors: on these rows, and on those of a model by a fit to models of other shapes. */
  error: NeuronErrors
  heldOut: NeuronErrors
  /** Date of the measurements. */
  date: string
}

/** Cores of a chip that tensor parallelism counts: those of a Trainium2 work in pairs. */
const coresPerChip: Record<string, number> = { trainium1: 2, inferentia2: 2, trainium2: 4 }
const date = '2024'

const files = { trainium1: 'trn1', inferentia2: 'inf2' }
const modelKeys: Record<string, string> = {
  'Llama-2-7b': 'llama-2-7b',
  'Llama-2-13b': 'llama-2-13b',
  'Llama-2-70b': 'llama-2-70b',
  'Llama-3-8B': 'llama-3.1-8b',
  'Llama-3-70B': 'llama-3.1-70b',
  'CodeLlama-13b-hf': 'codellama-13b',
  'Mistral-7B-Instruct-v0.2': 'mistral-7b',
}

const count = z.coerce.number().int().positive()
const milliseconds = z.coerce.number().positive()
const line = z.object({
  Model: z.enum(Object.keys(modelKeys)),
  'TTFT Latency P50 (ms)': milliseconds,
  'TPOT Latency P50 (ms)': milliseconds,
  'TP Degree': count,
  'Batch Size': count,
  'Input Length': count,
  'Output Length': count,
  'Weight Storage Data Type': z.enum(['bf16', 'int8']),
})

/** Coefficients of both chips from the four decoder tables of the folder. */
export function fitNeuron(folder: string): NeuronFit[] {
  return fitNeuronRows(readNeuron(folder))
}

/** All different rows. Throws with file, line, field, value and what was expected. */
export function readNeuron(folder: string): NeuronRow[] {
  const rows = new Map<string, NeuronRow>()
  for (const [chip, file] of Object.entries(files)) {
    for (const kind of ['latency', 'throughput']) {
      for (const read of readCsv(join(folder, `neuron_${file}_${kind}_decoder.csv`), line)) {
        const row = {
          chip,
          model: modelKeys[read.Model] ?? '',
          weights: read['Weight Storage Data Type'],
          cores: read['TP Degree'],
          batch: read['Batch Size'],
          prompt: read['Input Length'],
          output: read['Output Length'],
          ttft: read['TTFT Latency P50 (ms)'] / 1000,
          tpot: read['TPOT Latency P50 (ms)'] / 1000,
        }
        rows.set(JSON.stringify(row), row)
      }
    }
  }
  return [...rows.values()]
}

/** The rows of a table of measurements. */
export function neuronRows(measurements: readonly NeuronMeasurement[]): NeuronRow[] {
  return measurements.flatMap(({ chip, model, weights, cores, rows }) =>
    rows.map(([batch, prompt, output, firstToken, perToken]) => ({
      chip,
      model,
      weights,
      cores,
      batch,
      prompt,
      output,
      ttft: firstToken / 1000,
      tpot: perToken / 1000,
    })),
  )
}

export function fitNeuronRows(rows: readonly NeuronRow[]): NeuronFit[] {
  const coefficients = fitCoefficients(rows)
  const errors = errorsOf(rows, row => stepErrors(row, coefficients))
  const heldOut = heldOutNeuron(rows)
  return Object.keys(files).map(chip => ({
    chip,
    ...coefficients,
    rows: rows.filter(row => row.chip === chip).length,
    error: errors(chip),
    heldOut: heldOut(chip),
    date,
  }))
}

/** Median errors by chip, each model predicted by a fit to models of other shapes. */
export function heldOutNeuron(rows: readonly NeuronRow[]): (chip: string) => NeuronErrors {
  const errors = heldOutErrors(rows, shapeOf, fitCoefficients, stepErrors)
  return errorsOf(rows, row => errors[rows.indexOf(row)] ?? none)
}

/** Median errors by chip. */
export function errorsOf(
  rows: readonly NeuronRow[],
  errorOf: (row: NeuronRow) => NeuronErrors,
): (chip: string) => NeuronErrors {
  return chip => {
    const own = rows.filter(row => row.chip === chip)
    const alone = own.filter(({ batch }) => batch === 1)
    const median = (some: readonly NeuronRow[], of: keyof NeuronErrors): number =>
      round(medianError(some.map(row => errorOf(row)[of]).filter(Number.isFinite)))
    return { tpot: median(own, 'tpot'), ttft: median(alone, 'ttft') }
  }
}

const none: NeuronErrors = { tpot: NaN, ttft: NaN }

/** Relative errors of both times of a row; NaN where it has none. */
export function stepErrors(row: NeuronRow, fit: NeuronCoefficients): NeuronErrors {
  const { decode, prefill } = factorsOf(fit)
  const firstToken = emptyStep(row, decode) + predict(prefillTerms(row), prefill)
  return {
    tpot: predict(decodeTerms(row), decode) / (row.tpot ?? NaN) - 1,
    ttft: firstToken / (row.ttft ?? NaN) - 1,
  }
}

/** Coefficients that fit rows, drawn to others that are given, and to no better than the hardware could. */
export function fitCoefficients(rows: readonly NeuronRow[], near?: NeuronCoefficients): NeuronCoefficients {
  const prior = near && factorsOf(near)
  const decode = fitRelative(
    rows.flatMap(row => (row.tpot === null ? [] : { terms: decodeTerms(row), value: row.tpot })),
    {
      lower: [0, 0, 1 / best.mbu, 0, 1 / best.mbu],
      ...(prior && { prior: { values: prior.decode, strength: drawn } }),
    },
  )
  const prefill = fitRelative(
    rows.flatMap(row =>
      row.ttft === null || row.batch > 1
        ? []
        : { terms: prefillTerms(row), value: row.ttft - emptyStep(row, decode), scale: row.ttft },
    ),
    { lower: [0, 1 / best.mfu, 1 / best.mfu], ...(prior && { prior: { values: prior.prefill, strength: drawn } }) },
  )
  const [stepOverhead = 0, layerOverhead = 0, weights = 0, sequenceOverhead = 0, kv = 0] = decode
  const [ingest = 0, matrices = 0, attention = 0] = prefill
  return {
    stepOverhead: round(stepOverhead),
    layerOverhead: round(layerOverhead),
    sequenceOverhead: round(sequenceOverhead),
    mbu: round(1 / weights),
    kvEfficiency: round(1 / kv),
    mfu: round(1 / matrices),
    attentionEfficiency: round(1 / attention),
    ingest: round(ingest),
  }
}

/** Shares of the peaks that no software has been seen to beat. */
const best = { mfu: 0.7, mbu: 0.92 }
/** How strongly few rows are drawn to the coefficients of a relative. */
const drawn = 0.03

/** What the terms of a step are multiplied with. */
function factorsOf(fit: NeuronCoefficients): { decode: number[]; prefill: number[] } {
  return {
    decode: [fit.stepOverhead, fit.layerOverhead, 1 / fit.mbu, fit.sequenceOverhead, 1 / fit.kvEfficiency],
    prefill: [fit.ingest, 1 / fit.mfu, 1 / fit.attentionEfficiency],
  }
}

/** A step, its layers, its weights and KV cache read at the bandwidth [s], and its requests between the two. */
function decodeTerms(row: NeuronRow): number[] {
  const { layers, kvHeads, parameters } = measuredModel(row.model)
  const { bandwidth } = speedOf(row)
  const weights = parameters * (row.weights === 'int8' ? 1 : 2)
  // cores beyond the KV heads hold copies of them
  const copies = Math.max(1, row.cores / kvHeads)
  const tokens = row.batch * (row.prompt + row.output / 2)
  const kv = tokens * kvBytesPerToken(measuredModel(row.model)) * copies
  return [1, layers, weights / bandwidth, row.batch, kv / bandwidth]
}

/** Ingest, and matrix and attention arithmetic of the prompts at the peak [s]. */
function prefillTerms(row: NeuronRow): number[] {
  const { parameters, layers, heads, headDim } = measuredModel(row.model)
  const { peak } = speedOf(row)
  const attention = 4 * layers * heads * headDim * ((row.batch * row.prompt * row.prompt) / 2)
  return [1, (2 * parameters * row.batch * row.prompt) / peak, attention / peak]
}

/** Overheads and weights of a step [s]: what a prefill takes beside its prompts. */
function emptyStep(row: NeuronRow, decode: readonly number[]): number {
  return predict(decodeTerms(row).slice(0, 3), decode.slice(0, 3))
}

function speedOf({ chip: key, cores }: NeuronRow): { bandwidth: number; peak: number } {
  const chip = chips[key]
  const peak = chip?.peakFlops.bf16
  if (!chip || peak === undefined) throw new Error(`${key}: no such chip with a bf16 peak`)
  const used = cores / (coresPerChip[key] ?? NaN)
  return { bandwidth: used * chip.memoryBandwidth, peak: used * peak }
}

/** Twins in shape are left out together. */
function shapeOf({ model }: NeuronRow): string {
  const { layers, hidden, kvHeads } = measuredModel(model)
  return `${layers} ${hidden} ${kvHeads}`
}
