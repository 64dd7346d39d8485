import { z } from 'zod'
import type { Command, Refusal } from '../protocol'
import { faultWith } from '../fault'
import { refusalOf } from '../refusal'

const name = z.string().min(1).max(100)
const revision = z.int().min(1)
const routes = z.array(z.strictObject({ prefill: name, decode: name, share: z.number() })).max(64)
// a record leaves this one name out without a word
const routing = z
  .custom<unknown>(value => typeof value !== 'object' || value === null || !Object.hasOwn(value, '__proto__'), {
    error: 'workloads of the fleet, none called __proto__',
  })
  .pipe(z.record(name, routes))
const reason = z.string().max(500)

const said = { id: name.optional(), reason: reason.optional() }
const target = { pool: name, replica: z.int().min(0).optional() }

const command = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fault'), ...said, fault: faultWith({}) }),
  z.strictObject({ kind: z.literal('clear'), ...said, fault: name.max(200) }),
  z.strictObject({ kind: z.literal('drain'), ...said, ...target }),
  z.strictObject({ kind: z.literal('resume'), ...said, ...target }),
  z.strictObject({
    kind: z.literal('reprovision'),
    ...said,
    from: name,
    to: name,
    replicas: z.int().min(1),
    grace: z.number().min(0).optional(),
    saves: z.boolean().optional(),
  }),
  z.strictObject({
    kind: z.literal('routing'),
    id: name.optional(),
    revision,
    routing,
    reason: reason.optional(),
  }),
  z.strictObject({
    kind: z.literal('pace'),
    id: name.optional(),
    speed: z.int().min(1).max(600).optional(),
    paused: z.boolean().optional(),
  }),
])

export function parseCommand(input: unknown): { command: Command } | { refusal: Refusal } {
  const { success, data, error } = command.safeParse(input)
  if (!success) return { refusal: refusalOf(error, input, 'command') }
  if (data.kind === 'pace' && data.speed === undefined && data.paused === undefined) {
    return { refusal: { field: 'speed', value: null, expected: 'a speed, paused, or both' } }
  }
  return { command: data }
}
