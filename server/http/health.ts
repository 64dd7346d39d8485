import { Router } from 'express'
import type { Board } from '../live/board'
import { onlyMethods } from './errors'
import { exposition } from './metrics'

export function healthRoutes(board: Board): Router {
  const router = Router()
  router
    .route('/healthz')
    .get((_, response) => void response.json({ ok: true }))
    .all(onlyMethods('GET', 'HEAD'))
  router
    .route('/readyz')
    .get((_, response) => void response.status(board.ready ? 200 : 503).json({ ready: board.ready }))
    .all(onlyMethods('GET', 'HEAD'))
  router
    .route('/metrics')
    .get(async (_, response) => {
      const pools = await board.count()
      response.set('Content-Type', 'text/plain; version=0.0.4; charset=utf-8').send(exposition(board, pools))
    })
    .all(onlyMethods('GET', 'HEAD'))
  return router
}
