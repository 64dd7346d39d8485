import { Router, type Request, type Response } from 'express'
import type { Board } from '../live/board'
import type { CommandAnswer } from '../protocol'
import { refuse } from '../refusal'
import { onlyMethods, sendRefusal } from './errors'

/** Commands over REST: the same door as by socket. */
export function commandRoutes({ control, view, counts }: Board): Router {
  const router = Router()

  router
    .route('/routing')
    .get((_, response) => void response.json(control.routing()))
    .put(async (request, response) => {
      const body: unknown = request.body
      if (!isRecord(body)) return refused(response, refuse('body', body, 'an object with revision and routing'))
      if ('kind' in body) return refused(response, refuse('kind', body.kind, 'no such field'))
      await submit(request, response, { ...body, kind: 'routing' })
    })
    .all(onlyMethods('GET', 'HEAD', 'PUT'))

  router
    .route('/commands')
    .post((request, response) => submit(request, response, request.body))
    .all(onlyMethods('POST'))

  router
    .route('/fleet')
    .get((_, response) => void response.json(view))
    .all(onlyMethods('GET', 'HEAD'))

  return router

  async function submit(request: Request, response: Response, command: unknown): Promise<void> {
    counts.commands++
    const answer = await control.submit(command, `rest ${request.socket.remoteAddress}`)
    if (!answer.ok) counts.refused++
    send(response, answer)
  }

  function refused(response: Response, error: ReturnType<typeof refuse>): void {
    counts.commands++
    counts.refused++
    sendRefusal(response, 400, error)
  }
}

/** Refusals that are not the sender's fault. */
const unavailable = ['journal', 'queue']

function send(response: Response, answer: CommandAnswer): void {
  if (answer.ok) response.json({ revision: answer.revision, effectiveAt: answer.effectiveAt })
  else if ('conflict' in answer) response.status(409).json(answer.current)
  else sendRefusal(response, unavailable.includes(answer.error.field) ? 503 : 400, answer.error)
}

function isRecord(body: unknown): body is Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Array.isArray(body)
}
