import { z } from 'zod'
import { longestWindow } from './approvals'
import { usualPeriod } from '../alerts/objective'
import { faultId, faultWith } from '../fault'
import type { Refusal } from '../protocol'
import { refusalOf } from '../refusal'
import { guardsSchema, stepsSchema } from '../rollout/plan'
import { ruleShape } from '../alerts/rule'
import { matcherSchema } from '../alerts/silence'

const name = z.string().min(1).max(100)
/** One route to each of so many pools, if a message holds them. */
const shares = z.array(z.strictObject({ prefill: name, decode: name, share: z.number() })).max(1000)
// a record leaves this one name out without a word
const routing = z
  .custom<unknown>(value => typeof value !== 'object' || value === null || !Object.hasOwn(value, '__proto__'), {
    error: 'workloads of the fleet, none called __proto__',
  })
  .pipe(z.record(name, shares))
  .meta({ description: 'By workload, its routes; their shares add to 1. A workload left out keeps its shares.' })
const revision = z.int().min(1)

/** What every command may carry. Who sends it is known from its session. */
const said = {
  id: name.optional().meta({
    description:
      'Key of the command: sent again with the same body, it is carried out once and answered the same, after a restart too. The newest 100,000 are known.',
  }),
  baseRevision: revision.optional().meta({
    description: 'Revision of the routing that the sender saw; refused if another one is in force.',
  }),
  reason: z.string().max(500).optional().meta({ description: 'Why, for those who read the journal.' }),
  dryRun: z.boolean().optional().meta({ description: 'Checks against the run as it stands and does nothing.' }),
}
const target = { pool: name, replica: z.int().min(0).optional() }

const ramp = name.meta({ description: 'Key of the ramp that is meant.' })

/** Everything that an operator can do, by its kind. */
export const commandSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('routing'), ...said, baseRevision: revision, routing })
    .meta({ title: 'routing', description: 'Puts new shares in force, of all named workloads at once.' }),
  z.strictObject({ kind: z.literal('roll-back'), ...said, to: revision }).meta({
    title: 'roll-back',
    description: 'Puts the routing and the mirrors of an earlier revision in force, as a new revision.',
  }),
  z
    .strictObject({
      kind: z.literal('mirror'),
      ...said,
      workload: name,
      prefill: name,
      decode: name,
      part: z.number().min(0).max(1).meta({ description: 'Of the requests, 0 to 1; 0 ends the mirror.' }),
    })
    .meta({
      title: 'mirror',
      description:
        'Copies a part of the requests of a workload to a route, which works on them for real; nobody gets its answers.',
    }),
  z
    .strictObject({
      kind: z.literal('pace'),
      ...said,
      speed: z.int().min(1).max(600).optional(),
      paused: z.boolean().optional(),
    })
    .meta({ title: 'pace', description: 'Speed of the run [simulated seconds per second], and whether it rests.' }),
  z
    .strictObject({ kind: z.literal('fault'), ...said, fault: faultWith({}) })
    .meta({ title: 'fault', description: 'Something goes wrong now.' }),
  z
    .strictObject({ kind: z.literal('clear'), ...said, fault: faultId })
    .meta({ title: 'clear', description: 'Ends a fault by its id.' }),
  z
    .strictObject({ kind: z.literal('drain'), ...said, ...target })
    .meta({ title: 'drain', description: 'A pool or replica takes no new requests; those it has finish there.' }),
  z.strictObject({ kind: z.literal('stop'), ...said, ...target }).meta({
    title: 'stop',
    description: 'A pool or replica ends its work at once; the requests it has go on elsewhere.',
  }),
  z
    .strictObject({ kind: z.literal('resume'), ...said, ...target })
    .meta({ title: 'resume', description: 'What was drained or stopped takes requests again.' }),
  z
    .strictObject({
      kind: z.literal('reprovision'),
      ...said,
      from: name,
      to: name,
      replicas: z.int().min(1),
      grace: z.number().min(0).optional(),
      saves: z.boolean().optional(),
    })
    .meta({ title: 'reprovision', description: 'Replicas of a pool become replicas of another on the same chips.' }),
  z
    .strictObject({ kind: z.literal('approve'), ...said, proposal: name })
    .meta({ title: 'approve', description: 'Carries out a command that waits: one of somebody else.' }),
  z
    .strictObject({ kind: z.literal('decline'), ...said, proposal: name })
    .meta({ title: 'decline', description: 'Ends a command that waits; who sent it withdraws it.' }),
  z
    .strictObject({
      kind: z.literal('approval-limit'),
      ...said,
      above: z
        .number()
        .min(0)
        .max(1)
        .nullable()
        .meta({ description: 'Part of the traffic of the fleet that may be sent elsewhere without; null: all of it.' }),
      within: z
        .number()
        .min(60)
        .max(longestWindow)
        .optional()
        .meta({ description: 'Changes of one person within so long are summed [s of wall time]; 600 until said.' }),
    })
    .meta({ title: 'approval-limit', description: 'Says which changes wait for a second approval.' }),
  z
    .strictObject({
      kind: z.literal('ramp'),
      ...said,
      baseRevision: revision,
      routing,
      at: z.number().min(0).optional().meta({ description: 'Simulated time of the first step [s]; else at once.' }),
      steps: stepsSchema.optional().meta({
        description:
          'The last one goes all the way. Without them: 1, 5, 25, 50 and 100 %, a minute each; with `at`, at once.',
      }),
      guards: guardsSchema.default([]),
    })
    .meta({ title: 'ramp', description: 'Goes to new shares step by step, watched by guards. One at a time.' }),
  z
    .strictObject({ kind: z.literal('cancel'), ...said, ramp, back: z.boolean().optional() })
    .meta({ title: 'cancel', description: 'Ends a ramp where it stands, or back where it began.' }),
  z
    .strictObject({ kind: z.literal('continue'), ...said, ramp })
    .meta({ title: 'continue', description: 'Takes the next step in spite of what holds the ramp.' }),
  z
    .strictObject({ kind: z.literal('approve-step'), ...said, ramp })
    .meta({ title: 'approve-step', description: 'Approves the step that a ramp is at.' }),
  z
    .strictObject({
      kind: z.literal('objective'),
      ...said,
      workload: name,
      target: z
        .number()
        .gt(0)
        .lt(1)
        .meta({ description: 'Part of the requests that is to meet the objectives, 0.99 for 99 %.' }),
      period: z
        .number()
        .min(600)
        .max(30 * 86_400)
        .default(usualPeriod)
        .meta({ description: 'Rolling [simulated s]; windows of burn rates shrink with it.' }),
    })
    .meta({
      title: 'objective',
      description: 'Says how many of the requests of a workload are to meet its objectives.',
    }),
  z
    .strictObject({ kind: z.literal('alert-rule'), ...said, ...ruleShape })
    .meta({ title: 'alert-rule', description: 'Adds an alert rule, or changes the one of that name.' }),
  z.strictObject({ kind: z.literal('remove-rule'), ...said, rule: name }).meta({
    title: 'remove-rule',
    description: 'Takes an added alert rule away, or what a built-in one was changed to.',
  }),
  z
    .strictObject({ kind: z.literal('acknowledge'), ...said, alert: name.max(250) })
    .meta({ title: 'acknowledge', description: 'Says that somebody sees to an alert; the reason is the note to it.' }),
  z
    .strictObject({
      kind: z.literal('silence'),
      ...said,
      matcher: matcherSchema,
      duration: z
        .number()
        .min(1)
        .max(30 * 86_400)
        .meta({ description: '[simulated s]' }),
      reason: z.string().min(1).max(500),
    })
    .meta({ title: 'silence', description: 'Nobody is told of alerts that fit, for a while.' }),
  z
    .strictObject({ kind: z.literal('unsilence'), ...said, silence: name })
    .meta({ title: 'unsilence', description: 'Ends a silence by its key.' }),
])

/** The body of `PUT /api/v1/routing`, with the base revision under a shorter name. */
export const shortRouting = z.strictObject({
  id: said.id,
  revision,
  routing,
  mirrors: z
    .record(name, z.array(z.strictObject({ prefill: name, decode: name, part: z.number() })).max(64))
    .optional()
    .meta({ description: 'As they are under that revision, if at all: the command `mirror` changes them.' }),
  reason: said.reason,
})

/** What a preview is asked of. */
export const shortPreview = z.strictObject({ routing })

export type Command = z.output<typeof commandSchema>

interface Own<Kind extends string> {
  kind: Kind
  ramp: string
  reason: string
  id?: undefined
  dryRun?: undefined
}

/** What a ramp does by itself beside changing shares. */
export type OwnCommand = Own<'hold'> | Own<'finish'>

export function parseCommand(input: unknown): { command: Command } | { refusal: Refusal } {
  const { success, data, error } = commandSchema.safeParse(input)
  if (!success) return { refusal: refusalOf(error, input, 'command') }
  if (data.kind === 'pace' && data.speed === undefined && data.paused === undefined) {
    return { refusal: { field: 'speed', value: null, expected: 'a speed, paused, or both' } }
  }
  return { command: data }
}
