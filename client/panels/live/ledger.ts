/** The rows of the accelerator ledger: each figure in digits, or "–" with the cause. */
import type { Figure, FleetView, Frame, Mirrors, PoolView } from '../../../simulation/index'
import { digits, type Kind } from '../../format'
import { saturationLimit } from '../../charts/families'
import { copiesTo } from '../../stores/mirrors'
import { replicasLeft } from '../../replicas-left'

/** Fewer samples say nothing about a 95th percentile: it is withheld. */
export const fewest = 20

export interface Cell {
  value: string
  /** Prefix or unit that the head does not name, set apart. */
  unit: string
  modelled: boolean
  /** Why it is modelled or unknown. */
  title: string | undefined
}

export interface LedgerRow {
  tokens: Cell
  cost: Cell
  energy: Cell
  power: Cell
  ttft: Cell
  itl: Cell
  saturation: Figure
  saturationText: string
  past: boolean
}

export interface FamilyRow extends LedgerRow {
  index: number
  id: FleetView['families'][number]['id']
  name: string
  chips: string
  share: string
  pools: PoolRow[]
}

export interface PoolRow extends LedgerRow {
  index: number
  id: string
  /** Where the chips stand, in words: the system if it is known, and the zone. */
  place: string
  chip: string
  training: boolean
  /** Of which workloads it gets copies, in words. */
  copies: string | null
  /** Replicas that serve, where some are lost. */
  left: string | null
}

export function ledgerRows(fleet: FleetView, frame: Frame | null, mirrors: Mirrors = {}): FamilyRow[] {
  return fleet.families.map((family, index): FamilyRow => {
    const members = fleet.pools.map((pool, at) => ({ pool, at })).filter(({ pool }) => pool.family === index)
    const pools = members.map(({ pool }) => pool)
    const tokens = frame?.families.outputTokens[index]
    const total = frame?.fleet.outputTokens
    return {
      index,
      id: family.id,
      name: family.name,
      chips: digits('count', family.chips),
      share: typeof tokens === 'number' && total ? digits('share', tokens / total) : '–',
      ...figures(frame?.families, index, pools),
      pools: members.map(({ pool, at }) => poolRow(fleet, frame, pool, at, mirrors)),
    }
  })
}

function poolRow(fleet: FleetView, frame: Frame | null, pool: PoolView, index: number, mirrors: Mirrors): PoolRow {
  const row = figures(frame?.pools, index, [pool])
  const routes = fleet.flows.filter(flow => flow.pool === index)
  const training = routes.every(flow => fleet.workloads[flow.workload]?.kind === 'training')
  if (training) row.tokens = cell('tokens', null, null, 'a training job serves no tokens')
  return {
    index,
    id: pool.id,
    place: [pool.system, pool.zone].filter(Boolean).join(', '),
    chip: pool.chipName,
    training,
    copies: copiesTo(fleet, mirrors, pool.id),
    left: replicasLeft(frame, index),
    ...row,
  }
}

export function halfWidth(low: Figure | undefined, high: Figure | undefined): number | null {
  return typeof low === 'number' && typeof high === 'number' ? (high - low) / 2 : null
}

function figures(columns: Frame['families'] | undefined, row: number, pools: PoolView[]): LedgerRow {
  const performance = allModelled(pools, pool => (isModelled(pool.basis) ? pool.basisNote : null))
  const price = allModelled(pools, pool =>
    pool.chipHour && isModelled(pool.chipHour.basis) ? pool.chipHour.source : null,
  )
  const watts = allModelled(pools, pool =>
    pool.chipPower && isModelled(pool.chipPower.basis) ? pool.chipPower.source : null,
  )
  const noPrice = cause(pools, pool => pool.chipHour === null, 'no public price')
  const noPower = cause(pools, pool => pool.chipPower === null, 'no public power figure')
  const queries = (columns?.outputTokens[row] ?? 0) === 0 && (columns?.finished[row] ?? 0) > 0
  const idle = queries ? 'single-shot queries have no tokens' : 'no output tokens in the window'
  const saturation = columns?.saturation[row] ?? null
  return {
    tokens: queries
      ? {
          ...cell('requests', columns?.finished[row], performance),
          unit: 'q/s',
          title: 'single-shot queries per second; they have no tokens',
        }
      : cell('tokens', columns?.outputTokens[row], performance, 'no frame yet'),
    cost: cell('costPerMtok', columns?.costPerMtok[row], price ?? performance, noPrice ?? idle),
    energy: cell('energy', columns?.energyPerToken[row], watts ?? performance, noPower ?? idle),
    power: cell('megawatts', columns?.power[row], watts, noPower ?? 'not known'),
    ttft: percentile(columns?.ttftP95[row], columns?.ttftCount[row], performance, queries),
    itl: percentile(columns?.itlP95[row], columns?.itlCount[row], performance, queries),
    saturation,
    saturationText: digits('level', saturation),
    past: saturation !== null && saturation >= saturationLimit,
  }
}

function cell(kind: Kind, figure: Figure | undefined, modelled: string | null, why?: string): Cell {
  const words = digits(kind, figure)
  const [value = words, unit = ''] = words.split(/\u202f(?=[kM]$)/)
  const known = typeof figure === 'number'
  return { value, unit, modelled: known && modelled !== null, title: known ? (modelled ?? undefined) : why }
}

function percentile(
  figure: Figure | undefined,
  count: Figure | undefined,
  modelled: string | null,
  queries: boolean,
): Cell {
  const samples = count ?? 0
  if (queries) return cell('milliseconds', null, null, 'single-shot queries have no tokens')
  if (samples < fewest) {
    const why = `withheld: ${digits('count', samples)} samples, at least ${fewest} needed`
    return { ...cell('milliseconds', null, null, why), unit: samples > 0 ? ` n ${digits('count', samples)}` : '' }
  }
  return cell('milliseconds', figure, modelled, 'withheld')
}

/** Why a figure over these pools is modelled; `null` if one of them at least is observed. */
function allModelled(pools: PoolView[], why: (pool: PoolView) => string | null): string | null {
  const causes = pools.map(why)
  return causes.length > 0 && causes.every(cause => cause !== null) ? [...new Set(causes)].join('; ') : null
}

function isModelled(basis: PoolView['basis']): boolean {
  return basis === 'modelled' || basis === 'estimate'
}

function cause(pools: PoolView[], holds: (pool: PoolView) => boolean, words: string): string | null {
  const without = pools.filter(holds)
  if (without.length === 0) return null
  return `${words} of ${[...new Set(without.map(pool => pool.chipName))].join(', ')}`
}
