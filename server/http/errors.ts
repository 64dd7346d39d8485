import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import type { Refusal } from '../protocol'
import { refuse } from '../refusal'

export function sendRefusal(response: Response, status: number, error: Refusal): void {
  response.status(status).json({ error })
}

/** For a path that is there, but not with this method. */
export function onlyMethods(...methods: string[]): RequestHandler {
  return (request, response) => {
    response.set('Allow', methods.join(', '))
    sendRefusal(response, 405, refuse('method', request.method, methods.join(' or ')))
  }
}

export const notFound: RequestHandler = (request, response) => {
  sendRefusal(
    response,
    404,
    refuse('path', request.baseUrl + request.path, 'a path of this server, such as / or /api/v1/routing'),
  )
}

/** Last of all: what a body parser or a handler threw, without its inner workings. */
export function failed(onFailure: (cause: unknown) => void): ErrorRequestHandler {
  return (cause: unknown, request, response, next) => {
    if (response.headersSent) return next(cause)
    const { status, type } = describe(cause)
    if (status === 413)
      return sendRefusal(response, 413, refuse('body', request.headers['content-length'], 'at most 64 KiB'))
    if (type === 'entity.parse.failed' || (status === 400 && type === ''))
      return sendRefusal(response, 400, refuse('body', 'malformed', 'a JSON object'))
    if (status >= 400 && status < 500)
      return sendRefusal(response, status, refuse('request', type, 'a request that can be read'))
    onFailure(cause)
    sendRefusal(response, 500, refuse('server', 'failed', 'an answer; the cause is in its log'))
  }
}

function describe(cause: unknown): { status: number; type: string } {
  if (typeof cause !== 'object' || cause === null) return { status: 500, type: '' }
  const status = 'status' in cause && typeof cause.status === 'number' ? cause.status : 500
  return { status, type: 'type' in cause && typeof cause.type === 'string' ? cause.type : '' }
}
