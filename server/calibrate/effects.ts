import { type Architecture, chips, type Coefficients } from '../../simulation'
import type { ClosedLoopRow } from './silicon-file'

/** What rows may have in common; the last two are what a row that the fit has not seen shares with none. */
const levels = {
  engine: row => row.engine,
  family: row => chips[row.chip]?.family ?? row.chip,
  precision: row => row.precision,
  familyEngine: row => `${chips[row.chip]?.family ?? row.chip} ${row.engine}`,
  harness: row => row.harness,
  harnessEngine: row => `${row.harness} ${row.engine}`,
  version: row => `${row.engine} ${row.version}`,
  modelFamily: row => `${row.model} ${chips[row.chip]?.family ?? row.chip}`,
  group: row => groupOf(row),
  variant: row => `${groupOf(row)} ${row.precision}`,
} satisfies Record<string, (row: ClosedLoopRow) => string>
type Level = keyof typeof levels
const ownLevels: Level[] = ['group', 'variant']

/** Model, chip and engine: rows of one group resemble each other, so that only whole groups are left out. */
export function groupOf({ model, chip, engine }: ClosedLoopRow): string {
  return `${model} · ${chip} · ${engine}`
}

/**
 * How a coefficient is fitted: where it starts, how far its logarithm may be off by its spread, and by each level's. Starts
 * are plausible values and spreads how far apart published kernels lie; both draw only where rows do not tell.
 */
interface Effect {
  start: number
  spread: number
  levels?: Partial<Record<Level, number>>
}

/** `pace` multiplies what the host takes: software and hosts differ as a whole. */
type Name = keyof Coefficients | 'pace'

const bounds: Record<Name, [lower: number, upper: number]> = {
  pace: [0.2, 5],
  mfu: [0.1, 0.95],
  expertMfu: [0.03, 0.95],
  attentionMfu: [0.05, 0.95],
  mbu: [0.3, 0.95],
  expertMbu: [0.1, 0.97],
  kvMbu: [0.1, 1.9],
  expertReach: [0.3, 1],
  wide: [0.001, 1],
  stepOverhead: [1e-4, 2e-2],
  layerOverhead: [1e-6, 2e-4],
  latentOverhead: [1e-6, 2e-4],
  routeOverhead: [1e-7, 3e-5],
  sequenceOverhead: [1e-7, 2e-4],
  samplingOverhead: [0, 1e-8],
  promptOverhead: [1e-5, 2e-3],
  collectiveLatency: [1e-6, 1e-4],
  linkEfficiency: [0.1, 0.95],
  ingest: [1e-3, 0.4],
  ingestPerToken: [1e-7, 2e-4],
  firstPass: [0.1, 30],
}

type Effects = Partial<Record<Name, Effect>>

/** What engines and harnesses take for a prompt whatever the model. */
const ingest: Pick<Record<Name, Effect>, 'ingest' | 'ingestPerToken'> = {
  ingest: {
    start: 0.05,
    spread: 1,
    levels: { engine: 0.5, harnessEngine: 0.5, familyEngine: 0.4, modelFamily: 0.4, group: 0.3 },
  },
  ingestPerToken: { start: 4e-6, spread: 1, levels: { engine: 0.3, harness: 0.5, familyEngine: 0.5 } },
}

const mixtureSteps: Effects = {
  pace: {
    start: 1,
    spread: 0.02,
    levels: { family: 0.5, engine: 0.03, version: 0.1, modelFamily: 0.25, group: 0.1 },
  },
  mfu: { start: 0.5, spread: 0.3 },
  expertMfu: { start: 0.2, spread: 1, levels: { precision: 0.2, engine: 0.2, modelFamily: 0.4, variant: 0.3 } },
  attentionMfu: { start: 0.55, spread: 0.3 },
  mbu: { start: 0.85, spread: 0.1 },
  expertMbu: { start: 0.9, spread: 0.2, levels: { modelFamily: 0.15, variant: 0.1 } },
  kvMbu: { start: 1.5, spread: 0.5, levels: { group: 0.1 } },
  expertReach: { start: 0.8, spread: 0.3, levels: { engine: 0.2, modelFamily: 0.15 } },
  stepOverhead: { start: 1e-3, spread: 0.5 },
  layerOverhead: { start: 4e-5, spread: 0.7 },
  latentOverhead: { start: 5e-5, spread: 0.7 },
  routeOverhead: { start: 4e-6, spread: 0.5 },
  sequenceOverhead: { start: 2e-5, spread: 0.7, levels: { group: 0.2 } },
  promptOverhead: { start: 1e-4, spread: 0.2, levels: { group: 0.3 } },
  collectiveLatency: { start: 6e-6, spread: 0.7, levels: { group: 0.2 } },
  linkEfficiency: { start: 0.25, spread: 0.5, levels: { group: 0.1 } },
}

/**
 * Each architecture has a fit of its own, as their kernels differ. Few dense models are measured: mixtures stand beside
 * them in their fit as companions, which share nothing but what is taken before the first step, all of it in `ingest`.
 */
export type Form = Architecture | 'companion'

const effects: Record<Form, Effects> = {
  dense: {
    pace: { start: 1, spread: 0.02, levels: { group: 0.1 } },
    mfu: { start: 0.5, spread: 1, levels: { precision: 0.1, engine: 0.2, group: 0.05 } },
    attentionMfu: { start: 0.5, spread: 1, levels: { engine: 0.1 } },
    mbu: { start: 0.8, spread: 0.3, levels: { precision: 0.05, engine: 0.05, group: 0.03 } },
    kvMbu: { start: 1.3, spread: 0.5, levels: { engine: 0.2, group: 0.1 } },
    wide: { start: 0.05, spread: 1, levels: { familyEngine: 0.5 } },
    stepOverhead: { start: 1e-3, spread: 1, levels: { engine: 0.2 } },
    layerOverhead: { start: 3e-5, spread: 1, levels: { engine: 0.2 } },
    sequenceOverhead: { start: 2e-5, spread: 1, levels: { engine: 0.2, group: 0.1 } },
    promptOverhead: { start: 6e-4, spread: 0.3, levels: { engine: 0.1, group: 0.2 } },
    collectiveLatency: { start: 6e-6, spread: 1, levels: { engine: 0.2, group: 0.1 } },
    linkEfficiency: { start: 0.3, spread: 0.5, levels: { engine: 0.2, family: 0.2 } },
    ...ingest,
  },
  mixture: {
    ...mixtureSteps,
    ingest: { start: 0.01, spread: 0.5, levels: { engine: 0.3, group: 0.2 } },
    ingestPerToken: { start: 2e-6, spread: 1, levels: { engine: 0.3, group: 0.3 } },
    firstPass: { start: 3, spread: 0.7, levels: { engine: 0.15, group: 0.3 } },
  },
  companion: { ...mixtureSteps, ...ingest },
}

/** Weights of 4-bit integers are expanded before they are used, at about this part of the speed of reading them. */
const expandedShare = 0.55

const names = Object.keys(bounds) as Name[]
const paced: Name[] = ['stepOverhead', 'layerOverhead', 'latentOverhead', 'routeOverhead', 'sequenceOverhead']

/** Numbers that a fit looks for: logarithms of how far coefficients are off their starts, one for each thing shared. */
export interface Unknowns {
  /** Place by name, level and what is shared. */
  places: Map<string, number>
  spreads: number[]
}

export function unknownsOf(rows: readonly ClosedLoopRow[], formOf: (row: ClosedLoopRow) => Form): Unknowns {
  const unknowns: Unknowns = { places: new Map(), spreads: [] }
  for (const row of rows) {
    for (const name of names) {
      for (const [key, spread] of keysOf(row, formOf(row), name)) {
        if (unknowns.places.has(key)) continue
        unknowns.places.set(key, unknowns.spreads.length)
        unknowns.spreads.push(spread)
      }
    }
  }
  return unknowns
}

/** The numbers that each of a row's coefficients adds up from. */
export interface RowEffects {
  name: Name
  start: number
  places: number[]
}

export function effectsOf(row: ClosedLoopRow, form: Form, unknowns: Unknowns, ofItsOwn = true): RowEffects[] {
  return names.flatMap(name => {
    const effect = effects[form][name]
    if (!effect) return []
    const places = keysOf(row, form, name)
      .filter(([, , level]) => ofItsOwn || !level || !ownLevels.includes(level))
      .flatMap(([key]) => unknowns.places.get(key) ?? [])
    const start = name === 'expertMbu' && row.precision === 'int4' ? effect.start * expandedShare : effect.start
    return { name, start, places }
  })
}

function keysOf(row: ClosedLoopRow, form: Form, name: Name): [key: string, spread: number, level: Level | null][] {
  const effect = effects[form][name]
  if (!effect) return []
  const owner = effect === ingest.ingest || effect === ingest.ingestPerToken ? '' : form
  const base: [string, number, null] = [`${name}|${owner}`, effect.spread, null]
  const shared = Object.entries(effect.levels ?? {}) as [Level, number][]
  return [
    base,
    ...shared.map(([level, spread]): [string, number, Level] => [
      `${name}|${owner}|${level}|${levels[level](row)}`,
      spread,
      level,
    ]),
  ]
}

/** Logarithm of a coefficient before its bounds. */
export function logOf({ start, places }: RowEffects, x: Float64Array): number {
  let sum = Math.log(start)
  for (const place of places) sum += x[place] as number
  return sum
}

/** Whether a logarithm lies within the coefficient's bounds. */
export function isWithin(name: Name, log: number): boolean {
  const [lower, upper] = bounds[name]
  return log > Math.log(lower) && log < Math.log(upper)
}

/** Coefficients of a row, `pace` taken into what the host takes; one of them changed by a factor if wanted. */
export function coefficientsOf(row: readonly RowEffects[], x: Float64Array, changed?: Name, factor = 1): Coefficients {
  const values: Record<Name, number> = { ...unused, pace: 1 }
  for (const effect of row) {
    const [lower, upper] = bounds[effect.name]
    const value = Math.min(upper, Math.max(lower, Math.exp(logOf(effect, x))))
    values[effect.name] = effect.name === changed ? value * factor : value
  }
  const { pace, ...coefficients } = values
  for (const name of paced) if (name !== 'pace') coefficients[name] *= pace
  return coefficients
}

/** What a kind of model does without; dense models have no experts to read. */
const unused: Coefficients = {
  mfu: 0.5,
  expertMfu: 0.5,
  attentionMfu: 0.5,
  mbu: 0.8,
  expertMbu: 0.8,
  kvMbu: 1,
  expertReach: 1,
  wide: 0,
  stepOverhead: 0,
  layerOverhead: 0,
  latentOverhead: 0,
  routeOverhead: 0,
  sequenceOverhead: 0,
  samplingOverhead: 0,
  promptOverhead: 0,
  collectiveLatency: 0,
  linkEfficiency: 0.3,
  ingest: 0,
  ingestPerToken: 0,
  firstPass: 0,
}
