import { z } from 'zod'
import { refusalSchema } from '../control/answer'
import { sendRefusal } from '../http/errors'
import type { Operation, OperationAnswer } from '../http/operation'
import { numbersOf } from '../http/query'
import type { Board } from '../live/board'
import type { Refusal } from '../protocol'
import { momentOf, rangeOf } from './answer'
import { momentRequest, momentSchema, rangeRequest, rangeSchema } from './request'

const { shape } = rangeRequest
const refused = (description: string): OperationAnswer => ({
  description,
  schema: z.object({ error: refusalSchema }),
})
const away = refused('The run is on its way back to where it was.')

/** Time travel over REST. */
export function historyOperations(board: Board): Operation[] {
  return [
    {
      method: 'get',
      path: '/api/v1/history',
      summary: 'Figures over a stretch of time, thinned to the resolution that fits into so many points.',
      parameters: [
        { name: 'from', in: 'query', description: 'Simulated time [s].', schema: shape.from },
        { name: 'to', in: 'query', description: 'Simulated time [s]; without it, the newest.', schema: shape.to },
        { name: 'points', in: 'query', description: 'So many at most, but for gaps.', schema: shape.points },
        {
          name: 'series',
          in: 'query',
          description:
            'Names with commas between, such as fleet.goodput,pools.kvUse; without it, those that charts draw.',
          schema: z.string(),
        },
      ],
      answers: {
        200: { description: 'Columns.', schema: rangeSchema },
        400: refused('What was asked for is not clear.'),
        503: away,
      },
      handle: async (request, response) => {
        const { series, ...query } = request.query
        const asked = { ...numbersOf(query), ...(series === undefined ? {} : { series: listed(series) }) }
        const answer = await rangeOf(board, asked)
        if (!answer.ok) return sendRefusal(response, statusOf(answer.error), answer.error)
        const { ok: _, ...range } = answer
        response.json(range)
      },
    },
    {
      method: 'get',
      path: '/api/v1/frames/{time}',
      summary: 'The whole frame at or before a time, and the routing that was in force.',
      parameters: [{ name: 'time', in: 'path', description: 'Simulated time [s].', schema: momentRequest.shape.time }],
      answers: {
        200: { description: 'The moment.', schema: momentSchema },
        400: refused('That is no time.'),
        404: refused('Nothing is kept of that time.'),
        503: away,
      },
      handle: async (request, response) => {
        const asked = numbersOf(request.params)
        const answer = await momentOf(board, asked)
        if (!answer.ok) {
          const { success } = momentRequest.safeParse(asked)
          return sendRefusal(
            response,
            success && answer.error.field === 'time' ? 404 : statusOf(answer.error),
            answer.error,
          )
        }
        const { ok: _, ...moment } = answer
        response.json(moment)
      },
    },
  ]
}

/** Names with commas between them. */
function listed(series: unknown): unknown {
  return typeof series === 'string' ? series.split(',') : series
}

function statusOf({ field }: Refusal): number {
  return field === 'run' ? 503 : 400
}
