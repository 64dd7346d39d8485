import type { Calibration, Coefficients, MeasuredRun } from '../../simulation'
import { medianError, quantileError, round } from './held-out'
import { leastSquares } from './marquardt'
import { simulateRun, type StageErrors } from './run-outcome'
import { soften } from './step-fit'

/** A coefficient that the runs tell: a plausible value, its bounds, and how far off its logarithm may be. */
interface Unknown {
  name: keyof Coefficients
  start: number
  bounds: [lower: number, upper: number]
  spread: number
}

const dense: Unknown[] = [
  { name: 'mfu', start: 0.6, bounds: [0.3, 0.8], spread: 0.3 },
  { name: 'mbu', start: 0.85, bounds: [0.6, 0.95], spread: 0.15 },
  { name: 'kvMbu', start: 0.8, bounds: [0.4, 0.97], spread: 0.3 },
  { name: 'stepOverhead', start: 1.2e-3, bounds: [1e-5, 1e-2], spread: 1 },
  { name: 'layerOverhead', start: 1e-5, bounds: [1e-8, 2e-4], spread: 1.5 },
  { name: 'collectiveLatency', start: 1e-5, bounds: [1e-7, 6e-5], spread: 0.7 },
  { name: 'linkEfficiency', start: 0.5, bounds: [0.1, 0.9], spread: 0.5 },
  { name: 'sequenceOverhead', start: 1e-5, bounds: [1e-7, 2e-4], spread: 1 },
  { name: 'samplingOverhead', start: 3e-10, bounds: [1e-12, 2e-9], spread: 1.5 },
  { name: 'promptOverhead', start: 1e-4, bounds: [1e-5, 2e-3], spread: 1 },
  { name: 'ingest', start: 6e-3, bounds: [1e-3, 3e-2], spread: 0.7 },
  { name: 'ingestPerToken', start: 3e-6, bounds: [1e-8, 3e-5], spread: 1.5 },
]

const mixture: Unknown[] = [
  { name: 'expertMfu', start: 0.17, bounds: [0.03, 0.8], spread: 0.7 },
  { name: 'expertMbu', start: 0.85, bounds: [0.5, 0.97], spread: 0.1 },
  { name: 'expertReach', start: 1, bounds: [0.3, 3], spread: 0.5 },
  { name: 'layerOverhead', start: 4e-5, bounds: [1e-6, 2e-4], spread: 1 },
]

/** What the runs tell, in sample and of each model by a fit to the others. */
export interface RunsFit {
  calibrations: Calibration[]
  inSample: StageErrors[]
  modelsHeldOut: StageErrors[]
}

const rounds = 10
/** Rounds in which slopes are found anew, and how many times shorter the runs for that are. */
const slopeRounds = 4
const shortening = 4
/** How hard plausible values draw, and the relative error from which a time pulls no harder. */
const strength = 0.03
const tolerance = 0.05
const weights: [keyof Omit<StageErrors, 'model'>, number][] = [
  ['e2eMean', 1],
  ['e2eP90', 1],
  ['ttftMean', 0.7],
  ['ttftP90', 0.7],
]

/** `mixtureElsewhere` is what other rows say of mixtures on this chip and engine. */
export function fitRuns(
  runs: readonly MeasuredRun[],
  mixtureElsewhere: Calibration,
  progress: (text: string) => void,
): RunsFit {
  const denseRuns = runs.filter(({ precision }) => precision === 'fp16')
  const mixtureRuns = runs.filter(({ precision }) => precision === 'fp8')
  const denseFit = fitSome(dense, denseRuns, denseBase)
  const heldOut = modelsOf(denseRuns).flatMap(model => {
    progress(`${model}, whole runs`)
    const [own, others] = [true, false].map(is => denseRuns.filter(run => (run.model === model) === is))
    const unseen = fitSome(dense, others ?? [], denseBase)
    return (own ?? []).flatMap(run => simulateRun(run, unseen))
  })
  // a mixture that no run has shown: steps of other measurements, and what the runs of dense models tell of the engine
  const unseen = { ...mixtureElsewhere, ...engineOf(denseFit) }
  const mixtureHeldOut = mixtureRuns.flatMap(run => simulateRun(run, unseen))
  const mixtureFit = fitSome(mixture, mixtureRuns, { ...denseFit, ...mixtureKind })
  const entries = [withErrors(denseFit, denseRuns, heldOut), withErrors(mixtureFit, mixtureRuns, mixtureHeldOut)]
  return {
    calibrations: entries.map(({ calibration }) => calibration),
    inSample: entries.flatMap(({ errors }) => errors),
    modelsHeldOut: [...heldOut, ...mixtureHeldOut],
  }
}

const source =
  'runs of vLLM 0.15.1 under open loads, inference-sim/sim-to-real-accuracy-validation and inference-sim (Apache-2.0)'

/** What is not fitted; what is, is replaced. */
const denseBase: Calibration = {
  chip: 'h100',
  engine: 'vllm',
  precision: 'bf16',
  architecture: 'dense',
  mfu: 0,
  mbu: 0,
  kvMbu: 0,
  stepOverhead: 0,
  layerOverhead: 0,
  sequenceOverhead: 0,
  samplingOverhead: 0,
  promptOverhead: 0,
  collectiveLatency: 0,
  linkEfficiency: 0,
  ingest: 0,
  ingestPerToken: 0,
  firstPass: 0,
  expertMfu: 0.5,
  attentionMfu: 0.5,
  expertMbu: 0.8,
  expertReach: 1,
  wide: 0,
  latentOverhead: 0,
  routeOverhead: 0,
  ahead: true,
  basis: 'measured',
  source,
  date: '2026-02-17',
}

const mixtureKind = { precision: 'fp8', architecture: 'mixture', model: 'llama-4-scout' } as const

function modelsOf(runs: readonly MeasuredRun[]): string[] {
  return [...new Set(runs.map(({ model }) => model))]
}

/** What an engine takes beside its steps, the same for all models. */
function engineOf({ ahead, samplingOverhead, ingest, ingestPerToken, firstPass }: Calibration): Partial<Calibration> {
  return { ahead, samplingOverhead, ingest, ingestPerToken, firstPass }
}

function calibrationAt(unknowns: readonly Unknown[], base: Calibration, x: Float64Array): Calibration {
  const found = unknowns.map(({ name, start, bounds: [lower, upper] }, index) => [
    name,
    round(Math.min(upper, Math.max(lower, start * Math.exp(x[index] ?? 0)))),
  ])
  return { ...base, ...Object.fromEntries(found) }
}

/** Logarithms of simulated over measured times, in the order of `weights`, stage by stage. */
function logErrors(runs: readonly MeasuredRun[], calibration: Calibration): Float64Array {
  const stages = runs.flatMap(run => simulateRun(run, calibration))
  return Float64Array.from(stages.flatMap(stage => weights.map(([name]) => Math.log(1 + stage[name]))))
}

/** Fits by simulating, from plausible values on. Slopes are what moving each coefficient does to shorter runs. */
function fitSome(unknowns: readonly Unknown[], runs: readonly MeasuredRun[], base: Calibration): Calibration {
  const size = unknowns.length
  const weightOf = (row: number): number => weights[row % weights.length]?.[1] ?? 0
  let slopes: Float64Array[] = []
  let latest: { x: Float64Array; errors: Float64Array } | null = null
  let round = 0

  const errorsAt = (x: Float64Array): Float64Array => {
    if (latest?.x !== x) latest = { x, errors: logErrors(runs, calibrationAt(unknowns, base, x)) }
    return latest.errors
  }
  const normal = (x: Float64Array): { matrix: Float64Array; gradient: Float64Array } => {
    if (round++ < slopeRounds) slopes = slopesAt(x, unknowns, base, runs)
    const matrix = new Float64Array(size * size)
    const gradient = new Float64Array(size)
    errorsAt(x).forEach((error, row) => {
      const { value, slope } = soften(error)
      const weight = weightOf(row) ** 2
      for (let i = 0; i < size; i++) {
        const by = slope * (slopes[i]?.[row] ?? 0)
        gradient[i] = (gradient[i] ?? 0) + weight * by * value
        for (let j = 0; j < size; j++) {
          const cell = i * size + j
          matrix[cell] = (matrix[cell] ?? 0) + weight * by * slope * (slopes[j]?.[row] ?? 0)
        }
      }
    })
    unknowns.forEach(({ spread }, i) => {
      const pull = (strength / spread / tolerance) ** 2
      matrix[i * size + i] = (matrix[i * size + i] ?? 0) + pull
      gradient[i] = (gradient[i] ?? 0) + pull * (x[i] ?? 0)
    })
    return { matrix, gradient }
  }
  const residuals = (x: Float64Array): Float64Array => {
    const pulls = unknowns.map(({ spread }, i) => (strength / spread / tolerance) * (x[i] ?? 0))
    return Float64Array.from([...errorsAt(x)].map((error, row) => weightOf(row) * soften(error).value).concat(pulls))
  }
  const x = leastSquares({ size, residuals, normal }, new Float64Array(size), rounds)
  return calibrationAt(unknowns, base, x)
}

/** How all logarithms change with that of each coefficient. */
function slopesAt(
  x: Float64Array,
  unknowns: readonly Unknown[],
  base: Calibration,
  runs: readonly MeasuredRun[],
): Float64Array[] {
  const step = 0.05
  const short = runs.map(run => ({
    ...run,
    stages: run.stages.map(stage => ({ ...stage, duration: stage.duration / shortening })),
  }))
  const errors = logErrors(short, calibrationAt(unknowns, base, x))
  return unknowns.map((_, index) => {
    const moved = Float64Array.from(x)
    moved[index] = (x[index] ?? 0) + step
    return logErrors(short, calibrationAt(unknowns, base, moved)).map(
      (error, row) => (error - (errors[row] ?? 0)) / step,
    )
  })
}

function withErrors(fitted: Calibration, runs: readonly MeasuredRun[], unseen: readonly StageErrors[]) {
  const errors = runs.flatMap(run => simulateRun(run, fitted))
  const means = (of: readonly StageErrors[], name: 'itl' | 'ttftMean'): number[] => of.map(stage => stage[name])
  const calibration: Calibration = {
    ...fitted,
    source: `${runs.length} ${source}: ${modelsOf(runs).join(', ')}`,
    error: {
      tpot: round(medianError(means(errors, 'itl'))),
      ttft: round(medianError(means(errors, 'ttftMean'))),
      rows: errors.length,
    },
    interval: {
      tpot: round(quantileError(means(unseen, 'itl'), 0.9)),
      ttft: round(quantileError(means(unseen, 'ttftMean'), 0.9)),
    },
  }
  return { calibration, errors }
}
