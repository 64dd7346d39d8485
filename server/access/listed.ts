import type { Router } from 'express'
import { roleOfRoute } from './table'

interface Layer {
  /** The page from its sources is served by layers of another kind, with a path here and no methods. */
  route?: { path: string | string[]; stack: { method?: string }[] } | string
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
    if (typeof route !== 'object') return walk(handle?.stack ?? [])
    const named = route.stack.flatMap(({ method }) => method ?? [])
    const methods = named.length > 0 ? named : ['all']
    const paths = [route.path].flat().map(path => path.replace(/:(\w+)/g, '{$1}'))
    return paths.flatMap(path => methods.map(method => `${method} ${path}`))
  })
}
