import type { Request, Response } from 'express'
import { z } from 'zod'
import { diffMirrors } from '../../simulation/index'
import type { Actor } from '../control/actor'
import {
  accepted,
  conflict,
  forecastAnswer,
  foreseen,
  pending,
  refusalSchema,
  refused,
  routingStateSchema,
} from '../control/answer'
import { commandSchema, shortPreview, shortRouting } from '../control/command'
import type { Board } from '../live/board'
import type { CommandAnswer, ForecastAnswer, Refusal } from '../protocol'
import { refusalOf, refuse } from '../refusal'
import { rampSchema } from '../rollout/view'
import { actorOf } from './admission'
import { previewOf } from '../sockets/preview'
import { sendRefusal } from './errors'
import type { Operation, OperationAnswer, Parameter } from './operation'

const refusedAnswer: OperationAnswer = {
  description: 'Refused; nothing was done.',
  schema: z.object({ error: refusalSchema }),
}
const unavailableAnswer = { ...refusedAnswer, description: 'Not now: the journal cannot be written, or too many wait.' }
const key: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The id of the command, where the body has none.',
  schema: z.string().min(1).max(100),
}

/** Commands over REST: the same door as by socket. */
export function commandOperations({ control, previews, ramps, view, counts }: Board): Operation[] {
  return [
    {
      method: 'get',
      path: '/api/v1/routing',
      summary: 'The routing in force.',
      answers: { 200: { description: 'The routing.', schema: routingStateSchema } },
      handle: (_, response) => void response.json(control.routing()),
    },
    {
      method: 'put',
      path: '/api/v1/routing',
      summary: 'Changes the routing: the short form of the command `routing`.',
      parameters: [key],
      body: shortRouting,
      answers: {
        200: {
          description: 'It is in force.',
          schema: z.object({ revision: z.int(), effectiveAt: z.number() }),
        },
        202: { description: 'It waits for the approval of a second person.', schema: pending },
        400: { ...refusedAnswer, schema: refused.omit({ ok: true }) },
        409: { description: 'The revision is stale; this is in force.', schema: routingStateSchema },
        503: unavailableAnswer,
      },
      handle: putRouting,
    },
    {
      method: 'get',
      path: '/api/v1/routing/{revision}',
      summary: 'The routing under any revision of the run.',
      parameters: [{ name: 'revision', in: 'path', description: 'From 1.', schema: z.int().min(1) }],
      answers: { 200: { description: 'The routing.', schema: routingStateSchema }, 404: refusedAnswer },
      handle: (request, response) => {
        const wanted = String(request.params.revision)
        const state = /^\d{1,15}$/.test(wanted) ? control.revision(Number(wanted)) : null
        if (state) response.json(state)
        else sendRefusal(response, 404, refuse('revision', wanted, `1 to ${control.routing().revision}`))
      },
    },
    {
      method: 'post',
      path: '/api/v1/commands',
      summary: 'Carries out a command; the same record and the same answer as the socket event `command`.',
      parameters: [key],
      body: commandSchema,
      answers: {
        200: {
          description: 'It is in force; or, of a dry run, what it would do.',
          schema: z.union([accepted, foreseen]),
        },
        202: { description: 'It waits for the approval of a second person.', schema: pending },
        400: { ...refusedAnswer, schema: refused },
        403: { description: 'The role is too little for it; nothing was done.', schema: refused },
        409: { description: 'The base revision is stale; nothing was done.', schema: conflict },
        503: { ...unavailableAnswer, schema: refused },
      },
      handle: async (request, response) => {
        const answer = await submit(request, actorOf(response), request.body)
        response.status(statusOf(answer)).json(answer)
      },
    },
    {
      method: 'post',
      path: '/api/v1/preview',
      summary:
        'What a draft of the routing will do, beside what the routing in force will do; the whole answer, within seconds.',
      body: shortPreview,
      answers: {
        200: { description: 'Both futures.', schema: forecastAnswer },
        400: { description: 'Refused, with the nearest routing that could be.', schema: forecastAnswer },
      },
      handle: async (request, response) => {
        const answer = await wholeOf(request.body)
        response.status(answer.ok ? 200 : 400).json(answer)
      },
    },
    {
      method: 'get',
      path: '/api/v1/ramp',
      summary: 'The ramp that is under way, or the newest one that was; null before the first.',
      answers: { 200: { description: 'The ramp.', schema: rampSchema.nullable() } },
      handle: (_, response) => void response.json(ramps.newest()),
    },
    {
      method: 'get',
      path: '/api/v1/fleet',
      summary: 'The fleet as the screen knows it; it does not change while the run lasts.',
      answers: {
        200: { description: 'Workloads, pools, families, flows.', schema: z.looseObject({ id: z.string() }) },
      },
      handle: (_, response) => void response.json(view),
    },
  ]

  /** Every request asks for itself; nothing supersedes it. */
  function wholeOf(body: unknown): Promise<ForecastAnswer> {
    return new Promise((resolve, reject) => {
      previewOf(body, previews, {}, answer => answer.whole && resolve(answer)).then(first => {
        if (!first.ok || 'superseded' in first) resolve(first)
      }, reject)
    })
  }

  async function putRouting(request: Request, response: Response): Promise<void> {
    const { success, data, error } = shortRouting.safeParse(request.body)
    if (!success) {
      counts.commands++
      counts.refused++
      return sendRefusal(response, 400, refusalOf(error, request.body))
    }
    const { revision: baseRevision, mirrors, ...rest } = data
    const known = control.revision(baseRevision)?.mirrors
    if (mirrors && known && diffMirrors(known, mirrors).length > 0) {
      counts.commands++
      counts.refused++
      const expected = `those of revision ${baseRevision}, or none: the command mirror changes them`
      return sendRefusal(response, 400, refuse('mirrors', mirrors, expected))
    }
    const answer = await submit(request, actorOf(response), { kind: 'routing', ...rest, baseRevision })
    if (answer.ok && 'pending' in answer) response.status(202).json(answer)
    else if (answer.ok) response.json({ revision: answer.revision, effectiveAt: answer.effectiveAt })
    else if ('conflict' in answer) response.status(409).json(answer.current)
    else {
      const { ok: _, ...refusal } = answer
      response.status(statusOf(answer)).json(refusal)
    }
  }

  async function submit(request: Request, actor: Actor, body: unknown): Promise<CommandAnswer> {
    counts.commands++
    const keyed = withKey(body, request.get('idempotency-key'))
    const answer: CommandAnswer =
      'refusal' in keyed
        ? { ok: false, error: keyed.refusal }
        : await control.submit(keyed.body, { actor, via: `rest ${request.socket.remoteAddress}` })
    if (!answer.ok) counts.refused++
    return answer
  }
}

/** Refusals that are not the sender's fault. */
const unavailable = ['journal', 'queue']

function statusOf(answer: CommandAnswer): number {
  if (answer.ok) return 'pending' in answer ? 202 : 200
  if ('conflict' in answer) return 409
  if (answer.error.field === 'role') return 403
  return unavailable.includes(answer.error.field) ? 503 : 400
}

function withKey(body: unknown, key: string | undefined): { body: unknown } | { refusal: Refusal } {
  if (key === undefined || typeof body !== 'object' || body === null || Array.isArray(body)) return { body }
  const id = 'id' in body ? body.id : undefined
  if (id !== undefined && id !== key) return { refusal: refuse('idempotency-key', key, 'the id of the body, or none') }
  return { body: { ...body, id: key } }
}
