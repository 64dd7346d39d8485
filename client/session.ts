/** Signing in and out: the server keeps the token in a cookie that no script can read. */
import type { Actor, Refusal } from '../server/protocol'

export type SignIn = { ok: true; actor: Actor } | { ok: false; error: Refusal }

export function signIn(token: string): Promise<SignIn> {
  return ask('POST', { token })
}

export async function signOut(): Promise<void> {
  await ask('DELETE', {})
}

async function ask(method: string, body: object): Promise<SignIn> {
  try {
    const response = await fetch('/api/v1/session', {
      method,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    const answer = await response.json()
    return response.ok ? { ok: true, actor: answer.actor } : { ok: false, error: answer.error }
  } catch {
    return { ok: false, error: { field: 'connection', value: null, expected: 'a server that answers' } }
  }
}
