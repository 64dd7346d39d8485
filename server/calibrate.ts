/**
 * `npm run calibrate -- FOLDER`: fits the step-time model to the measurements in a folder, prints how far off it is, in
 * sample and on groups that it has not seen, and writes the coefficients into the catalog.
 */
import { join } from 'node:path'
import type { Calibration } from '../simulation'
import { describe, errorHeader, type RowErrors } from './calibrate/errors'
import { otherCalibrations } from './calibrate/other-fits'
import { calibrationsOf, fitSilicon, inheritedIntervals, type SiliconFit } from './calibrate/silicon-fits'
import { fitRuns, type RunsFit } from './calibrate/runs-fit'
import { describeRuns } from './calibrate/run-errors'
import { readRuns } from './calibrate/runs-file'
import { readClosedLoops } from './calibrate/silicon-file'
import type { FitRow } from './calibrate/step-fit'
import { writeFits } from './calibrate/write-fits'

const target = join(import.meta.dirname, '../simulation/catalog/fits.ts')

process.exitCode = await calibrate(process.argv.slice(2))

async function calibrate([folder, ...rest]: string[]): Promise<number> {
  if (folder === undefined || rest.length > 0) {
    process.stderr.write('calibrate: expected one folder of measurements, as in: npm run calibrate -- FOLDER\n')
    return 2
  }
  try {
    const others = otherCalibrations(folder)
    const { rows, skipped } = readClosedLoops(folder)
    const silicon = fitSilicon(rows, left => process.stderr.write(`left out: ${left}\n`))
    const closedLoops = calibrationsOf(silicon)
    const runs = fitRuns(readRuns(folder), entryFor(closedLoops), left => process.stderr.write(`left out: ${left}\n`))
    print(report(silicon))
    print(reportRuns(runs))
    print([...skipped].map(([reason, count]) => `not used: ${count} rows, ${reason}`))
    await writeFits(
      target,
      [
        ...closedLoops.filter(entry => !runs.calibrations.some(run => isSame(run, entry))),
        ...runs.calibrations,
        ...others,
      ],
      inheritedIntervals(silicon),
    )
    print([`written: ${target}`])
    return 0
  } catch (cause) {
    process.stderr.write(`calibrate: ${cause instanceof Error ? cause.message : String(cause)}\n`)
    return 2
  }
}

function report({ inSample, groupsHeldOut, chipsHeldOut }: SiliconFit): string[] {
  const table = (title: string, errors: readonly RowErrors[]): string[] => [
    '',
    title,
    errorHeader,
    ...describe(errors, ({ group }) => group),
    ...describe(errors, ({ row, architecture }) => `${row.chip}, ${architecture}`),
    ...describe(errors, ({ architecture }) => `all ${architecture}`),
    ...describe(
      errors.filter(({ fitRow }) => !fitRow.row.ambiguous),
      ({ architecture }) => `all ${architecture}, without DeepSeek R1`,
    ),
    ...describe(errors, () => 'all'),
  ]
  const isDenseFp8 = ({ row, architecture }: FitRow): boolean => architecture === 'dense' && row.precision === 'fp8'
  return [
    ...table('on the rows of the fit', inSample),
    ...table('each group of model, chip and engine left out in turn', groupsHeldOut),
    ...table('each chip left out in turn', chipsHeldOut),
    ...describe(
      chipsHeldOut.filter(({ fitRow }) => isDenseFp8(fitRow)),
      ({ row }) => `${row.chip}, dense, fp8`,
    ),
  ]
}

function reportRuns({ inSample, modelsHeldOut }: RunsFit): string[] {
  return [
    ...describeRuns('whole runs, in the fit', inSample),
    ...describeRuns('whole runs, each model left out in turn', modelsHeldOut),
  ]
}

function isSame(a: Calibration, b: Calibration): boolean {
  const names = ['chip', 'engine', 'precision', 'architecture', 'model'] as const
  return names.every(name => a[name] === b[name])
}

/** What closed loops say of mixtures on the chip, engine and precision of the runs. */
function entryFor(entries: readonly Calibration[]): Calibration {
  const kind = { chip: 'h100', engine: 'vllm', precision: 'fp8', architecture: 'mixture' } as const
  const found = entries.find(entry => isSame(entry, { ...entry, ...kind, model: undefined }))
  if (!found) throw new Error('calibration: no closed loop of a mixture with vLLM at 8 bits')
  return found
}

function print(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`)
}
