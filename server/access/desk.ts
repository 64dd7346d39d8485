import { z } from 'zod'
import { roles, type Actor } from '../control/actor'
import { refusalSchema } from '../control/answer'
import { refusalOf, refuse } from '../refusal'
import type { Access } from './access'
import { newTokenSchema, tokenNameSchema } from './tokens'

/** Tokens are listed, added and revoked here, by socket and by REST. */

const listing = z.object({
  name: z.string(),
  role: z.enum(roles),
  created: z.string().meta({ description: 'Wall time, ISO 8601.' }),
  by: z.string(),
  revoked: z.object({ at: z.string(), by: z.string() }).nullable(),
})
const refused = z.object({ ok: z.literal(false), error: refusalSchema })

export const noFields = z.strictObject({})
export const listAnswer = z.union([z.object({ ok: z.literal(true), tokens: z.array(listing) }), refused])
export const addAnswer = z.union([
  z.object({
    ok: z.literal(true),
    name: z.string(),
    role: z.enum(roles),
    token: z.string().meta({ description: 'Told this once and never again; only its hash is kept.' }),
  }),
  refused,
])
export const revokeAnswer = z.union([z.object({ ok: z.literal(true), token: listing }), refused])

export type ListAnswer = z.output<typeof listAnswer>
export type AddAnswer = z.output<typeof addAnswer>
export type RevokeAnswer = z.output<typeof revokeAnswer>

export function listTokens(access: Access, input: unknown): ListAnswer {
  const { success, error } = noFields.safeParse(input)
  return success ? { ok: true, tokens: access.list() } : { ok: false, error: refusalOf(error, input) }
}

export async function addToken(access: Access, input: unknown, by: Actor): Promise<AddAnswer> {
  const { success, data, error } = newTokenSchema.safeParse(input)
  if (!success) return { ok: false, error: refusalOf(error, input) }
  return written(async () => {
    const added = await access.add(data, by)
    return 'refusal' in added ? { ok: false, error: added.refusal } : { ok: true, ...added }
  })
}

export async function revokeToken(access: Access, input: unknown, by: Actor): Promise<RevokeAnswer> {
  const { success, data, error } = tokenNameSchema.safeParse(input)
  if (!success) return { ok: false, error: refusalOf(error, input) }
  return written(async () => {
    const revoked = await access.revoke(data.name, by)
    return 'refusal' in revoked ? { ok: false, error: revoked.refusal } : { ok: true, token: revoked }
  })
}

async function written<Answer>(edit: () => Promise<Answer>) {
  try {
    return await edit()
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    return { ok: false as const, error: refuse('disk', message, 'a disk that can be written') }
  }
}
