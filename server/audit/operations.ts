import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { refusalSchema } from '../control/answer'
import { sendRefusal } from '../http/errors'
import type { Operation, OperationAnswer, Parameter } from '../http/operation'
import { refusalOf } from '../refusal'
import type { Audit } from './audit'
import { auditFilter, auditPage, auditQuery, type AuditFilter } from './entry'
import { csvOf, linesOf } from './export'

const refused: OperationAnswer = {
  description: 'What was asked for is not clear.',
  schema: z.object({ error: refusalSchema }),
}
const filters: Parameter[] = [
  { name: 'kind', in: 'query', description: 'Kind of the command.', schema: auditFilter.shape.kind },
  { name: 'by', in: 'query', description: 'Name of who did it.', schema: auditFilter.shape.by },
  {
    name: 'workload',
    in: 'query',
    description: 'A workload whose shares it changed.',
    schema: auditFilter.shape.workload,
  },
  { name: 'revision', in: 'query', description: 'The change that brought it.', schema: auditFilter.shape.revision },
  {
    name: 'of',
    in: 'query',
    description: 'An entry by its number, and what belongs to it: the acts of a ramp, the verdict on a proposal.',
    schema: auditFilter.shape.of,
  },
  { name: 'text', in: 'query', description: 'Part of its words, reason, name or key.', schema: auditFilter.shape.text },
]

/** The audit over REST: page by page, or whole as a file. */
export function auditOperations(audit: Audit): Operation[] {
  return [
    {
      method: 'get',
      path: '/api/v1/changes',
      summary: 'What was done to the run, by whom and why, newest first.',
      parameters: [
        ...filters,
        {
          name: 'before',
          in: 'query',
          description: 'Only what is older than that number.',
          schema: auditQuery.shape.before,
        },
        { name: 'limit', in: 'query', description: 'So many at most.', schema: auditQuery.shape.limit },
      ],
      answers: { 200: { description: 'A page.', schema: auditPage }, 400: refused },
      handle: (request, response) => {
        const { success, data, error } = auditQuery.safeParse(request.query)
        if (success) response.json(audit.page(data))
        else sendRefusal(response, 400, refusalOf(error, request.query, 'query'))
      },
    },
    {
      method: 'get',
      path: '/api/v1/changes.csv',
      summary: 'The same as a table, oldest first, all of it.',
      parameters: filters,
      answers: { 200: { description: 'RFC 4180.', type: 'text/csv' }, 400: refused },
      handle: (request, response) => send(request, response, 'csv', csvOf),
    },
    {
      method: 'get',
      path: '/api/v1/changes.ndjson',
      summary: 'The same as JSON lines, oldest first, all of it.',
      parameters: filters,
      answers: { 200: { description: 'An entry a line.', type: 'application/x-ndjson' }, 400: refused },
      handle: (request, response) => send(request, response, 'ndjson', linesOf),
    },
  ]

  async function send(
    request: Request,
    response: Response,
    ending: 'csv' | 'ndjson',
    write: (entries: ReturnType<Audit['all']>) => Iterable<string>,
  ): Promise<void> {
    const { success, data, error } = auditFilter.safeParse(request.query)
    if (!success) return sendRefusal(response, 400, refusalOf(error, request.query, 'query'))
    const filter: AuditFilter = data
    response.attachment(`headgate-changes.${ending}`)
    response.type(ending === 'csv' ? 'text/csv' : 'application/x-ndjson')
    await pipeline(Readable.from(write(audit.all(filter))), response)
  }
}
