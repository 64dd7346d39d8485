import { watchFile, unwatchFile } from 'node:fs'
import { localAdmin, type Actor, type Role } from '../control/actor'
import type { Refusal } from '../protocol'
import { refuse } from '../refusal'
import { createAttempts, type AttemptLimits } from './attempts'
import { isLoopback } from './loopback'
import { editTokens, readFound, readTokens, tokenFile } from './token-file'
import {
  active,
  findToken,
  listingOf,
  withoutToken,
  withToken,
  type Signature,
  type TokenListing,
  type TokenRecord,
} from './tokens'

/** Somebody who came in. */
export interface Session {
  actor: Actor
  /** Hash of the token; `null` of the admin of this machine, who needs none. */
  token: string | null
}

/** `status` as HTTP has it: 401 without a right token, 429 after too many wrong ones. */
export type Admission = { session: Session } | { status: 401 | 429; refusal: Refusal; waitMs: number }

/** Who may come in. */
export interface Access {
  /** Whether everybody on this machine is its admin: on loopback, as long as there is no token. */
  open(): boolean
  admit(token: string | null, address: string): Admission
  /** Whether a session still stands: its token is not revoked. */
  stands(session: Session): boolean
  list(): TokenListing[]
  /** Fails where the file cannot be written. */
  add(
    token: { name: string; role: Role },
    by: Actor,
  ): Promise<{ name: string; role: Role; token: string } | { refusal: Refusal }>
  revoke(name: string, by: Actor): Promise<TokenListing | { refusal: Refusal }>
  /** Looks after the file from now on, and calls when sessions may have come to their end. */
  watch(changed: () => void): void
  close(): void
}

export interface AccessPlan {
  data: string
  host: string
  log: (line: string) => void
  limits?: AttemptLimits
}

/** The server listens where others reach it, and there is no token. */
export class NoTokens extends Error {
  constructor(readonly host: string) {
    super(`${host} can be reached from other machines, and there is no token`)
  }
}

/** How soon a token revoked on the command line loses its sessions [ms]. */
const lookMs = 250
const attemptLimits: AttemptLimits = { most: 10, withinMs: 60_000, now: () => performance.now() }

/** Fails with `NoTokens` or `BadTokens`. */
export async function openAccess({ data, host, log, limits = attemptLimits }: AccessPlan): Promise<Access> {
  const loopback = isLoopback(host)
  const attempts = createAttempts(limits)
  const file = tokenFile(data)
  let tokens: readonly TokenRecord[] = await readTokens(data)
  if (!loopback && active(tokens).length === 0) throw new NoTokens(host)
  let edits = 0
  let tell = () => {}

  return {
    open,
    admit,
    stands,
    list: () => tokens.map(listingOf),
    add,
    revoke,
    watch,
    close: () => unwatchFile(file, look),
  }

  function open(): boolean {
    return loopback && active(tokens).length === 0
  }

  function admit(token: string | null, address: string): Admission {
    if (open()) return { session: { actor: localAdmin, token: null } }
    if (token === null) return refused(null, 'a token, as Authorization: Bearer TOKEN or by signing in')
    const record = findToken(tokens, token)
    if (record) return { session: { actor: { name: record.name, role: record.role }, token: record.hash } }
    const waitMs = attempts.wrong(address)
    if (waitMs === 0) return refused('unknown', 'a token of this server that is not revoked')
    const seconds = Math.ceil(waitMs / 1000)
    return { status: 429, refusal: refuse('token', 'unknown', `no more wrong tokens for ${seconds} s`), waitMs }
  }

  function stands({ token }: Session): boolean {
    return token === null ? open() : active(tokens).some(({ hash }) => hash === token)
  }

  async function add(wanted: { name: string; role: Role }, by: Actor) {
    const added = await editTokens(data, known => withToken(known, wanted, signatureOf(by)))
    if ('refusal' in added) return added
    take(added.tokens)
    const { name, role } = added.record
    return { name, role, token: added.token }
  }

  async function revoke(name: string, by: Actor) {
    const revoked = await editTokens(data, known => {
      const left = withoutToken(known, name, signatureOf(by))
      if ('refusal' in left || loopback || active(left.tokens).length > 0) return left
      return { refusal: refuse('name', name, 'not the last token: nobody could come in any more') }
    })
    if ('refusal' in revoked) return revoked
    take(revoked.tokens)
    return listingOf(revoked.record)
  }

  function take(next: readonly TokenRecord[]): void {
    edits++
    tokens = next
    tell()
  }

  function watch(changed: () => void): void {
    tell = changed
    watchFile(file, { interval: lookMs, persistent: false }, look)
    look()
  }

  /** Another program wrote the file. One that is gone or cannot be read lets in nobody new, and puts nobody out. */
  function look(): void {
    const before = edits
    readFound(data).then(
      found => {
        // what was read may be older than an edit meanwhile, after which this looks again
        if (found && edits === before) take(found)
        else if (!found && tokens.length > 0) log(`${file} is gone; its tokens hold until a restart`)
      },
      cause => log(`the tokens cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`),
    )
  }
}

function refused(value: unknown, expected: string): Admission {
  return { status: 401, refusal: refuse('token', value, expected), waitMs: 0 }
}

function signatureOf({ name }: Actor): Signature {
  return { by: name, at: new Date().toISOString() }
}
