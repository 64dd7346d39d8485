import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { localAdmin, ownNames, roles, type Role } from '../control/actor'
import type { Refusal } from '../protocol'
import { refuse } from '../refusal'

/** Who may come in, as it lies on disk; the token itself is nowhere but with its holder. */
export interface TokenRecord {
  name: string
  role: Role
  /** SHA-256, base64url. */
  hash: string
  /** Wall time, ISO 8601, and who made it. */
  created: string
  by: string
  revoked: { at: string; by: string } | null
}

/** What is to be told of a token. */
export type TokenListing = Omit<TokenRecord, 'hash'>

/** Who acts, and when. */
export interface Signature {
  by: string
  at: string
}

const mostActive = 200
/** Revoked ones are kept to be read, the newest of them. */
const keptRevoked = 1000
const longest = 200

export const nameSchema = z.string().regex(/^[\p{L}\p{N}](?:[\p{L}\p{N} ._@'-]{0,38}[\p{L}\p{N}])?$/u, {
  error: "a name of up to 40 letters and digits, with spaces and . _ @ ' - between them",
})
export const newTokenSchema = z.strictObject({ name: nameSchema, role: z.enum(roles) })
export const tokenNameSchema = z.strictObject({ name: z.string().min(1).max(100) })

export const tokenRecordSchema = z.strictObject({
  name: nameSchema,
  role: z.enum(roles),
  hash: z.string().regex(/^[\w-]{43}$/, 'a SHA-256 in base64url'),
  created: z.string(),
  by: z.string(),
  revoked: z.strictObject({ at: z.string(), by: z.string() }).nullable(),
})

export function active(tokens: readonly TokenRecord[]): TokenRecord[] {
  return tokens.filter(({ revoked }) => revoked === null)
}

export function listingOf({ hash: _, ...listing }: TokenRecord): TokenListing {
  return listing
}

/** Every token that is not revoked is compared, each in constant time. */
export function findToken(tokens: readonly TokenRecord[], token: string): TokenRecord | null {
  const digest = digestOf(token.slice(0, longest))
  let found: TokenRecord | null = null
  for (const record of active(tokens))
    if (timingSafeEqual(Buffer.from(record.hash, 'base64url'), digest)) found = record
  return found
}

export interface Added {
  tokens: TokenRecord[]
  record: TokenRecord
  /** To be shown once. */
  token: string
}

/** With one token more. The first has to be an admin's: with it nobody is an admin without a token any more. */
export function withToken(
  tokens: readonly TokenRecord[],
  { name, role }: { name: string; role: Role },
  { by, at }: Signature,
): Added | { refusal: Refusal } {
  const known = active(tokens)
  const same = (other: string) => other.normalize('NFC').toLowerCase() === name.normalize('NFC').toLowerCase()
  if (same(localAdmin.name))
    return { refusal: refuse('name', name, 'another name: this one is the admin without a token') }
  if (ownNames.some(same)) return { refusal: refuse('name', name, 'another name: ramps act by this one') }
  if (known.some(record => same(record.name))) return { refusal: refuse('name', name, 'a name that has no token yet') }
  if (known.length >= mostActive) return { refusal: refuse('name', name, `at most ${mostActive} tokens: revoke one`) }
  if (known.length === 0 && role !== 'admin')
    return { refusal: refuse('role', role, 'admin: the first token has to be one that can add others') }
  const token = `hg_${randomBytes(32).toString('base64url')}`
  const record: TokenRecord = {
    name: name.normalize('NFC'),
    role,
    hash: digestOf(token).toString('base64url'),
    created: at,
    by,
    revoked: null,
  }
  return { tokens: [...tokens, record], record, token }
}

/** Without one of them. The last admin stays while there are others, who could not add one. */
export function withoutToken(
  tokens: readonly TokenRecord[],
  name: string,
  { by, at }: Signature,
): { tokens: TokenRecord[]; record: TokenRecord } | { refusal: Refusal } {
  const known = active(tokens)
  const record = known.find(each => each.name === name.normalize('NFC'))
  if (!record) return { refusal: refuse('name', name, 'the name of a token that is not revoked') }
  const admins = known.filter(({ role }) => role === 'admin')
  if (record.role === 'admin' && admins.length === 1 && known.length > 1)
    return { refusal: refuse('name', name, 'not the last admin while there are other tokens') }
  const revoked = { ...record, revoked: { at, by } }
  const gone = [...tokens.filter(each => each.revoked !== null), revoked].slice(-keptRevoked)
  return { tokens: [...gone, ...known.filter(each => each !== record)], record: revoked }
}

/** One round is enough: a slow hash protects what can be guessed, and nobody guesses 256 random bits. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
