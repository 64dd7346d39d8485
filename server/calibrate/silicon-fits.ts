import { type Architecture, type Calibration, type Coefficients, measuredModel } from '../../simulation'
import { coefficientsOf, effectsOf } from './effects'
import { errorsOf, summarise, type ErrorSummary, type RowErrors } from './errors'
import { round } from './held-out'
import type { ClosedLoopRow } from './silicon-file'
import { fitSteps, isAhead, predict, predictBy, prepareRows, type FitRow, type StepFits } from './step-fit'

/** Fits to all rows, and what fits to a part of them say of the rest. */
export interface SiliconFit {
  rows: FitRow[]
  fits: StepFits
  inSample: RowErrors[]
  /** Each group of model, chip and engine by a fit to all others. */
  groupsHeldOut: RowErrors[]
  /** Each chip by a fit to all others. */
  chipsHeldOut: RowErrors[]
}

/** Schedules depend on step times only through ingest, so that few passes settle them. */
const passes = 3
const fewest = 5

export function fitSilicon(measured: readonly ClosedLoopRow[], progress: (text: string) => void): SiliconFit {
  let rows = prepareRows(measured)
  let fits = fitBoth(rows)
  for (let pass = 1; pass < passes; pass++) {
    rows = prepareRows(measured, fits)
    fits = fitBoth(rows)
  }
  return {
    rows,
    fits,
    inSample: errorsOf(rows, row => predictBy(fits[row.architecture], row)),
    groupsHeldOut: holdOut(rows, ({ group }) => group, progress),
    chipsHeldOut: holdOut(rows, ({ row }) => row.chip, progress),
  }
}

function fitBoth(rows: readonly FitRow[]): StepFits {
  return { dense: fitSteps(rows, 'dense'), mixture: fitSteps(rows, 'mixture') }
}

function holdOut(
  rows: readonly FitRow[],
  kindOf: (row: FitRow) => string,
  progress: (text: string) => void,
): RowErrors[] {
  return [...new Set(rows.map(kindOf))].flatMap(kind => {
    progress(kind)
    const others = rows.filter(row => kindOf(row) !== kind)
    const left = groupBy(
      rows.filter(row => kindOf(row) === kind),
      ({ architecture }) => architecture,
    )
    return [...left].flatMap(([architecture, own]) => {
      const fit = fitSteps(others, architecture)
      return errorsOf(own, row => predictBy(fit, row))
    })
  })
}

/** Chips that others inherit from, each with its nearest relatives, and precisions that their models are served at. */
const nearest: Record<string, string[]> = {
  h100: ['h200', 'b200', 'b300'],
  h200: ['h100', 'b200', 'b300'],
  b200: ['b300', 'h200', 'h100'],
}
const precisions = ['bf16', 'fp8', 'fp4', 'int4'] as const

/**
 * Catalog entries: one for each chip, engine, precision and model measured, and one for all other models, which is what the
 * engine's rows tell of them.
 */
export function calibrationsOf(silicon: SiliconFit): Calibration[] {
  const kinds = groupBy(silicon.rows, ({ row, architecture }) => kindOf(row, architecture))
  const measured = [...kinds]
    .filter(([, rows]) => rows.length >= fewest)
    .flatMap(([, rows]) => entriesOf(silicon, rows))
  const modelled = Object.keys(nearest).flatMap(chip =>
    [...groupBy(silicon.rows, ({ row, architecture }) => `${row.engine} ${architecture}`).values()].flatMap(rows =>
      precisions.flatMap(precision => modelledEntry(silicon, rows, chip, precision) ?? []),
    ),
  )
  return [...measured, ...modelled].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}

function kindOf(
  { chip, engine, precision }: Pick<ClosedLoopRow, 'chip' | 'engine' | 'precision'>,
  architecture: string,
): string {
  return [chip, engine, precision, architecture].join(' ')
}

function nameOf(entry: Calibration): string {
  return `${kindOf(entry, entry.architecture)} ${entry.model ?? ''}`
}

/** One entry for each model with enough rows. */
function entriesOf(silicon: SiliconFit, rows: readonly FitRow[]): Calibration[] {
  const models = [...groupBy(rows, ({ row }) => row.model)].filter(([, own]) => own.length >= fewest)
  return models.map(([model, own]) => measuredEntry(silicon, own, model))
}

/** What the rows of an engine and kind of model tell of a chip and precision that none of them has. */
function modelledEntry(
  { fits, chipsHeldOut, groupsHeldOut }: SiliconFit,
  rows: readonly FitRow[],
  chip: string,
  precision: ClosedLoopRow['precision'],
): Calibration | null {
  const [first] = rows
  if (!first) return null
  const { row, architecture } = first
  const { unknowns, x } = fits[architecture]
  const known = new Set(rows.map(one => one.row.chip))
  const from = [chip, ...(nearest[chip] ?? [])].find(other => known.has(other))
  if (from === undefined) return null
  const other = { ...row, chip, precision, model: '', version: 'unknown' }
  const effects = effectsOf(other, architecture, unknowns, false)
  const unseen = known.has(chip) ? groupsHeldOut : chipsHeldOut
  return {
    chip,
    engine: row.engine,
    precision,
    architecture,
    ...rounded(coefficientsOf(effects, x)),
    ...(rows.some(one => isAhead(one.row)) ? { ahead: true } : {}),
    basis: 'modelled',
    inheritedFrom: from,
    source: `no public measurement of this model; from ${rows.length} rows of this engine on ${[...known].sort().join(', ')} (silicon sample of ai-dynamo/aiconfigurator, Apache-2.0)`,
    date: newest(rows),
    interval: intervalOf(summarise(unseen.filter(({ fitRow }) => fitRow.architecture === architecture))),
  }
}

function measuredEntry({ fits, inSample }: SiliconFit, rows: readonly FitRow[], model: string): Calibration {
  // the engine's version that most rows are of
  const [most] = [...groupBy(rows, ({ row }) => row.version).values()].sort((a, b) => b.length - a.length)
  const first = most?.[0]
  if (!first) throw new Error('calibration: no rows')
  const { row, architecture } = first
  const { unknowns, x } = fits[architecture]
  const coefficients = rounded(coefficientsOf(effectsOf(row, architecture, unknowns), x))
  const error = summarise(errorsOf(rows, one => predict(one, coefficients)))
  return {
    chip: row.chip,
    engine: row.engine,
    precision: row.precision,
    architecture,
    model,
    ...coefficients,
    ...(isAhead(row) ? { ahead: true } : {}),
    basis: 'measured',
    source: `${rows.length} rows of the silicon sample of ai-dynamo/aiconfigurator (Apache-2.0): ${measuredModel(model).name}`,
    date: newest(rows),
    error: {
      tpot: round(error.perToken.median),
      ttft: error.firstToken && round(error.firstToken.median),
      rows: rows.length,
    },
    interval: intervalOf(summarise(inSample.filter(({ fitRow }) => rows.includes(fitRow)))),
  }
}

/** Day of the newest row; the sample's own where no row has one. */
function newest(rows: readonly FitRow[]): string {
  const dates = rows.map(({ row }) => row.date).filter(date => date !== '')
  return dates.sort().at(-1) ?? '2026-04-27'
}

/** Half-widths for a chip without measurement, from chips that were left out. */
export function inheritedIntervals({
  chipsHeldOut,
}: SiliconFit): Record<Architecture, { tpot: number; ttft: number | null }> {
  const of = (architecture: Architecture) =>
    intervalOf(summarise(chipsHeldOut.filter(({ fitRow }) => fitRow.architecture === architecture)))
  return { dense: of('dense'), mixture: of('mixture') }
}

function intervalOf({ perToken, firstToken }: ErrorSummary): { tpot: number; ttft: number | null } {
  return { tpot: round(perToken.p90), ttft: firstToken && round(firstToken.p90) }
}

function rounded(coefficients: Coefficients): Coefficients {
  const result = { ...coefficients }
  for (const name of Object.keys(result) as (keyof Coefficients)[]) result[name] = round(result[name])
  return result
}

function groupBy<Item, Key extends string>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}
