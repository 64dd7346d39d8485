import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Router, static as files } from 'express'

const pageRoutes = ['/', '/route', '/changes', '/alerts']

/** The built page. Names of assets carry a hash of what they hold, so they may be kept for good; the rest is asked for anew. */
export function pages(folder: string): Router {
  const router = Router()
  router.use('/assets', files(join(folder, 'assets'), { immutable: true, maxAge: '1y', index: false, redirect: false }))
  router.use(files(folder, { index: false, redirect: false, cacheControl: false, setHeaders: fresh }))
  router.get(pageRoutes, (_, response) => {
    fresh(response)
    response.sendFile(join(folder, 'index.html'), { cacheControl: false })
  })
  return router
}

export function isBuilt(folder: string): boolean {
  return existsSync(join(folder, 'index.html'))
}

function fresh(response: { setHeader: (name: string, value: string) => unknown }): void {
  response.setHeader('Cache-Control', 'no-cache')
}
