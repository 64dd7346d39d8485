import type { Fleet, Pool } from '../catalog/fleets'
import { chipsPerReplica, findChip, namesOf } from '../catalog/lookup'
import { chipsPerHost } from '../catalog/storage'
import { findSystem } from '../catalog/systems'
import type { Refusal } from '../routing/routing'

/** What goes wrong. Replicas and nodes are counted from 0 within their pool. */
export type Failing =
  /** A chip of a replica: it loses its memory and serves no more until it is repaired and has loaded its weights. */
  | { kind: 'chip-loss'; pool: string; replica: number }
  /** A node or rack with all replicas that have chips in it. */
  | { kind: 'node-loss'; pool: string; node: number }
  /** Heat: a replica, or all of the pool, at this share of the full clock; without one, the clock of an overheated chip. */
  | { kind: 'throttling'; pool: string; replica?: number; clock?: number }
  /** Chips of the pool draw no more than this [W]; their clocks follow. */
  | { kind: 'power-cap'; pool: string; watts: number }
  /** Network links of the pool carry so many times less. */
  | { kind: 'slow-link'; pool: string; factor: number }
  /** Network links of the pool fall back on TCP. */
  | { kind: 'lost-rdma'; pool: string }
  /** This share of the requests sent to the pool fails with an error at once. */
  | { kind: 'bad-deploy'; pool: string; share: number }
  /** A replica takes requests and makes no progress until it is restarted. */
  | { kind: 'stuck'; pool: string; replica: number }
  /** A chip-hour costs this much [$/h]. */
  | { kind: 'chip-price'; chip: string; hour: number }
  /** Electricity costs this much [$/J]. */
  | { kind: 'electricity-price'; price: number }

/** A fault by the name that it is cleared with; it ends by itself after its duration [s], where it has one. */
export type Fault = Failing & { id: string; duration?: number }

/** A fault that comes at a time of the run [s]. */
export type ScheduledFault = Fault & { at: number }

/** Why a fault cannot befall a fleet, or `null` if it can. */
export function checkFault(fleet: Fleet, fault: Fault): Refusal | null {
  if (fault.id === '') return { field: 'id', value: fault.id, expected: 'a name' }
  if (fault.duration !== undefined && !(fault.duration > 0)) {
    return { field: 'duration', value: fault.duration, expected: 'seconds above 0' }
  }
  if (fault.kind === 'chip-price') {
    if (!findChip(fleet, fault.chip)) {
      return { field: 'chip', value: fault.chip, expected: `one of ${namesOf(fleet.chips, 'chips')}` }
    }
    return checkNumber('hour', fault.hour, hour => hour >= 0, 'dollars an hour, 0 or more')
  }
  if (fault.kind === 'electricity-price') {
    return checkNumber('price', fault.price, price => price >= 0, 'dollars a joule, 0 or more')
  }
  const pool = fleet.pools.find(({ id }) => id === fault.pool)
  if (!pool)
    return { field: 'pool', value: fault.pool, expected: `one of ${fleet.pools.map(({ id }) => id).join(', ')}` }
  return checkInPool(fleet, pool, fault)
}

/** The same of the faults that a fleet schedules. */
export function checkFaults(fleet: Fleet): Refusal | null {
  for (const [index, fault] of (fleet.faults ?? []).entries()) {
    const field = `faults[${index}]`
    const twin = fleet.faults?.findIndex(({ id }) => id === fault.id) ?? index
    if (twin < index) return { field: `${field}.id`, value: fault.id, expected: 'an id that no other fault has' }
    const refusal =
      checkNumber('at', fault.at, at => at >= 0, 'seconds from the start, 0 or more') ?? checkFault(fleet, fault)
    if (refusal) return { ...refusal, field: `${field}.${refusal.field}` }
  }
  return null
}

/** Replicas of a pool that have chips in a node, counted from 0; replicas lie on the nodes one behind the other. */
export function replicasOfNode(pool: Pick<Pool, 'chip'>, perReplica: number, present: number, node: number): number[] {
  const size = chipsPerNode(pool, perReplica)
  const first = Math.floor((node * size) / perReplica)
  const last = Math.min(present, Math.ceil(((node + 1) * size) / perReplica))
  return Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i)
}

/** Nodes that so many replicas of a pool lie on. */
export function nodesOf(pool: Pick<Pool, 'chip'>, perReplica: number, present: number): number {
  return Math.ceil((present * perReplica) / chipsPerNode(pool, perReplica))
}

/** Chips of a replica that lie in a node. */
export function chipsInNode(pool: Pick<Pool, 'chip'>, perReplica: number, replica: number, node: number): number {
  const size = chipsPerNode(pool, perReplica)
  const end = Math.min((replica + 1) * perReplica, (node + 1) * size)
  return Math.max(0, end - Math.max(replica * perReplica, node * size))
}

/** Chips of a node or rack of a pool; of a host, or the replica, where no system is known. */
function chipsPerNode({ chip }: Pick<Pool, 'chip'>, perReplica: number): number {
  return findSystem(chip)?.chips ?? Math.max(chipsPerHost, perReplica)
}

function checkInPool(
  fleet: Fleet,
  pool: Pool,
  fault: Exclude<Fault, { kind: 'chip-price' | 'electricity-price' }>,
): Refusal | null {
  const count = Math.max(pool.replicas, pool.capacity ?? 0)
  const whole = (field: string, value: number, below: number): Refusal | null =>
    checkNumber(
      field,
      value,
      () => Number.isInteger(value) && value >= 0 && value < below,
      `a whole number from 0 to ${below - 1}`,
    )
  switch (fault.kind) {
    case 'chip-loss':
    case 'stuck':
      return whole('replica', fault.replica, count)
    case 'node-loss':
      return whole('node', fault.node, nodesOf(pool, chipsPerReplica(pool), count))
    case 'throttling':
      return (
        (fault.replica === undefined ? null : whole('replica', fault.replica, count)) ??
        checkNumber(
          'clock',
          fault.clock ?? 1,
          clock => clock > 0 && clock <= 1,
          'a share of the full clock, above 0 up to 1',
        )
      )
    case 'power-cap':
      return checkCap(fleet, pool, fault.watts)
    case 'slow-link':
      return checkNumber('factor', fault.factor, factor => factor >= 1, 'how many times slower, 1 or more')
    case 'bad-deploy':
      return checkNumber('share', fault.share, share => share >= 0 && share <= 1, 'a number from 0 to 1')
    case 'lost-rdma':
      return null
  }
}

function checkCap(fleet: Fleet, pool: Pool, watts: number): Refusal | null {
  if (findChip(fleet, pool.chip)?.powerLimit === null) {
    return {
      field: 'pool',
      value: pool.id,
      expected: `a pool whose chip has a public power limit; ${pool.chip} has none`,
    }
  }
  return checkNumber('watts', watts, value => value > 0, 'watts above 0')
}

function checkNumber(
  field: string,
  value: number,
  isFine: (value: number) => boolean,
  expected: string,
): Refusal | null {
  return Number.isFinite(value) && isFine(value) ? null : { field, value, expected }
}
