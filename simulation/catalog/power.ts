import type { Basis } from './source'

/**
 * Power of a chip alone as shares of its limit: watts = limit · (idle + compute · computeUtilisation + memory ·
 * memoryUtilisation), at most the limit. Utilisations are achieved FLOP/s over the dense peak and achieved bytes/s over
 * the bandwidth; the coefficients may exceed 1, since a chip reaches its limit long before its peaks.
 */
export interface PowerModel {
  chip: string
  idle: number
  compute: number
  memory: number
  basis: Basis
  /** Chip whose shares these are, where this one has no measurement. */
  inheritedFrom?: string
  source: string
  date: string
  /** Median relative error on the rows of the fit; absent where nothing was measured. */
  error?: { power: number; rows: number }
}

const idleSource =
  'idle: nvidia-smi of H100 SXM with weights loaded, 140 of 700 W, https://github.com/wilicc/gpu-burn/issues/114 (an empty chip draws about half)'

const measured: PowerModel[] = [
  {
    chip: 'h100',
    idle: 0.2,
    compute: 2.86,
    memory: 0.629,
    basis: 'measured',
    source: `62 rows of ML.ENERGY v3, lm-arena-chat, dense models on H100 (Apache-2.0), GPU power by batch; ${idleSource}`,
    date: '2026-11',
    error: { power: 0.041, rows: 62 },
  },
  {
    chip: 'b200',
    idle: 0.2,
    compute: 2.36,
    memory: 1.22,
    basis: 'measured',
    source: `65 rows of ML.ENERGY v3, lm-arena-chat, dense models on B200 (Apache-2.0), GPU power by batch; ${idleSource}`,
    date: '2026-11',
    error: { power: 0.063, rows: 65 },
  },
]

export const powerModels: PowerModel[] = [
  ...measured,
  ...inherit('h100', [
    'h200',
    'trainium1',
    'trainium2',
    'trainium3',
    'inferentia1',
    'inferentia2',
    'groq-lpu-v1',
    'groq-3-lpu',
  ]),
  ...inherit('b200', ['gb200', 'b300', 'gb300', 'rubin']),
]

export function findPower(chip: string): PowerModel | undefined {
  return powerModels.find(model => model.chip === chip)
}

function inherit(from: string, heirs: string[]): PowerModel[] {
  const model = measured.find(({ chip }) => chip === from)
  if (!model) throw new Error(`no power measured on ${from}`)
  const { error: _, ...shares } = model
  return heirs.map(chip => ({ ...shares, chip, basis: 'modelled', inheritedFrom: from }))
}
