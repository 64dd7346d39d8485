import { chips } from './chips'
import type { Basis } from './source'

/**
 * Power of one chip as parts of its limit: watts = limit · (idle + compute · computeUtilisation + memory ·
 * memoryUtilisation), at most the limit. Utilisations are of the dense peak and of the memory bandwidth.
 */
export interface PowerModel {
  chip: string
  /** Drawn by a serving engine with nothing to do, extrapolated: a chip without any engine is not in the data. */
  idle: number
  compute: number
  memory: number
  basis: Basis
  /** Chip whose parts these are, where this one has no measurement. */
  inheritedFrom?: string
  source: string
  date: string
  /** Median relative error on the rows of the fit. */
  error?: { power: number; rows: number }
}

const leaderboard = 'ML.ENERGY benchmark v3, lm-arena-chat (Apache-2.0), power of the GPUs alone by batch size'

const h100: PowerModel = {
  chip: 'h100',
  idle: 0.5,
  compute: 1.62,
  memory: 0.2,
  basis: 'measured',
  source: leaderboard,
  date: '2025',
  error: { power: 0.057, rows: 69 },
}

const b200: PowerModel = {
  chip: 'b200',
  idle: 0.36,
  compute: 1.77,
  memory: 0.78,
  basis: 'measured',
  source: leaderboard,
  date: '2025',
  error: { power: 0.057, rows: 61 },
}

/** Power model of a chip: its own, or that of its nearest measured relative, marked as modelled. */
export function findPower(chip: string): PowerModel | undefined {
  const family = chips[chip]?.family
  if (!family) return undefined
  const parent = family === 'blackwell' || family === 'rubin' ? b200 : h100
  if (chip === parent.chip) return parent
  const source = `no public measurement; parts of ${chips[parent.chip]?.name ?? parent.chip}`
  return { ...parent, chip, basis: 'modelled', inheritedFrom: parent.chip, source, error: undefined }
}
