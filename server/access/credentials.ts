import type { IncomingMessage } from 'node:http'

/**
 * The token that a request carries, as `Authorization: Bearer` or in the cookie of the page; `null` if none. The cookie is not
 * to be read by scripts, and comes from the page of this server alone.
 */
export function tokenOf(request: IncomingMessage): string | null {
  const { authorization, cookie } = request.headers
  if (authorization !== undefined) return /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? ''
  const name = cookieName(request)
  const pairs = (cookie ?? '').split(';').map(pair => pair.trim())
  return pairs.find(pair => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? null
}

/** The `Set-Cookie` that keeps a token in a browser until it is closed, or takes it away. */
export function cookieOf(request: IncomingMessage, token: string | null): string {
  const secure = request.headers.origin?.startsWith('https:') ? ['Secure'] : []
  const gone = token === null ? ['Max-Age=0'] : []
  return [`${cookieName(request)}=${token ?? ''}`, 'Path=/', 'HttpOnly', 'SameSite=Strict', ...secure, ...gone].join(
    '; ',
  )
}

/** Cookies do not know ports: two servers on one machine keep theirs apart by name. */
function cookieName(request: IncomingMessage): string {
  return `headgate-${request.socket.localPort}`
}
