import {
  type Architecture,
  baseTime,
  type Chip,
  chips,
  type Coefficients,
  f64,
  ingestTime,
  measuredModel,
  type StepPool,
  termsOf,
  type TokenModel,
} from '../../simulation'
import { runClosedLoop, type LoopParts } from './closed-loop'
import {
  coefficientsOf,
  effectsOf,
  groupOf,
  isWithin,
  logOf,
  unknownsOf,
  type Form,
  type RowEffects,
  type Unknowns,
} from './effects'
import { leastSquares } from './marquardt'
import type { ClosedLoopRow } from './silicon-file'

/** A row with what it was measured on, and its loop's schedule. */
export interface FitRow {
  row: ClosedLoopRow
  group: string
  architecture: Architecture
  pool: StepPool
  chip: Chip
  model: TokenModel
  loop: LoopParts
  /**
   * Whether the first token tells anything: the run is what it is labelled as, and the KV cache surely held all requests
   * at once, so that none waited for memory.
   */
  tellsFirst: boolean
}

export interface Prediction {
  perToken: number
  firstToken: number
}

/** The fitted numbers, and what they mean. */
export interface StepFit {
  unknowns: Unknowns
  x: Float64Array
}

export type StepFits = Record<Architecture, StepFit>

/** How much a first token weighs beside a time per token. */
const firstTokenWeight = 0.4
/** Relative error from which a row pulls no harder the further off it is. */
const tolerance = 0.05
const rounds = 25

/** Rows with the schedule that their loops have under a fit, or at first under plausible coefficients. */
export function prepareRows(rows: readonly ClosedLoopRow[], fits?: StepFits): FitRow[] {
  const none: StepFit = { unknowns: { places: new Map(), spreads: [] }, x: new Float64Array(0) }
  return rows.map(row => {
    const architecture = architectureOf(row)
    const { unknowns, x } = fits?.[architecture] ?? none
    const coefficients = coefficientsOf(effectsOf(row, architecture, unknowns), x)
    return prepareRow(row, architecture, coefficients)
  })
}

function prepareRow(row: ClosedLoopRow, architecture: Architecture, coefficients: Coefficients): FitRow {
  const chip = chips[row.chip]
  if (!chip) throw new Error(`${row.id}: no chip ${row.chip}`)
  const model = measuredModel(row.model)
  const { id, precision, tensorParallel, pipelineParallel, dataParallel, concurrency } = row
  const pool = {
    id,
    chip: row.chip,
    precision,
    tensorParallel,
    pipelineParallel,
    dataParallel,
    maxSequences: concurrency,
  }
  const terms = termsOf(pool, chip, model, coefficients)
  const loop = runClosedLoop(
    {
      prompt: row.prompt,
      output: row.output,
      concurrency,
      requests: 10 * concurrency,
    },
    {
      step: (prefill, pairs, decoding, context) =>
        baseTime(terms, prefill, decoding) + terms.perContext * pairs + terms.perKv * context,
      kvSlope: decoding => terms.perKv * decoding,
      ingest: prompt => ingestTime(terms, prompt),
      ahead: isAhead(row),
    },
  )
  return {
    row,
    group: groupOf(row),
    architecture,
    pool,
    chip,
    model,
    loop,
    tellsFirst: !row.ambiguous && isRoomy(row, chip, model),
  }
}

/** Whether a row's engine composes a step while the one before runs: vLLM does by default from 0.14 on (pull request 27614). */
export function isAhead({ engine, version }: Pick<ClosedLoopRow, 'engine' | 'version'>): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return engine === 'vllm' && (major > 0 || minor >= 14)
}

export function architectureOf(row: ClosedLoopRow): Architecture {
  return measuredModel(row.model).experts === undefined ? 'dense' : 'mixture'
}

/** Whether all requests fit, halfway through their outputs, with some to spare and the KV cache in 8 bits. */
function isRoomy(row: ClosedLoopRow, chip: Chip, model: TokenModel): boolean {
  const bytes = row.precision === 'bf16' ? 2 : row.precision === 'fp8' ? 1 : 0.57
  const chipCount = row.tensorParallel * row.pipelineParallel * row.dataParallel
  const copies = Math.max(1, row.tensorParallel / model.kvHeads)
  const elements = model.kvElementsPerTokenPerLayer ?? 2 * model.kvHeads * model.headDim
  const free = chipCount * (chip.memory * 0.9 - 3e9) - model.parameters * bytes
  const needed = row.concurrency * 0.9 * (row.prompt + row.output / 2) * model.layers * elements * copies
  return needed < 0.85 * free
}

/** Fits coefficients of one architecture to some rows; mixtures tell something of dense models, too. */
export function fitSteps(all: readonly FitRow[], architecture: Architecture): StepFit {
  const rows = architecture === 'dense' ? all : all.filter(row => row.architecture === architecture)
  const formOf = (row: ClosedLoopRow): Form => (architectureOf(row) === architecture ? architecture : 'companion')
  const unknowns = unknownsOf(
    rows.map(({ row }) => row),
    formOf,
  )
  const size = unknowns.spreads.length
  const groups = new Map<string, number>()
  for (const { group } of rows) groups.set(group, (groups.get(group) ?? 0) + 1)
  const weighted = rows.map(fitRow => ({
    fitRow,
    effects: effectsOf(fitRow.row, formOf(fitRow.row), unknowns),
    // rows of a large group count less, as they repeat each other
    weight: fitRow.architecture === 'dense' ? 1 : Math.sqrt(40 / (groups.get(fitRow.group) ?? 1)),
  }))

  function residuals(x: Float64Array): Float64Array {
    const values = new Float64Array(2 * weighted.length + size)
    weighted.forEach(({ fitRow, effects, weight }, index) => {
      const { perToken, firstToken } = logErrors(fitRow, coefficientsOf(effects, x))
      values[2 * index] = soften(perToken * weight).value
      values[2 * index + 1] = soften(firstToken * weight * firstTokenWeight).value
    })
    unknowns.spreads.forEach((spread, index) => (values[2 * weighted.length + index] = f64(x, index) / spread))
    return values
  }

  function normal(x: Float64Array): { matrix: Float64Array; gradient: Float64Array } {
    const matrix = new Float64Array(size * size)
    const gradient = new Float64Array(size)
    for (const { fitRow, effects, weight } of weighted) {
      const base = logErrors(fitRow, coefficientsOf(effects, x))
      const slopes = effects.map(effect => slopeOf(fitRow, effects, effect, x, base))
      for (const [error, pull, slopeKey] of [
        [base.perToken * weight, weight, 'perToken'],
        [base.firstToken * weight * firstTokenWeight, weight * firstTokenWeight, 'firstToken'],
      ] as const) {
        const { value, slope } = soften(error)
        const places: number[] = []
        const values: number[] = []
        effects.forEach((effect, index) => {
          const by = slope * pull * (slopes[index]?.[slopeKey] ?? 0)
          if (by === 0) return
          for (const place of effect.places) {
            places.push(place)
            values.push(by)
          }
        })
        for (let i = 0; i < places.length; i++) {
          const [place, by] = [places[i] ?? 0, values[i] ?? 0]
          gradient[place] = f64(gradient, place) + by * value
          for (let j = 0; j < places.length; j++) {
            const cell = place * size + (places[j] ?? 0)
            matrix[cell] = f64(matrix, cell) + by * (values[j] ?? 0)
          }
        }
      }
    }
    unknowns.spreads.forEach((spread, index) => {
      const cell = index * size + index
      matrix[cell] = f64(matrix, cell) + 1 / (spread * spread)
      gradient[index] = f64(gradient, index) + f64(x, index) / (spread * spread)
    })
    return { matrix, gradient }
  }

  return { unknowns, x: leastSquares({ size, residuals, normal }, new Float64Array(size), rounds) }
}

/** How a row's two logarithms change with that of one coefficient. */
function slopeOf(
  fitRow: FitRow,
  effects: readonly RowEffects[],
  effect: RowEffects,
  x: Float64Array,
  base: Prediction,
): Prediction {
  if (!isWithin(effect.name, logOf(effect, x))) return { perToken: 0, firstToken: 0 }
  const step = 1e-3
  const changed = logErrors(fitRow, coefficientsOf(effects, x, effect.name, Math.exp(step)))
  return {
    perToken: (changed.perToken - base.perToken) / step,
    firstToken: (changed.firstToken - base.firstToken) / step,
  }
}

/** Logarithms of predicted over measured; 0 where the first token tells nothing. */
function logErrors(fitRow: FitRow, coefficients: Coefficients): Prediction {
  const { perToken, firstToken } = predict(fitRow, coefficients)
  return {
    perToken: Math.log(perToken / fitRow.row.perToken),
    firstToken: fitRow.tellsFirst ? Math.log(firstToken / fitRow.row.firstToken) : 0,
  }
}

/** What coefficients say of a row [s]. */
export function predict({ pool, chip, model, loop }: FitRow, coefficients: Coefficients): Prediction {
  const terms = termsOf(pool, chip, model, coefficients)
  let perToken = terms.perKv * loop.perTokenContext + terms.perContext * loop.perTokenPairs
  let firstToken =
    terms.perKv * loop.firstTokenContext + terms.perContext * loop.firstTokenPairs + ingestTime(terms, loop.meanPrompt)
  for (let i = 0; i < loop.prefill.length; i++) {
    const time = baseTime(terms, f64(loop.prefill, i), f64(loop.decoding, i))
    perToken += f64(loop.perToken, i) * time
    firstToken += f64(loop.firstToken, i) * time
  }
  return { perToken, firstToken }
}

/** What a fit says of a row; of one that it has not seen, by what it shares with those it has. */
export function predictBy({ unknowns, x }: StepFit, fitRow: FitRow): Prediction {
  return predict(fitRow, coefficientsOf(effectsOf(fitRow.row, fitRow.architecture, unknowns), x))
}

/** An error whose square grows like its size once it is above the tolerance (pseudo-Huber), and its slope. */
export function soften(error: number): { value: number; slope: number } {
  const scaled = error / tolerance
  const root = Math.sqrt(1 + scaled * scaled)
  const size = Math.sqrt(2 * (root - 1))
  if (size < 1e-6) return { value: scaled, slope: 1 / tolerance }
  return { value: Math.sign(error) * size, slope: scaled / tolerance / root / (Math.sign(error) * size) }
}
