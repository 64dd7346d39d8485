import type { Layout } from './layout'
import { createRow, type Row } from './row'

/** Rows of a stretch of time, folded into one; see `Fold` for what it keeps of each figure. */
export interface Folder {
  add(row: Row): void
  /** The last of them; `null` before the first. */
  last(): Row | null
  /** Of all rows so far; `null` before the first. */
  row(): Row | null
  clear(): void
}

/** Of all figures of a row, or of some columns alone: the others are then NaN. */
export function createFolder(layout: Layout, columns?: readonly number[]): Folder {
  const { width, folds, weights } = layout
  const folded = columns ?? Array.from({ length: width }, (_, index) => index)
  const sums = new Float64Array(width)
  const shares = new Float64Array(width)
  let last: Row | null = null

  return { add, last: () => last, row, clear }

  function add(next: Row): void {
    const { figures } = next
    for (const column of folded) {
      const figure = figures[column] ?? NaN
      if (Number.isNaN(figure)) continue
      const before = sums[column] ?? 0
      const known = shares[column] ?? 0
      switch (folds[column]) {
        case 'highest':
          sums[column] = known > 0 ? Math.max(before, figure) : figure
          break
        case 'least':
          sums[column] = known > 0 ? Math.min(before, figure) : figure
          break
        case 'mean': {
          const weight = weightOf(figures, weights[column] ?? -1)
          sums[column] = before + figure * weight
          shares[column] = known + weight
          continue
        }
        case 'last':
        case undefined:
          continue
      }
      shares[column] = 1
    }
    last = next
  }

  function row(): Row | null {
    if (!last) return null
    const made = createRow(layout)
    made.head.set(last.head)
    made.figures.fill(NaN)
    for (const column of folded) {
      const figure = (sums[column] ?? 0) / (shares[column] ?? 0)
      made.figures[column] = folds[column] === 'last' ? (last.figures[column] ?? NaN) : figure
    }
    return made
  }

  function clear(): void {
    sums.fill(0)
    shares.fill(0)
    last = null
  }
}

/** A ratio to nothing weighs next to nothing, yet is known. */
function weightOf(figures: Float32Array, column: number): number {
  if (column < 0) return 1
  const weight = figures[column] ?? NaN
  return weight > 0 ? weight : 1e-12
}
