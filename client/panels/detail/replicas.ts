/** Rows of the list of replicas, and all of them in a few words. */
import type { Detail } from '../../../server/protocol'
import { digits } from '../../format'
import { conditionWords, troubled } from './words'

export interface ReplicaRow {
  replica: number
  condition: string
  /** Of the condition: gone, past what it should be, or nothing to be said of it. */
  trouble: 'gone' | 'trouble' | 'quiet'
  /** Running, queue, KV, cached, step, clock. */
  cells: string[]
}

/** The replica at a place in the order; `null` where it is not told. */
export function replicaRow({ shown, from }: Detail['replicas'], place: number): ReplicaRow | null {
  const row = place - from
  const replica = shown.replica[row]
  const condition = shown.condition[row]
  if (replica === undefined || condition === undefined) return null
  return {
    replica,
    condition: conditionWords(condition, shown.chipsLost[row]),
    trouble: condition === 'lost' ? 'gone' : troubled.includes(condition) ? 'trouble' : 'quiet',
    cells: [
      digits('count', shown.running[row]),
      digits('count', shown.waiting[row]),
      digits('level', shown.kvUse[row]),
      digits('level', shown.kvCached[row]),
      digits('milliseconds', shown.stepTime[row]),
      digits('level', shown.clock[row]),
    ],
  }
}

/** "2 lost, 14 serving": the worst first. */
export function summaryOf({ total, conditions }: Detail['replicas']): string {
  const parts = Object.entries(conditions).map(([condition, count]) => `${digits('count', count)} ${condition}`)
  return parts.length === 0 ? `${digits('count', total)}` : parts.join(', ')
}
