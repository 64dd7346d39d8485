import { z } from 'zod'
import { foretoldSchema } from './foretold'

export const refusalSchema = z
  .object({ field: z.string(), value: z.unknown(), expected: z.string() })
  .meta({ description: 'Why not: the field, what came, and what was expected.' })

export const routingStateSchema = z
  .object({
    revision: z.int().min(1),
    routing: z.record(z.string(), z.array(z.object({ prefill: z.string(), decode: z.string(), share: z.number() }))),
    mirrors: z
      .record(z.string(), z.array(z.object({ prefill: z.string(), decode: z.string(), part: z.number() })))
      .meta({ description: 'By mirrored workload, where copies of which part of its requests go.' }),
  })
  .meta({ description: 'A routing, whole, and its revision.' })

const effectiveAt = z.number().meta({ description: 'Simulated time at which it takes effect [s].' })

/** What a command is answered; the same by socket and by REST. */
export const accepted = z
  .object({
    ok: z.literal(true),
    id: z.string().meta({ description: 'Key of the command in the journal.' }),
    revision: z.int().meta({ description: 'Revision of the routing from then on.' }),
    effectiveAt,
  })
  .meta({ description: 'It is in the journal, on disk, and in force.' })

const changedRoutes = z.array(
  z.object({ workload: z.string(), prefill: z.string(), decode: z.string(), from: z.number(), to: z.number() }),
)

const radius = z.number().meta({
  description: 'Part of the traffic of the fleet that it sends elsewhere, or copies to pools that serve, 0 to 1.',
})

export const pending = z
  .object({
    ok: z.literal(true),
    pending: z.literal(true),
    id: z.string().meta({ description: 'Key of the command, by which it is approved or declined.' }),
    revision: z.int().meta({ description: 'Of the routing in force, which it stands on.' }),
    radius,
    above: z.number().meta({ description: 'What may be sent elsewhere without.' }),
    expires: z.string().meta({ description: 'Wall time, ISO 8601.' }),
  })
  .meta({ description: 'It is in the journal, on disk, and waits for the approval of a second person.' })

export const foreseen = z
  .object({
    ok: z.literal(true),
    dryRun: z.literal(true),
    revision: z.int(),
    effectiveAt,
    radius,
    waits: z.boolean().meta({ description: 'It would wait for a second approval.' }),
    summary: z.string().meta({ description: 'What it would do, in words; empty if nothing.' }),
    routes: changedRoutes.meta({ description: 'Shares before and after, of the routes that change.' }),
    mirrors: changedRoutes.meta({ description: 'Copied parts before and after, of the mirrors that change.' }),
    adds: z
      .array(z.object({ pool: z.string(), requests: z.number(), outputTokens: z.number() }))
      .meta({ description: 'What mirrors add to pools, or take from them, at present traffic [1/s].' }),
  })
  .meta({ description: 'What it would do; nothing was done.' })

export const refused = z
  .object({
    ok: z.literal(false),
    error: refusalSchema,
    nearest: routingStateSchema.shape.routing.optional().meta({
      description: 'Where shares were asked for that cannot be, the nearest that could.',
    }),
  })
  .meta({ description: 'Nothing was done.' })

const told = z.object({
  value: z.number().nullable(),
  low: z.number().nullable().meta({ description: 'What happens lies between low and high nine times in ten.' }),
  high: z.number().nullable(),
})
const columns = (columns: z.ZodType) => z.record(z.string(), columns)
const outlook = z
  .object({
    seconds: z.number(),
    fleet: columns(told),
    workloads: columns(z.array(told)),
    pools: columns(z.array(told)),
  })
  .meta({
    description: 'What will come over so many simulated seconds; by workload and pool in the order of the fleet.',
  })

export const forecastSchema = z
  .object({
    ok: z.literal(true),
    whole: z.boolean().meta({ description: 'False for the first answer, from a part of the fleet.' }),
    revision: z.int(),
    time: z.number().meta({ description: 'Simulated time from which on is told [s].' }),
    stay: outlook,
    draft: outlook,
  })
  .meta({ description: 'Both futures of the run: under the routing in force, and under the draft.' })

export const forecastAnswer = z.union([
  forecastSchema,
  z.object({ ok: z.literal(true), superseded: z.literal(true) }).meta({ description: 'A newer question came.' }),
  refused,
])

export const scoreSchema = z
  .object({
    revision: z.int(),
    time: z.number(),
    seconds: z.number(),
    figures: z.array(foretoldSchema.extend({ actual: z.number() })),
  })
  .meta({ description: 'What a change was told to do, and what it did.' })

const share = { workload: z.string(), prefill: z.string(), decode: z.string() }

export const mergeSchema = z
  .object({
    routing: routingStateSchema.shape.routing.meta({
      description: 'What is in force with what the sender alone changed; where both did, as the sender wanted it.',
    }),
    conflicts: z
      .array(z.object({ ...share, base: z.number(), mine: z.number(), theirs: z.number() }))
      .meta({ description: 'Shares that both changed, and not to the same.' }),
    unbalanced: z
      .array(z.object({ workload: z.string(), sum: z.number() }))
      .meta({ description: 'Workloads of the merged routing whose shares do not add to 1.' }),
  })
  .meta({
    description: 'Three-way merge, share by share. Without conflicts and unbalanced workloads it can be sent as it is.',
  })

export const conflict = z
  .object({
    ok: z.literal(false),
    conflict: z.literal(true),
    current: routingStateSchema.meta({ description: 'What is in force: theirs, of a three-way merge.' }),
    base: routingStateSchema
      .nullable()
      .meta({ description: 'The routing of the base revision; null if there never was such a revision.' }),
    merge: mergeSchema.nullable().meta({ description: 'Of a command that changes the routing, if there is a base.' }),
  })
  .meta({ description: 'The base revision is not the one in force; nothing was done.' })

export const answerSchema = z.union([accepted, pending, foreseen, refused, conflict])

export type CommandAnswer = z.output<typeof answerSchema>
export type Conflict = z.output<typeof conflict>
export type Pending = z.output<typeof pending>
export type Foreseen = z.output<typeof foreseen>
export type Accepted = z.output<typeof accepted>
