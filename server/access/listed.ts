import type { Router } from 'express'
import { roleOfRoute } from './table'

interface Layer {
  route?: { path: string | string[]; stack: { method?: string }[] }
  handle?: { stack?: Layer[] }
}

/** Every route of a router as the router itself lists them: "get /api/v1/routing/{revision}". */
export function routesOf(router: Router): string[] {
  // express does not type its layers
  return walk(router.stack as unknown as Layer[])
}

/** Fails where a route has no row in the table of roles. */
export function checkListed(router: Router): void {
  for (const route of routesOf(router)) {
    const [method = '', path = ''] = route.split(' ')
    roleOfRoute(method, path)
  }
}

function walk(layers: readonly Layer[]): string[] {
  return layers.flatMap(({ route, handle }) => {
    if (!route) return walk(handle?.stack ?? [])
    const methods = route.stack.flatMap(({ method }) => method ?? [])
    const paths = [route.path].flat().map(path => path.replace(/:(\w+)/g, '{$1}'))
    return paths.flatMap(path => methods.map(method => `${method} ${path}`))
  })
}
