import { type Architecture, type Calibration, coefficientNames, type Fit } from '../../simulation'
import { writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'

const header = `import type { Architecture, Calibration, Fit } from './calibration'

/**
 * Coefficients fitted to published measurements by \`npm run calibrate\`, which writes this file. A closed loop was run
 * step by step as a replica does, with prompts and outputs of 0.8 to 1.0 of their nominal lengths; its coefficients are
 * the ones that make the mean time per output token and to the first token come nearest in relative terms, within physical
 * bounds and drawn to what other rows of the engine, chip family and precision tell. Entries from whole runs of vLLM are
 * fitted by simulating these runs. An entry with a model is for that model alone. \`error\` holds medians on the rows of the
 * fit, \`interval\` what nine of ten rows that a fit did not see lie within.
 */
export const fits: Fit[] = `

/** Writes the catalog's coefficients; the same fits give the same file. */
export async function writeFits(
  path: string,
  fits: readonly Calibration[],
  intervals: Record<Architecture, NonNullable<Calibration['interval']>>,
): Promise<void> {
  const text = `${header}${JSON.stringify(fits.map(compact))}

/** The same for chips without measurement, from chips that were left out of a fit. */
export const inheritedIntervals: Record<Architecture, NonNullable<Calibration['interval']>> = ${JSON.stringify(intervals)}
`
  const options = await resolveConfig(path)
  writeFileSync(path, await format(text, { ...options, filepath: path }))
}

function compact({ chip, engine, precision, architecture, model, ...rest }: Calibration): Fit {
  const { coresPerChip, serial, ahead, basis, inheritedFrom, source, date, error, interval } = rest
  const coefficients = coefficientNames.map(name => rest[name])
  return {
    chip,
    engine,
    precision,
    architecture,
    model,
    coefficients,
    coresPerChip,
    serial,
    ahead,
    basis,
    inheritedFrom,
    source,
    date,
    error,
    interval,
  }
}
