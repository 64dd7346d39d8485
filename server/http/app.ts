import express, { type Express, type RequestHandler } from 'express'
import type { Access } from '../access/access'
import { checkListed } from '../access/listed'
import type { Board } from '../live/board'
import { failed, notFound } from './errors'
import { guard } from './guard'
import { operationsOf } from './api'
import { routerOf } from './operation'

export interface AppOptions {
  dev: boolean
  access: Access
  page: RequestHandler
  onFailure: (cause: unknown) => void
}

export function createApp(board: Board, { dev, access, page, onFailure }: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  guard(app, { dev, access })
  app.use('/api', noStore)
  app.use(routerOf(operationsOf(board, access), { access, denied: () => board.counts.denied++ }))
  app.use('/api', notFound)
  app.use(page)
  app.use(notFound)
  app.use(failed(onFailure))
  checkListed(app.router)
  return app
}

const noStore: RequestHandler = (_, response, next) => {
  response.set('Cache-Control', 'no-store')
  next()
}
