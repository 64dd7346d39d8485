import { blockSize, chipOf, kvBlocks, modelOf, residentWeights } from '../catalog/lookup'
import type { Fleet, Pool } from '../catalog/fleets'
import { kvBytesPerToken } from '../catalog/models'
import { f64, i32 } from '../columns'
import { conditionOf } from '../faults/condition'
import { withoutRdma } from '../faults/links'
import type { PoolState } from '../serving/pool'
import type { PoolPower } from '../serving/power'
import type { Simulation } from '../simulation'
import { rounded } from './columns'
import type { Figure } from './frame'
import { poolGrowth, windowLength } from './telemetry'

/** A chip of a pool as the others of it are: what it has, what fills its memory, what it draws and what its links carry. */
export interface ChipDetail {
  perReplica: number
  parallel: Record<'tensor' | 'pipeline' | 'data' | 'expert', number>
  /** Dense peak at the precision of the pool [FLOP/s]; `null` where nobody publishes one. */
  peakFlops: Figure
  /** [bytes/s] */
  memoryBandwidth: number
  /** [bytes]; what weights take of a training job is not known. */
  memory: {
    total: number
    weights: Figure
    /** KV cache there is room for. */
    kv: Figure
    /** Kept free for activations and buffers. */
    reserved: number
  }
  /** With its share of the system and of the data centre [W]: mean of the window, at the limit, and at the cap if there is one. */
  power: Record<'now' | 'limit' | 'cap', Figure>
  /** Mean share of the full clock. */
  clock: number
  /** One way [bytes/s]; `null` where nobody publishes it. */
  scaleUp: { bandwidth: Figure; chips: number | null }
  /** The same of the network card, and what faults leave of it; whether RDMA works. */
  scaleOut: { bandwidth: Figure; left: Figure; rdma: boolean }
  /** KV cache that comes from other pools, over the window [bytes/s]; transfers to and from the pool that are under way. */
  arriving: number
  transfers: number
}

/** Reads only; transfers are those that are known where the pool is simulated. */
export function chipDetail(simulation: Simulation, pool: PoolState): ChipDetail {
  const { fleet } = simulation.scenario
  const own = fleet.pools[pool.index]
  if (!own) throw new Error(`no pool ${pool.index}`)
  const chip = chipOf(fleet, own)
  const { telemetry, health, flows, network } = simulation.fleet
  const { lostRdma, slowdown } = conditionOf(simulation.faults, pool)
  const seconds = windowLength(telemetry)
  const grown = (counter: 'energy' | 'transferred'): number =>
    seconds > 0 ? poolGrowth(telemetry, counter, pool.index) / seconds : 0
  const lit = (pool.replicas - i32(health.dark, pool.index)) * pool.chipsPerReplica
  const { tensorParallel: tensor, pipelineParallel: pipeline, dataParallel: data, expertParallel: expert } = own
  const slowed = chip.scaleOutBandwidth && chip.scaleOutBandwidth / slowdown
  return {
    perReplica: pool.chipsPerReplica,
    parallel: { tensor, pipeline, data, expert },
    peakFlops: chip.peakFlops[own.precision] ?? null,
    memoryBandwidth: chip.memoryBandwidth,
    memory: memoryOf(fleet, own, pool),
    power: powerOf(pool.power, lit > 0 ? grown('energy') / lit : null, f64(health.cap, pool.index)),
    clock: f64(health.clock, pool.index),
    scaleUp: { bandwidth: chip.scaleUpBandwidth, chips: chip.scaleUpDomain },
    scaleOut: {
      bandwidth: chip.scaleOutBandwidth,
      left: lostRdma ? Math.min(slowed ?? Infinity, withoutRdma.value) : slowed,
      rdma: !lostRdma,
    },
    arriving: grown('transferred'),
    transfers: network.transfers.filter(({ from, flow }) => from === pool.index || i32(flows.pool, flow) === pool.index)
      .length,
  }
}

function memoryOf(fleet: Fleet, own: Pool, pool: PoolState): ChipDetail['memory'] {
  const chips = pool.chipsPerReplica
  const total = chipOf(fleet, own).memory
  const reserved = total * (1 - own.memoryFraction)
  if (pool.serving.kind === 'training') return { total, weights: null, kv: null, reserved }
  const model = modelOf(fleet, own)
  const copies = model.kind === 'tokens' ? Math.max(1, own.tensorParallel / model.kvHeads) : 0
  const perBlock = model.kind === 'tokens' ? kvBytesPerToken(model) * copies * blockSize : 0
  const kv = (Math.max(0, kvBlocks(fleet, own)) * perBlock) / chips
  return { total, weights: residentWeights(fleet, own) / chips, kv, reserved }
}

function powerOf(power: PoolPower | null, now: Figure, cap: number): ChipDetail['power'] {
  if (power === null) return { now: null, limit: null, cap: null }
  const whole = (watts: number): number => (watts + power.rest) * power.pue
  return rounded({ now, limit: whole(power.limit), cap: cap < Infinity ? whole(cap) : null })
}
