import { entryBytes } from './ring-file'

/** Seconds of a row, finest first. */
export const resolutions = [1, 10, 60, 600] as const
export type Resolution = (typeof resolutions)[number]

/** A day of 10 s, six of minutes, sixty of ten minutes. */
const coarseRows = 8640
/** A day of seconds. */
const fineRows = 86_400

/**
 * Rows that each ring may hold, all together within the budget [bytes]. The coarse ones come first, so that where rows are wide
 * it is the ring of seconds that reaches less far back; none takes more than a quarter.
 */
export function capacitiesOf(budget: number, rowBytes: number): Record<Resolution, number> {
  const each = rowBytes + entryBytes
  const coarse = Math.max(1, Math.min(coarseRows, Math.floor(budget / 4 / each)))
  const fine = Math.max(1, Math.min(fineRows, Math.floor(budget / each) - 3 * coarse))
  return { 1: fine, 10: coarse, 60: coarse, 600: coarse }
}
