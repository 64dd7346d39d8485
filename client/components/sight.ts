/** Which rows of a list are in sight. Pure. */

/** From the first to the one after the last. */
export interface Sight {
  first: number
  end: number
}

export interface RowList {
  /** Where the first row begins, on the screen [px]. */
  top: number
  height: number
  count: number
}

/** A list so short is drawn whole, and its rows are there for whoever searches the page. */
export const fewRows = 40

/** Rows that a stretch of the screen shows, and so many more on either side. */
export function rowsWithin({ top, height, count }: RowList, clip: { top: number; bottom: number }, spare = 0): Sight {
  const within = (row: number) => Math.min(count, Math.max(0, row))
  const first = within(Math.floor((clip.top - top) / height) - spare)
  return { first, end: Math.max(first, within(Math.ceil((clip.bottom - top) / height) + spare)) }
}
