import { z } from 'zod'
import type { Board } from '../live/board'
import { exposition } from './metrics'
import type { Operation } from './operation'

const readiness = z.object({ ready: z.boolean() })

export function healthOperations(board: Board): Operation[] {
  return [
    {
      method: 'get',
      path: '/healthz',
      summary: 'Whether the server runs.',
      answers: { 200: { description: 'It does.', schema: z.object({ ok: z.literal(true) }) } },
      handle: (_, response) => void response.json({ ok: true }),
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
      answers: { 200: { description: 'Metrics.', type: 'text/plain' } },
      handle: async (_, response) => {
        const pools = await board.count()
        response.set('Content-Type', 'text/plain; version=0.0.4; charset=utf-8').send(exposition(board, pools))
      },
    },
  ]
}
