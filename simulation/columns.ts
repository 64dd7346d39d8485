/**
 * Reading and adding to one entry of a column. The index comes from the layout that owns the column, so it is in range;
 * one function per kind keeps the call sites of the engine fast.
 */
export function i32(column: Int32Array, index: number): number {
  return column[index] as number
}

export function f64(column: Float64Array, index: number): number {
  return column[index] as number
}

export function addI32(column: Int32Array, index: number, amount: number): void {
  column[index] = (column[index] as number) + amount
}

export function addF64(column: Float64Array, index: number, amount: number): void {
  column[index] = (column[index] as number) + amount
}

/** The same for plain arrays of records; throws if there is no such entry. */
export function at<Entry>(entries: readonly Entry[], index: number): Entry {
  const entry = entries[index]
  if (entry === undefined) throw new RangeError(`no entry ${index} among ${entries.length}`)
  return entry
}
