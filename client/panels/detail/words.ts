/** A pool and its replicas in words. */
import type { Detail } from '../../../server/protocol'
import type { FleetView, PoolView, ReplicaCondition } from '../../../simulation/index'
import { digits, grouped } from '../../format'

export function poolWords(pool: PoolView, detail: Detail | null) {
  const modelled = pool.basis === 'modelled' || pool.basis === 'estimate'
  const parallel = detail && parallelWords(detail)
  return {
    of: [pool.modelName, `${digits('count', pool.replicas)} × ${chipsWords(pool)}`].join(' · '),
    made: [pool.chipName, pool.precision, pool.engine, parallel, pool.zone].filter(Boolean).join(' · ') + ' ·',
    basis: modelled ? 'figures are modelled' : 'figures rest on measurements',
    modelled,
  }
}

/** Whether a pool serves requests: the time of a training job is no latency. */
export function servesRequests({ flows, workloads }: FleetView, pool: number): boolean {
  return flows.some(flow => flow.pool === pool && workloads[flow.workload]?.kind !== 'training')
}

/** How a replica is, with how many of its chips are gone. */
export function conditionWords(condition: ReplicaCondition, chips: number | null | undefined): string {
  if (!chips) return condition
  return `${condition}, ${grouped(chips)} ${chips === 1 ? 'chip' : 'chips'}`
}

/** Trouble that is to be seen: what serves less than it should. */
export const troubled: readonly ReplicaCondition[] = ['lost', 'stuck', 'stopped', 'throttled']

function chipsWords({ chips, replicas, chipName }: PoolView): string {
  const each = replicas > 0 ? chips / replicas : 0
  return `${grouped(each)} ${chipName}`
}

function parallelWords({ chip }: Detail): string | null {
  const { tensor, pipeline, data, expert } = chip.parallel
  const parts = [
    ['TP', tensor],
    ['PP', pipeline],
    ['DP', data],
    ['EP', expert],
  ] as const
  const more = parts.filter(([, size]) => size > 1)
  return more.length === 0 ? null : more.map(([name, size]) => `${name}${size}`).join(' ')
}
