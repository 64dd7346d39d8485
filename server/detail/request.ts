import { z } from 'zod'
import { replicaConditions, replicaOrders } from '../../simulation/index'

const whole = z.int().min(0)

/** The part of a pool's replicas that somebody looks at. */
export const windowSchema = z.strictObject({
  from: whole.default(0).meta({ description: 'Place in the order of the first replica to be told.' }),
  count: whole.max(512).default(128).meta({ description: 'So many of them at most.' }),
  order: z
    .enum(replicaOrders)
    .default('number')
    .meta({ description: 'By number; by what waits or the KV cache in use, most first; by condition, worst first.' }),
  replica: whole.nullable().default(null).meta({ description: 'One that is told wherever it stands.' }),
})

export const detailRequest = windowSchema.extend({
  pool: whole.nullable().meta({ description: 'Index into `fleet.pools` of `hello`; null ends it.' }),
})

const figure = z.number().nullable()
const percentiles = z
  .object({ count: z.int(), p50: figure, p90: figure, p95: figure, p99: figure })
  .meta({ description: 'Over the window [s]; a p99 below 100 samples is withheld.' })
const timings = { ttft: percentiles, itl: percentiles, e2e: percentiles }
const buckets = z.object({ first: z.int(), counts: z.array(z.array(z.int())) })
const replicas = z
  .looseObject({ replica: z.array(z.int()), condition: z.array(z.enum(replicaConditions)) })
  .meta({ description: 'Columns; one row a replica.' })

export const detailSchema = z.looseObject({
  sequence: z.int().meta({ description: 'Of the frame after which it was told.' }),
  time: z.number().meta({ description: 'Simulated time [s].' }),
  pool: z.int().meta({ description: 'Index into the pools of the fleet.' }),
  figures: z.record(z.string(), figure).meta({ description: 'As a frame has them.' }),
  latency: z.object(timings).meta({ description: 'Of all that the pool serves, without copies.' }),
  workloads: z.array(z.object({ workload: z.int(), ...timings })),
  heat: z
    .object({
      least: z.number(),
      ratio: z.number(),
      ends: z.array(z.number()),
      times: z.object({ ttft: buckets, itl: buckets, e2e: buckets }),
    })
    .meta({
      description:
        'Samples by whole second and bucket: bucket b holds times above least · ratio^b and at most ratio times as long [s].',
    }),
  replicas: z.looseObject({
    total: z.int(),
    conditions: z.record(z.string(), z.int()).meta({ description: 'How many are in each.' }),
    from: z.int(),
    order: z.enum(replicaOrders),
    shown: replicas,
    chosen: replicas,
    place: z.int().nullable().meta({ description: 'Of the chosen one in the order.' }),
  }),
  chip: z.looseObject({ perReplica: z.int() }).meta({
    description:
      'What a chip has, what fills its memory [bytes], what it draws [W] and what its links carry [bytes/s].',
  }),
})
