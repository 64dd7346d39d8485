/** A figure that the project holds itself to. */
export interface Benchmark {
  name: string
  unit: string
  bar: number | readonly [number, number]
  /** On which side of the bar, or between which two, the value is to lie. */
  better: 'higher' | 'lower' | 'between'
  /** Takes so long that it runs only when named. */
  long?: true
  /** `value` is held against the bar; what else is measured stands beside it. */
  measure(): Promise<Measured>
}

export interface Measured {
  value: number
  [extra: string]: unknown
}

/** Sorted copy's value below which that part of the values lies: nearest rank. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]
  if (value === undefined) throw new Error('no values were measured')
  return value
}

/** To two decimals, which is more than a machine repeats. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100
}

/** What is being measured, for those who wait. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
