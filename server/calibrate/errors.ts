import { medianError, quantileError } from './held-out'
import type { FitRow, Prediction } from './step-fit'

/** Relative errors of predictions for rows; a first token that tells nothing counts for nothing. */
export interface RowErrors {
  fitRow: FitRow
  perToken: number
  firstToken: number | null
}

export function errorsOf(rows: readonly FitRow[], predict: (row: FitRow) => Prediction): RowErrors[] {
  return rows.map(fitRow => {
    const predicted = predict(fitRow)
    return {
      fitRow,
      perToken: predicted.perToken / fitRow.row.perToken - 1,
      firstToken: fitRow.tellsFirst ? predicted.firstToken / fitRow.row.firstToken - 1 : null,
    }
  })
}

/** Median and 90th percentile of absolute errors; `null` of no row. */
export interface ErrorSummary {
  rows: number
  perToken: { median: number; p90: number }
  firstToken: { median: number; p90: number } | null
}

export function summarise(errors: readonly RowErrors[]): ErrorSummary {
  const first = errors.flatMap(({ firstToken }) => firstToken ?? [])
  const spreadOf = (some: readonly number[]) => ({ median: medianError(some), p90: quantileError(some, 0.9) })
  return {
    rows: errors.length,
    perToken: spreadOf(errors.map(({ perToken }) => perToken)),
    firstToken: first.length > 0 ? spreadOf(first) : null,
  }
}

/** A line for each kind of row: what it is, rows, and errors in percent. */
export function describe(errors: readonly RowErrors[], kindOf: (row: FitRow) => string): string[] {
  const kinds = [...new Set(errors.map(({ fitRow }) => kindOf(fitRow)))].sort()
  return kinds.map(kind => describeOne(kind, summarise(errors.filter(({ fitRow }) => kindOf(fitRow) === kind))))
}

function describeOne(kind: string, { rows, perToken, firstToken }: ErrorSummary): string {
  const first = firstToken ? `${percent(firstToken.median)} ${percent(firstToken.p90)}` : '      -       -'
  return `${kind.padEnd(44)} ${String(rows).padStart(4)}   ${percent(perToken.median)} ${percent(perToken.p90)}   ${first}`
}

export const errorHeader = `${''.padEnd(44)} rows   TPOT median   p90   TTFT median   p90`

function percent(share: number): string {
  return `${(100 * share).toFixed(1).padStart(6)}%`
}
