import { Router, type RequestHandler } from 'express'
import type { z } from 'zod'
import { roleOfRoute } from '../access/table'
import { admitted, type Door } from './admission'
import { onlyMethods } from './errors'

/** What the server answers under one method of one path; the document and the router are both made of these. */
export interface Operation {
  method: 'get' | 'put' | 'post' | 'delete'
  /** Parameters stand in braces. */
  path: string
  summary: string
  parameters?: Parameter[]
  body?: z.ZodType
  /** By status. */
  answers: Record<number, OperationAnswer>
  handle: RequestHandler
}

export interface Parameter {
  name: string
  in: 'path' | 'header' | 'query'
  description: string
  schema: z.ZodType
}

export interface OperationAnswer {
  description: string
  schema?: z.ZodType
  /** JSON unless said otherwise. */
  type?: string
}

/**
 * Serves operations to those whose role is enough; a path that is there answers 405 to methods it has not. Fails where one has
 * no row in the table of roles.
 */
export function routerOf(operations: readonly Operation[], door: Door): Router {
  const router = Router()
  for (const path of new Set(operations.map(operation => operation.path))) {
    const here = operations.filter(operation => operation.path === path)
    const route = router.route(path.replace(/\{(\w+)\}/g, ':$1'))
    for (const { method, handle } of here) route[method](admitted(door, roleOfRoute(method, path), handle))
    route.all(
      onlyMethods(...here.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))),
    )
  }
  return router
}
