import { z } from 'zod'
import { refusalSchema } from '../control/answer'
import { sendRefusal } from '../http/errors'
import type { Operation, OperationAnswer } from '../http/operation'
import { numbersOf } from '../http/query'
import type { Board } from '../live/board'
import { refusalOf, refuse } from '../refusal'
import { detailSchema, windowSchema } from './request'

const { shape } = windowSchema
const refused = (description: string): OperationAnswer => ({
  description,
  schema: z.object({ error: refusalSchema }),
})

/** One pool in detail over REST. */
export function detailOperations(board: Board): Operation[] {
  return [
    {
      method: 'get',
      path: '/api/v1/pools/{pool}',
      summary: 'One pool in detail: latency, the replicas that are asked for, and what their chips do.',
      parameters: [
        { name: 'pool', in: 'path', description: 'Its name.', schema: z.string() },
        { name: 'from', in: 'query', description: 'Place in the order of the first replica.', schema: shape.from },
        { name: 'count', in: 'query', description: 'So many replicas at most.', schema: shape.count },
        { name: 'order', in: 'query', description: 'Of the replicas.', schema: shape.order },
        { name: 'replica', in: 'query', description: 'One that is told wherever it stands.', schema: shape.replica },
      ],
      answers: {
        200: { description: 'The pool, after the newest frame.', schema: detailSchema },
        400: refused('What was asked for is not clear.'),
        404: refused('The fleet has no such pool.'),
        503: refused('The run is on its way back to where it was.'),
      },
      handle: async (request, response) => {
        if (board.returning) return sendRefusal(response, 503, refuse('run', 'on its way back', 'a run that is back'))
        const { pools } = board.view
        const pool = pools.findIndex(({ id }) => id === request.params.pool)
        if (pool < 0) {
          const known = pools.slice(0, 20).map(({ id }) => id)
          const more = pools.length > known.length ? ` or another of ${pools.length}` : ''
          return sendRefusal(response, 404, refuse('pool', request.params.pool, `one of ${known.join(', ')}${more}`))
        }
        const query = numbersOf(request.query)
        const { success, data, error } = windowSchema.safeParse(query)
        if (!success) return sendRefusal(response, 400, refusalOf(error, query, 'query'))
        response.json(await board.detail({ pool, ...data }))
      },
    },
  ]
}
