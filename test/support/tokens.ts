import { editTokens } from '../../server/access/token-file'
import { withoutToken, withToken } from '../../server/access/tokens'
import type { Role } from '../../server/control/actor'

const signature = { by: 'test', at: '2027-04-14T13:00:00Z' }

/** Adds tokens to a folder as the command line does; gives each by its name. */
export async function addTokens<Name extends string>(
  data: string,
  people: Record<Name, Role>,
): Promise<Record<Name, string>> {
  const tokens = {} as Record<Name, string>
  for (const [name, role] of Object.entries<Role>(people)) {
    const added = await editTokens(data, known => withToken(known, { name, role }, signature))
    if ('refusal' in added) throw new Error(added.refusal.expected)
    tokens[name as Name] = added.token
  }
  return tokens
}

export async function takeToken(data: string, name: string): Promise<void> {
  const revoked = await editTokens(data, known => withoutToken(known, name, signature))
  if ('refusal' in revoked) throw new Error(revoked.refusal.expected)
}
