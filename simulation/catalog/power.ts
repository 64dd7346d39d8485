import type { Basis, Fact } from './source'

/**
 * Power of a chip alone as shares of its limit (see serving/power.ts): what it draws idle, what more while a step is under
 * way, with a dense model, at full memory traffic, and at full traffic with full matrix rows. They may add to more than 1,
 * since a chip reaches its limit before its peaks.
 */
export interface PowerModel {
  chip: string
  idle: number
  active: number
  dense: number
  memory: number
  compute: number
  basis: Basis
  /** Chip whose shares these are, where this one has no measurement. */
  inheritedFrom?: string
  source: string
  date: string
  /** Median relative errors on the rows of the fit, and on those of a model that the fit did not see. */
  error?: { power: number; heldOut: number; rows: number }
  /** Relative width to either side that an inherited figure should be given. */
  spread?: number
}

const idleSource =
  'idle: nvidia-smi of H100 SXM with weights loaded, 140 of 700 W, https://github.com/wilicc/gpu-burn/issues/114 (an empty chip draws about half)'
const mlEnergy = (rows: number, chip: string) =>
  `${rows} rows of ML.ENERGY v3, lm-arena-chat, on ${chip} (Apache-2.0), GPU power by batch; prompts taken as 100 tokens; ${idleSource}`

const measured: PowerModel[] = [
  {
    chip: 'h100',
    idle: 0.2,
    active: 0.208,
    dense: 0.0968,
    memory: 0.109,
    compute: 0.937,
    basis: 'measured',
    source: mlEnergy(161, 'H100'),
    date: '2026-11',
    error: { power: 0.051, heldOut: 0.068, rows: 161 },
  },
  {
    chip: 'b200',
    idle: 0.2,
    active: 0.175,
    dense: 0,
    memory: 0.699,
    compute: 0.943,
    basis: 'measured',
    source: mlEnergy(139, 'B200'),
    date: '2026-11',
    error: { power: 0.036, heldOut: 0.041, rows: 139 },
  },
]

/** Median error of the shares of one measured chip on the rows of the other, the worse way round. */
const transferError = 0.25

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

/** How clocks and power hang together where a cap or heat lowers them. */
export const clocks = {
  /** Tokens in a step with which half of the matrix units' power is drawn. */
  halfFilled: {
    value: 110,
    basis: 'measured',
    source: 'fitted with the shares of H100 and B200 to the rows of ML.ENERGY v3, lm-arena-chat',
    date: '2026-11',
  },
  /** Share of the full voltage below which a chip does not go; above it voltage follows the clock. */
  lowestVoltage: {
    value: 0.85,
    basis: 'estimate',
    source:
      'fitted to a sweep of power limits, prefill by limit, six RTX 3090: https://llmgarage.ai/power-limit-tokens-per-second-benchmark',
    date: '2026-02',
    note: 'no such sweep of a data-centre chip was found',
  },
  /** Share of the full clock below which a chip does not go. */
  lowest: {
    value: 0.1,
    basis: 'estimate',
    source: 'assumed; drivers allow a small part of the full clock',
    date: '2026-11',
  },
  /** Share of the full clock at which the hardware protects itself from heat. */
  overheated: {
    value: 0.5,
    basis: 'vendor',
    source:
      'NVML, HW thermal slowdown: core clocks fall by a factor of 2 or more, https://docs.nvidia.com/deploy/nvml-api/group__nvmlClocksEventReasons.html',
    date: '2025',
  },
} satisfies Record<string, Fact>

export function findPower(chip: string): PowerModel | undefined {
  return powerModels.find(model => model.chip === chip)
}

function inherit(from: string, heirs: string[]): PowerModel[] {
  const model = measured.find(({ chip }) => chip === from)
  if (!model) throw new Error(`no power measured on ${from}`)
  const { error: _, ...shares } = model
  return heirs.map(chip => ({ ...shares, chip, basis: 'modelled', inheritedFrom: from, spread: transferError }))
}
