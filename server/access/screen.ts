import { z } from 'zod'
import { roles } from '../control/actor'
import { refusalSchema } from '../control/answer'
import { refusalOf } from '../refusal'
import type { Attendance } from './presence'

/** What a screen says of itself. */
export const lookRequest = z.strictObject({
  place: z
    .string()
    .regex(/^\/[\w/-]{0,60}$/, 'a path of the page, such as /route')
    .meta({ description: 'Path of the page that is looked at.' }),
})
export const editRequest = z.strictObject({
  on: z.boolean().meta({ description: 'Begins to edit the routing, or goes on; false ends it.' }),
  take: z.boolean().optional().meta({ description: 'Takes the lease from who holds it.' }),
})

const refused = z.object({ ok: z.literal(false), error: refusalSchema })
const lease = z
  .object({
    name: z.string(),
    session: z.int().meta({ description: 'Of the screen that edits; `hello` tells a screen its own.' }),
    left: z.number().meta({ description: 'Until it expires, when this was sent [s].' }),
  })
  .nullable()
  .meta({ description: 'Who edits the routing. It tells, and does not bar: base revisions keep edits apart.' })

export const presenceSchema = z.object({
  people: z.array(
    z.object({
      name: z.string(),
      role: z.enum(roles),
      screens: z.int(),
      places: z.array(z.string()).meta({ description: 'Paths of the page that they look at.' }),
    }),
  ),
  more: z.int().meta({ description: 'How many there are beside those listed.' }),
  editing: lease,
})
export const lookAnswer = z.union([z.object({ ok: z.literal(true) }), refused])
export const editAnswer = z.union([z.object({ ok: z.literal(true), mine: z.boolean(), editing: lease }), refused])

export type LookAnswer = z.output<typeof lookAnswer>
export type EditAnswer = z.output<typeof editAnswer>

export function look(attendance: Attendance, session: number, input: unknown): LookAnswer {
  const { success, data, error } = lookRequest.safeParse(input)
  if (!success) return { ok: false, error: refusalOf(error, input) }
  attendance.look(session, data.place)
  return { ok: true }
}

export function edit(attendance: Attendance, session: number, input: unknown): EditAnswer {
  const { success, data, error } = editRequest.safeParse(input)
  if (!success) return { ok: false, error: refusalOf(error, input) }
  return { ok: true, ...attendance.edit(session, data) }
}
