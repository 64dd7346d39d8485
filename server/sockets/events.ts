import { z } from 'zod'
import { editAnswer, editRequest, lookAnswer, lookRequest, presenceSchema } from '../access/screen'
import { alertsSchema, objectivesSchema } from '../alerts/view'
import { auditEntrySchema } from '../audit/entry'
import { addAnswer, listAnswer, noFields, revokeAnswer } from '../access/desk'
import { newTokenSchema, tokenNameSchema } from '../access/tokens'
import { roles } from '../control/actor'
import {
  answerSchema,
  forecastAnswer,
  forecastSchema,
  refusalSchema,
  routingStateSchema,
  scoreSchema,
} from '../control/answer'
import { approvalsSchema } from '../control/approvals'
import { commandSchema, shortPreview } from '../control/command'
import { frameSchema as frame, momentRequest, momentSchema, rangeRequest, rangeSchema } from '../history/request'
import { detailRequest, detailSchema } from '../detail/request'
import { rampSchema } from '../rollout/view'
import type { ClientEvents, ServerEvents } from '../protocol'

/** What an event carries, for the document of the interfaces. */
export interface EventShape {
  summary: string
  payload: z.ZodType
  /** What it is acknowledged with, where it is. */
  answer?: z.ZodType
}

export const framesRequest = z.strictObject({
  since: z.int().min(0).meta({ description: 'Number of the newest frame that is there.' }),
})

const refusedAnswer = z.object({ ok: z.literal(false), error: refusalSchema })
export const seenRequest = z.strictObject({
  sequence: z.int().min(0).meta({ description: 'Number of the newest frame that is there.' }),
})
export const watchRequest = z.strictObject({
  pools: z.array(z.int().min(0)).max(64).meta({ description: 'Indices into `fleet.pools` of `hello`; none ends it.' }),
})

const pace = z.object({
  speed: z.int().meta({ description: 'Simulated seconds per second.' }),
  paused: z.boolean(),
  behind: z.number().meta({ description: 'How late the newest frame is [s of wall time].' }),
  lost: z.number().meta({ description: 'What the schedule was moved by since the start [s of wall time].' }),
})
const change = z.object({
  revision: z.int(),
  time: z.number().meta({ description: 'Simulated time it took effect [s].' }),
  summary: z.string(),
  reason: z.string().nullable(),
  by: z.string(),
  approvedBy: z.string().optional(),
  automatic: z.literal(true).optional(),
  before: routingStateSchema.shape.routing,
})

export const clientEvents: Readonly<Record<keyof ClientEvents, EventShape>> = {
  command: {
    summary: 'Carries out a command; the same record and the same answer as POST /api/v1/commands.',
    payload: commandSchema,
    answer: answerSchema,
  },
  preview: {
    summary: 'Asks what a draft of the routing will do; of several questions of one client the latest is answered.',
    payload: shortPreview,
    answer: forecastAnswer,
  },
  frames: {
    summary: 'Asks for the frames that were missed.',
    payload: framesRequest,
    answer: z.union([
      z.object({
        ok: z.literal(true),
        from: z.int().meta({ description: 'The oldest that is kept.' }),
        frames: z.array(frame),
      }),
      refusedAnswer,
    ]),
  },
  seen: {
    summary:
      'To be said after every fourth frame: who owes two of these gets no frames until it says so or asks for `frames`. The answer can be left out.',
    payload: seenRequest,
    answer: z.union([
      z.object({
        ok: z.literal(true),
        now: z.number().meta({ description: 'The clock by which frames are taken [ms since 1970].' }),
        skipped: z.int().meta({ description: 'Frames that this client was not sent.' }),
      }),
      refusedAnswer,
    ]),
  },
  watch: {
    summary: 'Asks for the figures of pools that are not in the frame, from now on with each frame, as `pools`.',
    payload: watchRequest,
    answer: z.union([z.object({ ok: z.literal(true), pools: z.array(z.int()) }), refusedAnswer]),
  },
  detail: {
    summary:
      'Asks for the detail of one pool, at once and then every second, as `detail`; another takes its place. GET /api/v1/pools/{pool} tells it once.',
    payload: detailRequest,
    answer: z.union([z.object({ ok: z.literal(true), pool: z.int().nullable() }), refusedAnswer]),
  },
  range: {
    summary: 'Asks for the history of a stretch of time; the same as GET /api/v1/history.',
    payload: rangeRequest,
    answer: z.union([rangeSchema.extend({ ok: z.literal(true) }), refusedAnswer]),
  },
  moment: {
    summary: 'Asks for the frame at or before a time and the routing then; the same as GET /api/v1/frames/{time}.',
    payload: momentRequest,
    answer: z.union([momentSchema.extend({ ok: z.literal(true) }), refusedAnswer]),
  },
  look: {
    summary: 'Says what a screen looks at.',
    payload: lookRequest,
    answer: lookAnswer,
  },
  edit: {
    summary: 'Asks for the lease on editing the routing, renews it or gives it back.',
    payload: editRequest,
    answer: editAnswer,
  },
  tokens: {
    summary: 'Lists all tokens, those that are revoked too; never the tokens themselves.',
    payload: noFields,
    answer: listAnswer,
  },
  'add-token': {
    summary: 'Adds a token; its answer is the only one that tells it. The first has to be an admin’s.',
    payload: newTokenSchema,
    answer: addAnswer,
  },
  'revoke-token': {
    summary: 'Revokes a token; whoever came in with it is put out at once.',
    payload: tokenNameSchema,
    answer: revokeAnswer,
  },
}

export const serverEvents: Readonly<Record<keyof ServerEvents, EventShape>> = {
  hello: {
    summary: 'First of all: the run, the fleet, the routing, recent changes and history, the newest frame.',
    payload: z.looseObject({
      you: z.object({ name: z.string(), role: z.enum(roles), session: z.int() }),
      presence: presenceSchema,
      approvals: approvalsSchema,
      run: z.looseObject({ id: z.string(), seed: z.number(), scenario: z.string() }),
      fleet: z.looseObject({ id: z.string() }),
      routing: routingStateSchema,
      changes: z.array(change),
      scores: z.array(scoreSchema),
      history: z.looseObject({ time: z.array(z.number()) }),
      ramp: rampSchema.nullable(),
      pace,
      alerts: alertsSchema,
      objectives: objectivesSchema,
      frame: frame.nullable(),
      taken: z.number().nullable().meta({ description: 'When, by the clock of the server [ms since 1970].' }),
    }),
  },
  frame: {
    summary:
      'Four times a second: the whole state that a screen needs, in columns. A second value says when it was taken, by the clock of the server [ms since 1970].',
    payload: frame,
  },
  pools: {
    summary: 'With each frame: the pools that this client watches.',
    payload: z.looseObject({ sequence: z.int(), pools: z.array(z.int()), columns: z.looseObject({}) }),
  },
  detail: {
    summary: 'The pool that this client looks into: at once when it says so, and then every second.',
    payload: detailSchema,
  },
  routing: { summary: 'A change of routing took effect.', payload: routingStateSchema.extend({ change }) },
  entry: { summary: 'A command of any kind took effect; or more is known of one.', payload: auditEntrySchema },
  pace: { summary: 'The pace changed, or the run fell behind.', payload: pace },
  ramp: {
    summary: 'A ramp began, did something or ended; and after every frame while it is under way.',
    payload: rampSchema,
  },
  presence: { summary: 'Somebody came or left, looks elsewhere, or another one edits.', payload: presenceSchema },
  score: { summary: 'What came of a change is known.', payload: scoreSchema },
  forecast: { summary: 'The whole answer to the newest `preview` of this client.', payload: forecastSchema },
  approvals: {
    summary: 'A command waits or no longer waits for a second approval, or others have to.',
    payload: approvalsSchema,
  },
  alerts: {
    summary: 'An alert began, fired, is over, was acknowledged or silenced; or something is unusual.',
    payload: alertsSchema,
  },
  objectives: {
    summary: 'How objectives stand, with the newest figures of alerts; every few seconds.',
    payload: objectivesSchema,
  },
  failure: { summary: 'The run ended by itself; the server stops.', payload: z.object({ message: z.string() }) },
}
