import { z } from 'zod'

/** What a fault is called, to clear it by. */
export const faultId = z.string().min(1).max(200)
const place = z.int().min(0)
const positive = z.number().positive()
const share = z.number().min(0).max(1)

/** A fault as the engine knows it, with the fields that say when: what goes wrong for `duration` [s], for good without one. */
export function faultWith<When extends z.ZodRawShape>(more: When) {
  const when = { id: faultId, duration: positive.optional(), ...more }
  const inPool = { ...when, pool: z.string() }
  return z.discriminatedUnion('kind', [
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
}
