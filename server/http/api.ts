import { z } from 'zod'
import type { Access } from '../access/access'
import { alertOperations } from '../alerts/operations'
import { auditOperations } from '../audit/operations'
import { detailOperations } from '../detail/operations'
import { historyOperations } from '../history/operations'
import { accessOperations } from '../access/operations'
import type { Board } from '../live/board'
import { approvalsSchema } from '../control/approvals'
import { presenceSchema } from '../access/screen'
import { apiPage, apiStyle } from './api-page'
import { commandOperations } from './commands'
import { documentOf } from './document'
import { healthOperations } from './health'
import type { Operation } from './operation'

/** Everything that the server answers beside its pages; what is not listed here is not there. */
export function operationsOf(board: Board, access: Access): Operation[] {
  const operations: Operation[] = [
    ...commandOperations(board),
    ...accessOperations(access),
    ...auditOperations(board.audit),
    ...alertOperations(board.alerts),
    ...historyOperations(board),
    ...detailOperations(board),
    ...healthOperations(board, access),
    {
      method: 'get',
      path: '/api/v1/presence',
      summary: 'Who is here, and who edits the routing.',
      answers: { 200: { description: 'People with a screen.', schema: presenceSchema } },
      handle: (_, response) => void response.json(board.attendance.view()),
    },
    {
      method: 'get',
      path: '/api/v1/approvals',
      summary: 'What waits for a second approval, and what has to.',
      answers: { 200: { description: 'Proposals, and the limit.', schema: approvalsSchema } },
      handle: (_, response) => void response.json(board.control.approvals()),
    },
    {
      method: 'get',
      path: '/api/openapi.json',
      summary: 'This document.',
      answers: { 200: { description: 'OpenAPI 3.1.', schema: z.looseObject({ openapi: z.string() }) } },
      handle: (_, response) => void response.json(documented),
    },
    {
      method: 'get',
      path: '/api',
      summary: 'This document, for people.',
      answers: { 200: { description: 'A page.', type: 'text/html' } },
      handle: (_, response) => void response.type('html').send(page),
    },
    {
      method: 'get',
      path: '/api/style.css',
      summary: 'How that page looks.',
      answers: { 200: { description: 'A style sheet.', type: 'text/css' } },
      handle: (_, response) => void response.type('css').send(apiStyle),
    },
  ]
  const documented = documentOf(operations)
  const page = apiPage(documented)
  return operations
}
