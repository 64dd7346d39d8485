import { z } from 'zod'
import { refusalSchema } from '../control/answer'
import type { Access } from '../access/access'
import { tokenOf } from '../access/credentials'
import type { Board } from '../live/board'
import { refuse } from '../refusal'
import { sendRefusal } from './errors'
import { exposition } from './metrics'
import type { Operation } from './operation'

const cause = z.string().nullable()
const health = z.object({
  ok: z.literal(true),
  run: z.string(),
  resumed: z.boolean().meta({ description: 'The run was begun by a server before this one.' }),
  entries: z.int().meta({ description: 'Lines of the journal that are on disk.' }),
  failing: z
    .object({ journal: cause, frames: cause, snapshots: cause, history: cause })
    .meta({ description: 'What cannot be written at present, and why.' }),
  cut: z
    .object({ bytes: z.int(), file: z.string() })
    .nullable()
    .meta({ description: 'What was torn or corrupt at the end of the journal, and the file that keeps it.' }),
  snapshot: z
    .object({ sequence: z.int(), time: z.number(), bytes: z.int() })
    .nullable()
    .meta({ description: 'The newest snapshot of this start.' }),
})
const alive = z.object({ ok: z.literal(true) }).meta({ description: 'All that is told without a token.' })
const readiness = z.object({ ready: z.boolean() })

export function healthOperations(board: Board, access: Access): Operation[] {
  return [
    {
      method: 'get',
      path: '/healthz',
      summary: 'Whether the server runs, and how it stands with what survives a crash.',
      answers: { 200: { description: 'It runs.', schema: z.union([health, alive]) } },
      handle: (request, response) => {
        const known = 'session' in access.admit(tokenOf(request), request.socket.remoteAddress ?? 'unknown')
        response.json({ ok: true, ...(known ? board.durability() : {}) })
      },
    },
    {
      method: 'get',
      path: '/readyz',
      summary: 'Whether the run is warmed up and follows the clock.',
      answers: {
        200: { description: 'It is.', schema: readiness },
        503: { description: 'Not yet, or not any more.', schema: readiness },
      },
      handle: (_, response) => void response.status(board.ready ? 200 : 503).json({ ready: board.ready }),
    },
    {
      method: 'get',
      path: '/metrics',
      summary: 'The newest figures in the text format of Prometheus.',
      answers: {
        200: { description: 'Metrics.', type: 'text/plain' },
        503: { description: 'The run is on its way back to where it was.', schema: z.object({ error: refusalSchema }) },
      },
      handle: async (_, response) => {
        // counters would fall
        if (board.returning) return sendRefusal(response, 503, refuse('run', 'on its way back', 'a run that is back'))
        const count = await board.count()
        response.set('Content-Type', 'text/plain; version=0.0.4; charset=utf-8').send(exposition(board, count))
      },
    },
  ]
}
