/** The rows of the accelerator ledger: each figure in digits, or "–" with the cause. */
import {
  saturationLimit,
  type FamilyMetric,
  type Figure,
  type FleetView,
  type Frame,
  type Mirrors,
  type PoolMetric,
  type PoolView,
} from '../../../simulation/index'
import { digits, wholePercent, type Kind } from '../../format'
import { toldFigure, toldPools } from '../../pool-figure'
import { copiesTo } from '../../stores/mirrors'
import { replicasLeft } from '../../replicas-left'

/** Fewer samples say nothing about a 95th percentile: it is withheld. */
export const fewest = 20

/** So many chips are told in thousands, for want of room. */
const shortFrom = 100_000

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

/** Heights of the rows, from the top of the ledger [px]; by index of the fleet. */
export interface Anchors {
  families: (number | undefined)[]
  pools: (number | undefined)[]
}

/** A family with the pools that are listed below it, by index of the fleet. */
export interface ListedFamily {
  index: number
  id: FleetView['families'][number]['id']
  open: boolean
  pools: number[]
}

export interface FamilyRow extends LedgerRow {
  index: number
  id: FleetView['families'][number]['id']
  name: string
  chips: string
  share: string
  trouble: FamilyTrouble | null
}

/** What is wrong with pools of a family: how many, and which. */
export interface FamilyTrouble {
  words: string
  names: string
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

export function familyRows(fleet: FleetView, frame: Frame | null): FamilyRow[] {
  const told = frame ? toldPools(frame) : []
  return fleet.families.map((family, index): FamilyRow => {
    const tokens = frame?.families.outputTokens[index]
    const total = frame?.fleet.outputTokens
    return {
      index,
      id: family.id,
      name: family.name,
      chips: family.chips < shortFrom ? digits('count', family.chips) : digits('tokens', family.chips),
      share: typeof tokens === 'number' && total ? digits('share', tokens / total) : '–',
      ...figures(
        metric => frame?.families[metric][index],
        fleet.pools.filter(pool => pool.family === index),
      ),
      trouble:
        frame &&
        troubleOf(
          fleet,
          frame,
          told.filter(pool => fleet.pools[pool]?.family === index),
        ),
    }
  })
}

export interface PoolSource {
  /** A figure of the pool now. */
  figure: (metric: PoolMetric) => Figure
  mirrors?: Mirrors
  /** Pools of training jobs. */
  training: ReadonlySet<number>
  /** Why no figure of the pool is known; `null` where one is. */
  silent?: string | null
}

export function poolRow(fleet: FleetView, index: number, source: PoolSource): PoolRow[] {
  const pool = fleet.pools[index]
  if (!pool) return []
  const { figure, mirrors = {}, silent = null } = source
  const row = figures(figure, [pool], silent)
  const training = source.training.has(index)
  if (training) row.tokens = cell('tokens', null, null, 'a training job serves no tokens')
  return [
    {
      index,
      id: pool.id,
      place: [pool.system, pool.zone].filter(Boolean).join(', '),
      chip: pool.chipName,
      training,
      copies: copiesTo(fleet, mirrors, pool.id),
      left: replicasLeft(figure),
      ...row,
    },
  ]
}

/** Pools that serve training jobs alone. */
export function trainingPools({ flows, workloads }: FleetView): Set<number> {
  const serving = new Set(flows.flatMap(flow => (workloads[flow.workload]?.kind === 'training' ? [] : [flow.pool])))
  return new Set(flows.flatMap(({ pool }) => (serving.has(pool) ? [] : [pool])))
}

function troubleOf(fleet: FleetView, frame: Frame, pools: number[]): FamilyTrouble | null {
  const past = pools.filter(index => (toldFigure(frame, index, 'saturation') ?? 0) >= saturationLimit)
  const short = pools.filter(index => (toldFigure(frame, index, 'available') ?? 1) < 1)
  const parts = [
    ...(past.length > 0 ? [`${past.length} past ${wholePercent(saturationLimit)}`] : []),
    ...(short.length > 0 ? [`${short.length} short of replicas`] : []),
  ]
  if (parts.length === 0) return null
  const named = (indices: number[]) => indices.map(index => fleet.pools[index]?.id).join(', ')
  const names = [
    ...(past.length > 0 ? [`past ${wholePercent(saturationLimit)} saturation: ${named(past)}`] : []),
    ...(short.length > 0 ? [`short of replicas: ${named(short)}`] : []),
  ]
  return { words: parts.join(', '), names: names.join('; ') }
}

export function halfWidth(low: Figure | undefined, high: Figure | undefined): number | null {
  return typeof low === 'number' && typeof high === 'number' ? (high - low) / 2 : null
}

/** `silent`: why none is known. */
function figures(
  figure: (metric: FamilyMetric) => Figure | undefined,
  pools: PoolView[],
  silent: string | null = null,
): LedgerRow {
  const performance = allModelled(pools, pool => (isModelled(pool.basis) ? pool.basisNote : null))
  const price = allModelled(pools, pool =>
    pool.chipHour && isModelled(pool.chipHour.basis) ? pool.chipHour.source : null,
  )
  const watts = allModelled(pools, pool =>
    pool.chipPower && isModelled(pool.chipPower.basis) ? pool.chipPower.source : null,
  )
  const noPrice = cause(pools, pool => pool.chipHour === null, 'no public price')
  const noPower = cause(pools, pool => pool.chipPower === null, 'no public power figure')
  const queries = (figure('outputTokens') ?? 0) === 0 && (figure('finished') ?? 0) > 0
  const idle = silent ?? (queries ? 'single-shot queries have no tokens' : 'no output tokens in the window')
  const saturation = figure('saturation') ?? null
  return {
    tokens: queries
      ? {
          ...cell('requests', figure('finished'), performance),
          unit: 'q/s',
          title: 'single-shot queries per second; they have no tokens',
        }
      : cell('tokens', figure('outputTokens'), performance, silent ?? 'no frame yet'),
    cost: cell('costPerMtok', figure('costPerMtok'), price ?? performance, noPrice ?? idle),
    energy: cell('energy', figure('energyPerToken'), watts ?? performance, noPower ?? idle),
    power: cell('megawatts', figure('power'), watts, noPower ?? silent ?? 'not known'),
    ttft: percentile(figure('ttftP95'), figure('ttftCount'), performance, queries, silent),
    itl: percentile(figure('itlP95'), figure('itlCount'), performance, queries, silent),
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
  silent: string | null,
): Cell {
  const samples = count ?? 0
  if (silent) return cell('milliseconds', null, null, silent)
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
