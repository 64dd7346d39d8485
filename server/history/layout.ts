import { framedPools, type FleetView } from '../../simulation/index'
import { groups, metrics, type Fold, type Group } from './metrics'

/** Members of each group: families, workloads, pools and flows of a fleet; 1 for the fleet itself. */
export type Members = Record<Group, number>

/** Where each figure of a frame stands in a row: metric by metric, member by member. */
export interface Layout {
  members: Members
  /** Figures of a row. */
  width: number
  /** Bytes of a row; whole numbers of eight. */
  bytes: number
  /** First column of a metric; its members follow. */
  columnOf: (group: Group, metric: string) => number
  /** By column: how it is folded, and the column that it is weighed by, -1 for none. */
  folds: readonly Exclude<Fold, object>[]
  weights: Int32Array
}

/** Doubles ahead of the figures: sequence, time, window, revision, number of mirrors (-1: none set), totals. */
export const headLength = 17
/** So many mirrors are kept; there is a handful at most. */
const keptMirrors = 8

export function membersOf({ families, workloads, pools, flows }: FleetView): Members {
  return {
    fleet: 1,
    families: families.length,
    workloads: workloads.length,
    pools: Math.min(framedPools, pools.length),
    flows: flows.filter(({ pool }) => pool < framedPools).length,
    mirrors: keptMirrors,
    familyFlows: pools.length > framedPools ? workloads.length * families.length : 0,
  }
}

export function createLayout(members: Members): Layout {
  const columns = new Map<string, number>()
  const folds: Exclude<Fold, object>[] = []
  const weighed: { column: number; by: string }[] = []
  for (const group of groups) {
    for (const [metric, fold] of Object.entries<Fold>(metrics[group])) {
      columns.set(`${group} ${metric}`, folds.length)
      for (let member = 0; member < members[group]; member++) {
        if (typeof fold === 'object') weighed.push({ column: folds.length, by: `${group} ${fold.by}` })
        folds.push(typeof fold === 'object' ? 'mean' : fold)
      }
    }
  }
  const columnOf = (group: Group, metric: string) => columns.get(`${group} ${metric}`) ?? missing(group, metric)
  const weights = new Int32Array(folds.length).fill(-1)
  for (const { column, by } of weighed) {
    const own = [...columns.values()].findLast(first => first <= column) ?? 0
    weights[column] = (columns.get(by) ?? own) + column - own
  }
  const width = folds.length
  return { members, width, bytes: headLength * 8 + Math.ceil(width / 2) * 8, columnOf, folds, weights }
}

function missing(group: Group, metric: string): never {
  throw new Error(`history: there is no ${metric} of ${group}`)
}
