import type { Fleet, Pool } from '../catalog/fleets'
import { chipOf, chipsPerReplica } from '../catalog/lookup'
import { links } from '../catalog/links'
import { f64, i32 } from '../columns'
import type { PoolState } from './pool'

/** What a replica holds of a request until it has been sent. */
export interface Sent {
  replica: number
  blocks: number
  /** Key of the conversation that finds so many full ones of them afterwards, or NONE. */
  session: number
  kept: number
}

/** KV cache on its way between two replicas; the first holds its blocks until then. */
export interface Transfer extends Sent {
  /** When it has arrived [s], and whose it is. */
  end: number
  request: number
  /** Pool that it comes from, and the flow that it goes to. */
  from: number
  flow: number
}

/** A request whose prefill has ended, to be decoded elsewhere. */
export interface HandOff extends Sent {
  request: number
  time: number
}

/**
 * The fabric between replicas: their network links, a spine a zone, and what is under way. Links and spines carry one
 * transfer after another, in the order in which they start. Plain data.
 */
export interface Network {
  /** Seen from a replica, when what is sent or received now may start [s]. */
  sendFrom: Float64Array
  receiveFrom: Float64Array
  /** By zone: when the spine is free [s], and what it carries [bytes/s]. */
  spineFree: Float64Array
  spine: Float64Array
  /** By pool: its zone, its scale-up domain or -1, what a replica's links carry [bytes/s], times as slow as they should be, and the most that is left of them [bytes/s]. */
  zone: Int32Array
  domain: Int32Array
  scaleOut: Float64Array
  scaleUp: Float64Array
  slowdown: Float64Array
  limit: Float64Array
  transfers: Transfer[]
  /** Of the tick under way: requests to hand off, and requests turned away that try another route. */
  handOffs: HandOff[]
  turnedAway: number[]
}

export function createNetwork(fleet: Fleet, pools: readonly PoolState[]): Network {
  const zones = [...new Set(fleet.pools.map(({ zone }) => zone))]
  const domains = [...new Set(fleet.pools.flatMap(({ domain }) => domain ?? []))]
  const replicas = pools.reduce((sum, pool) => sum + pool.slots, 0)
  const outOf = (pool: Pool): number | null => chipOf(fleet, pool).scaleOutBandwidth
  return {
    sendFrom: new Float64Array(replicas),
    receiveFrom: new Float64Array(replicas),
    spineFree: new Float64Array(zones.length),
    spine: Float64Array.from(zones, zone => {
      const members = fleet.pools.filter(pool => pool.zone === zone)
      return (
        members.reduce((sum, pool) => sum + (outOf(pool) ?? 0) * chipsPerReplica(pool) * pool.replicas, 0) /
        (fleet.oversubscription ?? 1)
      )
    }),
    zone: Int32Array.from(fleet.pools, pool => zones.indexOf(pool.zone)),
    domain: Int32Array.from(fleet.pools, ({ domain }) => (domain === undefined ? -1 : domains.indexOf(domain))),
    // where nobody tells a link's bandwidth, the other end sets the pace
    scaleOut: Float64Array.from(fleet.pools, pool => (outOf(pool) ?? Infinity) * chipsPerReplica(pool)),
    scaleUp: Float64Array.from(
      fleet.pools,
      pool => (chipOf(fleet, pool).scaleUpBandwidth ?? Infinity) * chipsPerReplica(pool),
    ),
    slowdown: new Float64Array(fleet.pools.length).fill(1),
    limit: new Float64Array(fleet.pools.length).fill(Infinity),
    transfers: [],
    handOffs: [],
    turnedAway: [],
  }
}

/** Two ends of a transfer: pool and replica. */
export interface End {
  pool: PoolState
  replica: number
}

/** Sends so many bytes from one replica to another in its zone, ready at a time [s]; returns when they have arrived. */
export function transfer(network: Network, from: End, to: End, bytes: number, ready: number): number {
  const [a, b] = [from.pool.index, to.pool.index]
  const domain = i32(network.domain, a)
  const near = domain >= 0 && domain === i32(network.domain, b)
  const link = near ? links.scaleUp : links.scaleOut
  const width = near ? network.scaleUp : network.scaleOut
  const slowdown = near ? 1 : Math.max(f64(network.slowdown, a), f64(network.slowdown, b))
  const limit = near ? Infinity : Math.min(f64(network.limit, a), f64(network.limit, b))
  const rate = Math.min(limit, (Math.min(f64(width, a), f64(width, b)) * link.efficiency.value) / slowdown)
  const start = Math.max(ready, f64(network.sendFrom, from.replica), f64(network.receiveFrom, to.replica))
  const sent = start + bytes / rate
  network.sendFrom[from.replica] = sent
  network.receiveFrom[to.replica] = sent
  if (near) return sent + link.latency.value
  const zone = i32(network.zone, a)
  const carried = Math.max(f64(network.spineFree, zone), start) + bytes / f64(network.spine, zone)
  network.spineFree[zone] = carried
  return Math.max(sent, carried) + link.latency.value
}
