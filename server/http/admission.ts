import type { RequestHandler, Response } from 'express'
import type { Access, Admission, Session } from '../access/access'
import { tokenOf } from '../access/credentials'
import { checkRole, type Least } from '../access/table'
import type { Actor } from '../control/actor'
import { sendRefusal } from './errors'

export interface Door {
  access: Access
  /** Somebody was turned away. */
  denied: () => void
}

/** A handler for those whose role is enough. */
export function admitted({ access, denied }: Door, least: Least, handle: RequestHandler): RequestHandler {
  if (least === 'anyone') return handle
  return (request, response, next) => {
    const admission = access.admit(tokenOf(request), request.socket.remoteAddress ?? 'unknown')
    if (!('session' in admission)) {
      denied()
      return sendDenial(response, admission)
    }
    const refusal = checkRole(admission.session.actor.role, least)
    if (refusal) {
      denied()
      return sendRefusal(response, 403, refusal)
    }
    response.locals.session = admission.session
    return handle(request, response, next)
  }
}

export function sendDenial(
  response: Response,
  { status, refusal, waitMs }: Exclude<Admission, { session: Session }>,
): void {
  if (status === 401) response.set('WWW-Authenticate', 'Bearer')
  else response.set('Retry-After', `${Math.ceil(waitMs / 1000)}`)
  sendRefusal(response, status, refusal)
}

/** Who asks, of a request that was admitted. */
export function actorOf(response: Response): Actor {
  const session: Session | undefined = response.locals.session
  if (!session) throw new Error('an operation that anyone may ask for knows nobody')
  return session.actor
}
