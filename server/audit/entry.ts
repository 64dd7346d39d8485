import { z } from 'zod'
import { roles } from '../control/actor'
import { scoreSchema } from '../control/answer'
import { commandSchema } from '../control/command'
import { predictedSchema } from '../control/foretold'
import { aroundSchema } from './around'

const changedRoutes = z.array(
  z.object({ workload: z.string(), prefill: z.string(), decode: z.string(), from: z.number(), to: z.number() }),
)

/** What was done to the run, as people read it. */
export const auditEntrySchema = z
  .object({
    number: z.int().meta({ description: 'Of its line in the journal; grows with time.' }),
    id: z.string().meta({ description: 'Key of the command.' }),
    kind: z.string(),
    at: z.string().meta({ description: 'Wall time, ISO 8601.' }),
    time: z.number().meta({ description: 'Simulated time it took effect [s].' }),
    by: z.string(),
    role: z.enum(roles),
    via: z.string().meta({ description: 'The way it came by.' }),
    reason: z.string().nullable(),
    revision: z.int().meta({ description: 'Of the routing, from then on.' }),
    summary: z.string().meta({ description: 'What it did, in words; empty if nothing.' }),
    automatic: z.boolean().meta({ description: 'Done by a ramp by itself.' }),
    of: z.int().nullable().meta({
      description: 'Number of the entry that it belongs to: the beginning of its ramp, the proposal that it settles.',
    }),
    routes: changedRoutes.meta({ description: 'Shares before and after, of the routes that changed.' }),
    mirrors: changedRoutes.meta({ description: 'Copied parts before and after, of the mirrors that changed.' }),
    predicted: predictedSchema.nullable().meta({ description: 'null until told, or where nothing could be.' }),
    score: scoreSchema.nullable().meta({ description: 'null until ten minutes are over or something else was done.' }),
    untold: z.string().nullable().meta({ description: 'Why there is no score, where there will be none.' }),
    around: aroundSchema.nullable().meta({ description: 'null until the time after it is over.' }),
  })
  .meta({ description: 'A line of the journal.' })

export type AuditEntry = z.output<typeof auditEntrySchema>

const name = z.string().min(1).max(100)
const kinds = [...commandSchema.options.map(option => option.shape.kind.value), 'hold', 'finish'] as const

/** Which entries are asked for; all of them without a filter. */
export const auditFilter = z.strictObject({
  kind: z.enum(kinds).optional(),
  by: name.optional(),
  workload: name.optional(),
  revision: z.coerce.number().int().min(1).optional(),
  of: z.coerce.number().int().min(1).optional(),
  text: z.string().min(1).max(200).optional(),
})

export const auditQuery = auditFilter.extend({
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export const auditPage = z.object({
  entries: z.array(auditEntrySchema),
  before: z.int().nullable().meta({ description: 'To ask for what is older; null where nothing is.' }),
})

export type AuditFilter = z.output<typeof auditFilter>
export type AuditQuery = z.output<typeof auditQuery>
export type AuditPage = z.output<typeof auditPage>
