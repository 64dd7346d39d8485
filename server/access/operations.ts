import type { Request } from 'express'
import { z } from 'zod'
import { roles } from '../control/actor'
import { refusalSchema } from '../control/answer'
import { sendRefusal } from '../http/errors'
import { actorOf, sendDenial } from '../http/admission'
import type { Operation } from '../http/operation'
import { refusalOf } from '../refusal'
import type { Access } from './access'
import { cookieOf, tokenOf } from './credentials'
import { addAnswer, addToken, listAnswer, listTokens, revokeAnswer, revokeToken } from './desk'
import { newTokenSchema } from './tokens'

const actor = z.object({ name: z.string(), role: z.enum(roles) })
const signIn = z.strictObject({ token: z.string().min(1).max(200) })
const denied = { description: 'No right token.', schema: z.object({ error: refusalSchema }) }
const tooMany = { ...denied, description: 'Too many wrong tokens from this address; see `Retry-After`.' }
const refused = { description: 'Refused; nothing was done.', schema: addAnswer }

/** Sessions of the page, and the tokens. */
export function accessOperations(access: Access): Operation[] {
  return [
    {
      method: 'get',
      path: '/api/v1/session',
      summary: 'Who asks.',
      answers: {
        200: {
          description: 'The holder of the token; null without one.',
          schema: z.object({ actor: actor.nullable() }),
        },
      },
      handle: (request, response) => {
        const admission = access.admit(tokenOf(request), addressOf(request))
        response.json({ actor: 'session' in admission ? admission.session.actor : null })
      },
    },
    {
      method: 'post',
      path: '/api/v1/session',
      summary: 'Signs a browser in: the token is kept in a cookie that scripts cannot read.',
      body: signIn,
      answers: {
        200: { description: 'Signed in.', schema: z.object({ actor }) },
        400: { ...denied, description: 'No token given.' },
        401: denied,
        429: tooMany,
      },
      handle: (request, response) => {
        const { success, data, error } = signIn.safeParse(request.body)
        if (!success) return sendRefusal(response, 400, refusalOf(error, request.body))
        const admission = access.admit(data.token, addressOf(request))
        if (!('session' in admission)) return sendDenial(response, admission)
        const { session } = admission
        if (session.token !== null) response.setHeader('Set-Cookie', cookieOf(request, data.token))
        response.json({ actor: session.actor })
      },
    },
    {
      method: 'delete',
      path: '/api/v1/session',
      summary: 'Signs a browser out.',
      answers: { 200: { description: 'Signed out.', schema: z.object({ actor: z.null() }) } },
      handle: (request, response) => {
        response.setHeader('Set-Cookie', cookieOf(request, null))
        response.json({ actor: null })
      },
    },
    {
      method: 'get',
      path: '/api/v1/tokens',
      summary: 'All tokens, those that are revoked too; never the tokens themselves.',
      answers: { 200: { description: 'Names, roles, when and by whom.', schema: listAnswer } },
      handle: (_, response) => void response.json(listTokens(access, {})),
    },
    {
      method: 'post',
      path: '/api/v1/tokens',
      summary: 'Adds a token. The first has to be an admin’s.',
      body: newTokenSchema,
      answers: { 200: { description: 'The token, this once.', schema: addAnswer }, 400: refused, 503: refused },
      handle: async (request, response) => {
        const answer = await addToken(access, request.body, actorOf(response))
        response.status(statusOf(answer)).json(answer)
      },
    },
    {
      method: 'delete',
      path: '/api/v1/tokens/{name}',
      summary: 'Revokes a token; whoever came in with it is put out at once.',
      parameters: [{ name: 'name', in: 'path', description: 'Whose token.', schema: z.string() }],
      answers: { 200: { description: 'Revoked.', schema: revokeAnswer }, 400: refused, 503: refused },
      handle: async (request, response) => {
        const answer = await revokeToken(access, { name: request.params.name }, actorOf(response))
        response.status(statusOf(answer)).json(answer)
      },
    },
  ]
}

function statusOf(answer: { ok: true } | { ok: false; error: { field: string } }): number {
  if (answer.ok) return 200
  return answer.error.field === 'disk' ? 503 : 400
}

function addressOf(request: Request): string {
  return request.socket.remoteAddress ?? 'unknown'
}
