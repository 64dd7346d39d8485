import { z } from 'zod'

const name = z.string().min(1).max(200)
const place = z.int().min(0)
const positive = z.number().positive()
const share = z.number().min(0).max(1)
const when = { id: name, at: z.number().min(0), duration: positive.optional() }
const inPool = { ...when, pool: z.string() }

/** A fault as the engine knows it: what goes wrong, from `at` for `duration` [s], to the end without one. */
export const fault = z.discriminatedUnion('kind', [
  z.strictObject({ ...inPool, kind: z.literal('chip-loss'), replica: place }),
  z.strictObject({ ...inPool, kind: z.literal('node-loss'), node: place }),
  z.strictObject({
    ...inPool,
    kind: z.literal('throttling'),
    replica: place.optional(),
    clock: positive.max(1).optional(),
  }),
  z.strictObject({ ...inPool, kind: z.literal('power-cap'), watts: positive }),
  z.strictObject({ ...inPool, kind: z.literal('slow-link'), factor: z.number().min(1) }),
  z.strictObject({ ...inPool, kind: z.literal('lost-rdma') }),
  z.strictObject({ ...inPool, kind: z.literal('bad-deploy'), share }),
  z.strictObject({ ...inPool, kind: z.literal('stuck'), replica: place }),
  z.strictObject({ ...when, kind: z.literal('chip-price'), chip: z.string(), hour: z.number().min(0) }),
  z.strictObject({ ...when, kind: z.literal('electricity-price'), price: z.number().min(0) }),
])
