import type { Route, Routing } from './routing'

/** The routing that lies so far (0 to 1) on the way from one to another; workloads that `to` leaves out are left out. */
export function blendRouting(from: Routing, to: Routing, way: number): Routing {
  return Object.fromEntries(Object.entries(to).map(([id, routes]) => [id, blend(from[id] ?? [], routes, way)]))
}

function blend(from: readonly Route[], to: readonly Route[], way: number): Route[] {
  const blended = new Map<string, Route>()
  const add = (routes: readonly Route[], part: number): void => {
    for (const { prefill, decode, share } of routes) {
      const key = JSON.stringify([prefill, decode])
      const before = blended.get(key)?.share ?? 0
      blended.set(key, { prefill, decode, share: before + share * part })
    }
  }
  add(from, 1 - way)
  add(to, way)
  return [...blended.values()].filter(({ share }) => share > 0)
}
