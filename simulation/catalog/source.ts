/** How a figure came to be. A modelled one was never observed: it is inherited or computed. */
export type Basis = 'measured' | 'vendor' | 'list price' | 'estimate' | 'modelled'

/** Where a figure comes from; every figure in the catalog has one. */
export interface Source {
  basis: Basis
  /** Document, page or file in words, or its address. */
  source: string
  /** Date of the source or of reading it, ISO 8601 as far as known: 2026-09-18, 2026-09 or 2024. */
  date: string
  note?: string
}

/** A single figure with its source. */
export interface Fact extends Source {
  value: number
}
