/** A chip of a pool in words: of the replica that is chosen, or as the chips of the pool are on the mean. */
import type { Detail } from '../../../server/protocol'
import { digits, grouped, text, wholePercent } from '../../format'
import { troubled } from './words'

export interface MemoryPart {
  name: string
  kind: 'weights' | 'used' | 'cached' | 'free' | 'reserved'
  /** Of the memory. */
  share: number
  words: string
}

export interface ChipLine {
  name: string
  words: string
  note: string
  trouble: boolean
  modelled: boolean
}

/** Its chips one by one, whether they are lost, and how it is. */
export function chipsOf({ replicas, chip }: Detail) {
  const { chosen } = replicas
  const condition = chosen.condition[0]
  const gone = chosen.chipsLost[0] ?? 0
  const each = `${digits('count', chip.perReplica)} ${chip.perReplica === 1 ? 'chip' : 'chips'}`
  const how = gone > 0 ? `, ${digits('count', gone)} of ${each}` : ` · ${each}`
  return {
    lost: Array.from({ length: chip.perReplica }, (_, index) => index < gone),
    words: condition ? condition + how : `${each} in each replica; choose one above`,
    trouble: condition === 'lost' ? 'gone' : condition && troubled.includes(condition) ? 'trouble' : '',
  }
}

/** Nothing where it is not known what the memory is filled with. */
export function memoryParts({ chip, replicas, figures }: Detail): MemoryPart[] {
  const { total, weights, kv, reserved } = chip.memory
  if (weights === null || kv === null) return []
  const { chosen } = replicas
  const one = chosen.replica.length > 0
  const used = kv * ((one ? chosen.kvUse[0] : figures.kvUse) ?? 0)
  const cached = one ? Math.min(kv - used, kv * (chosen.kvCached[0] ?? 0)) : 0
  const parts: [MemoryPart['kind'], string, number][] = [
    ['weights', 'weights', weights],
    ...(kv > 0
      ? ([
          ['used', 'KV cache in use', used],
          ...(one ? ([['cached', 'kept prefixes', cached]] as const) : []),
          ['free', 'free KV cache', kv - used - cached],
        ] as [MemoryPart['kind'], string, number][])
      : []),
    ['reserved', 'kept free', Math.max(0, total - weights - kv)],
  ]
  return parts.map(([kind, name, bytes]) => ({
    kind,
    name,
    share: bytes / Math.max(total, weights + kv + reserved),
    words: text('memory', bytes),
  }))
}

export function chipLines({ chip, replicas }: Detail): ChipLine[] {
  const { chosen } = replicas
  const { power, scaleUp, scaleOut } = chip
  const clock = chosen.clock[0] ?? chip.clock
  const line = (name: string, words: string, more: Partial<ChipLine> = {}): ChipLine => ({
    name,
    words,
    note: '',
    trouble: false,
    modelled: false,
    ...more,
  })
  const step = chosen.stepTime[0]
  const ends = power.cap ?? power.limit
  return [
    ...(chosen.replica.length > 0
      ? [
          line('Running', digits('count', chosen.running[0]), {
            note: `${digits('count', chosen.decoding[0])} decode`,
          }),
          line('Queue', digits('count', chosen.waiting[0]), { note: 'requests' }),
          line('Step under way', text('latency', step), {
            note:
              (chosen.prefillTokens[0] ?? 0) > 0 ? `${digits('count', chosen.prefillTokens[0])} tokens prefill` : '',
          }),
        ]
      : []),
    line('Power', text('power', power.now), {
      note:
        ends === null
          ? 'no public limit'
          : `of ${text('power', ends)}${power.cap === null ? '' : ', capped'}, pool mean`,
      trouble: power.cap !== null,
      modelled: power.now !== null,
    }),
    line('Clock', wholePercent(clock), { trouble: clock < 1, note: clock < 1 ? 'throttled' : '' }),
    line('Peak', text('peak', chip.peakFlops)),
    line('Memory bandwidth', text('bandwidth', chip.memoryBandwidth)),
    line('Scale-up link', text('bandwidth', scaleUp.bandwidth), {
      note: scaleUp.chips === null ? '' : `joins ${grouped(scaleUp.chips)} chips`,
    }),
    line('Network', text('bandwidth', scaleOut.left), {
      note: scaleOut.left !== scaleOut.bandwidth ? `of ${text('bandwidth', scaleOut.bandwidth)}` : 'one way',
      trouble: scaleOut.left !== scaleOut.bandwidth,
    }),
    line('RDMA', scaleOut.rdma ? 'on' : 'lost, over TCP', { trouble: !scaleOut.rdma }),
    line('KV cache from other pools', text('bandwidth', chip.arriving), {
      note: chip.transfers > 0 ? `${digits('count', chip.transfers)} under way` : '',
    }),
  ]
}
