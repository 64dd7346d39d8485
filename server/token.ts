/** `npm run --silent token -- add NAME --role ROLE | list | revoke NAME`: who may come in, in the folder of the server. */
import { editTokens, readTokens } from './access/token-file'
import { newTokenSchema, withoutToken, withToken } from './access/tokens'
import { BadConfig, bad, readConfig } from './config'
import { roles } from './control/actor'
import { refusalOf } from './refusal'
import type { Refusal } from './protocol'

const usage = `Usage: npm run --silent token -- COMMAND [--data DIR]

  add NAME --role ROLE   makes a token and prints it, this once; roles: ${roles.join(', ')}
  list                   who has one, and who had
  revoke NAME            ends it, and the sessions that came in with it`

process.exitCode = await token(process.argv.slice(2))

/** Runs the command; returns its exit code: 2 where it was refused, 1 where the folder cannot be written. */
async function token(parameters: string[]): Promise<number> {
  try {
    await carryOut(readParameters(parameters))
    return 0
  } catch (cause) {
    process.stderr.write(`token: ${cause instanceof Error ? cause.message : String(cause)}\n`)
    return cause instanceof BadConfig ? 2 : 1
  }
}

interface Parameters {
  words: string[]
  role: string | undefined
  data: string
}

async function carryOut({ words, role, data }: Parameters): Promise<void> {
  const [verb, name = '', ...more] = words
  const signature = { by: 'command line', at: new Date().toISOString() }
  if (verb === 'add' && more.length === 0) {
    const { success, data: wanted, error } = newTokenSchema.safeParse({ name, role })
    if (!success) throw refusal(refusalOf(error, { name, role }))
    const added = await editTokens(data, known => withToken(known, wanted, signature))
    if ('refusal' in added) throw refusal(added.refusal)
    process.stderr.write(`${wanted.role} ${added.record.name}, in ${data}; the token is shown this once:\n`)
    process.stdout.write(`${added.token}\n`)
  } else if (verb === 'revoke' && name && more.length === 0 && role === undefined) {
    const revoked = await editTokens(data, known => withoutToken(known, name, signature))
    if ('refusal' in revoked) throw refusal(revoked.refusal)
    process.stderr.write(`${name} is revoked in ${data}\n`)
  } else if (verb === 'list' && words.length === 1 && role === undefined) {
    for (const { name, role, created, by, revoked } of await readTokens(data)) {
      const end = revoked ? `\trevoked ${revoked.at} by ${revoked.by}` : ''
      process.stdout.write(`${name}\t${role}\tadded ${created} by ${by}${end}\n`)
    }
  } else throw new BadConfig(`got ${JSON.stringify(words.join(' '))}, expected a command\n\n${usage}`)
}

function readParameters(parameters: string[]): Parameters {
  const words: string[] = []
  const flags: string[] = []
  let role: string | undefined
  for (let i = 0; i < parameters.length; i++) {
    const parameter = parameters[i] ?? ''
    const [, flag, assigned] = /^--(role|data)(?:=(.*))?$/s.exec(parameter) ?? []
    if (!flag) {
      words.push(parameter)
      continue
    }
    const value = assigned ?? parameters[++i]
    if (flag === 'data') flags.push('--data', value ?? '')
    else if (role !== undefined) throw bad('--role', value, 'the flag once')
    else role = value ?? ''
  }
  return { words, role, data: readConfig(flags).data }
}

function refusal({ field, value, expected }: Refusal): BadConfig {
  return bad(field, value, expected)
}
