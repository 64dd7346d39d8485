/** Errors of predictions for each row, made by a fit to the rows of all other groups. */
export function heldOutErrors<Row, Fit, Errors>(
  rows: readonly Row[],
  groupOf: (row: Row) => string,
  fit: (rows: readonly Row[]) => Fit,
  errorOf: (row: Row, fit: Fit) => Errors,
): Errors[] {
  const fits = new Map<string, Fit>()
  for (const group of new Set(rows.map(groupOf))) {
    fits.set(group, fit(rows.filter(row => groupOf(row) !== group)))
  }
  return rows.map(row => errorOf(row, fits.get(groupOf(row)) as Fit))
}

/** Median of the absolute values; NaN of none. */
export function medianError(errors: readonly number[]): number {
  return quantileError(errors, 0.5)
}

export function quantileError(errors: readonly number[], part: number): number {
  return quantile(errors.map(Math.abs), part)
}

/** Linear between the two nearest values; NaN of none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const place = part * (sorted.length - 1)
  const low = sorted[Math.floor(place)] ?? NaN
  return low + ((sorted[Math.ceil(place)] ?? NaN) - low) * (place - Math.floor(place))
}

/** Three significant digits, as a catalog holds them. */
export function round(value: number): number {
  return Number(value.toPrecision(3))
}
